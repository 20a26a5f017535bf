"""Compose files, each service as a profile."""
