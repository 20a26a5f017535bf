"""How the two sides of the keeper's socket greet each other, whatever their versions."""

from __future__ import annotations

PROTOCOL = 4
"""Raised by every change of the messages that an older side could not read."""
