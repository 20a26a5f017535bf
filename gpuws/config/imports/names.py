"""Names of profiles, made of what others call their recipes. Pure."""

from __future__ import annotations

import re

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def profile_name(text: str) -> str:
    """A profile's name from any words; "" where nothing of them can stand in one."""
    return _NO_NAME.sub("-", text).strip("-._")[:128]
