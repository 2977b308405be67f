mask-tokens --help
