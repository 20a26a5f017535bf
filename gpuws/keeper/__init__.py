"""A background process of the user that holds links, tunnels and questions; screens and commands are its clients."""

PROTOCOL = 4
"""Raised by every change of the messages that an older side could not read."""
