"""Screens of text to read."""
