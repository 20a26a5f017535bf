"""Whose things are: pid, container and person joined, and who holds how much."""
