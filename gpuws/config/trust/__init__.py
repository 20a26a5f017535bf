"""Shared files: what they say and draw in, and what of it I accepted."""
