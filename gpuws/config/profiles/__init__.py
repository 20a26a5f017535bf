"""Profiles: found, read, laid over each other, validated, and written."""
