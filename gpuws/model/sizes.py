"""`64g`, `40GiB`, `1024`: sizes as Compose writes them; a bare number is bytes. Pure."""

from __future__ import annotations

from gpuws.model import units

MOST = 1 << 60  # more is a slip of the finger


def parse_size(value: object) -> int:
    """Bytes. ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a size such as 64g or 512m")
    size = value if isinstance(value, int) else units.parse_size(value)
    if not 0 <= size < MOST:
        raise ValueError("expected a size such as 64g or 512m")
    return int(size)
