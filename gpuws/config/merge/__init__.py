"""Parts of a configuration laid over each other: `extends`, overlays, variables, `--set`."""
