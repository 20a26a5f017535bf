"""YAML with the line and column of every key and value, and what is wrong with it."""
