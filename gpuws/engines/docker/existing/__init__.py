"""Containers that exist: listed, read, compared with their profile, and made again."""
