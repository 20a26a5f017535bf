"""Jupyter servers of a Place."""
