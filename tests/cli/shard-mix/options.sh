shard-mix --help
