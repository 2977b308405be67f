shard-cat --help
