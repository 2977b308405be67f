shard-wiki --help
