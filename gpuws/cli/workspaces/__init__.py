"""`start`, `stop`, `restart`, `kill`, `rm`, `drift`, `recreate`, `clone`: what becomes of a workspace."""
