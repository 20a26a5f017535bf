"""Sends notices: to programs of mine, and to addresses on the web."""
