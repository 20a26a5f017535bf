"""Jupyter, in the browser through a tunnel."""
