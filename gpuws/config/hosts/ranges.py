"""`gpu-[01-08]`, `r[1-2]n[01,03-04]`: many names in one, as pdsh and Slurm write them. Pure."""

from __future__ import annotations

import itertools
import re

MOST = 2048
_PART = re.compile(r"\[([^\[\]]*)\]")
_SPAN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?\Z")


def is_range(name: str) -> bool:
    return "[" in name or "]" in name


def in_address(address: str) -> bool:
    """Whether an address holds a range; brackets around the whole host are an IPv6 address."""
    return is_range(address) and not address.rpartition("@")[2].startswith("[")


def expand(name: str) -> list[str]:
    """Every name, in order; zeros in front are kept. ValueError says what was expected."""
    pieces = _PART.split(name)
    if any("[" in piece or "]" in piece for piece in pieces[::2]):
        raise ValueError("expected a range such as gpu-[01-08]")
    choices = [_numbers(piece) if index % 2 else [piece] for index, piece in enumerate(pieces)]
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > MOST:
        raise ValueError(f"expected at most {MOST} hosts, not {total}")
    return ["".join(parts) for parts in itertools.product(*choices)]


def _numbers(text: str) -> list[str]:
    numbers: list[str] = []
    for part in text.split(","):
        match = _SPAN.match(part.strip())
        if not match:
            raise ValueError("expected a range such as gpu-[01-08]")
        first, last = match[1], match[2] or match[1]
        if int(last) < int(first):
            raise ValueError(f"expected a rising range, not {first}-{last}")
        if int(last) - int(first) >= MOST:
            raise ValueError(f"expected at most {MOST} hosts")
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        numbers += (f"{number:0{width}d}" if width else str(number) for number in range(int(first), int(last) + 1))
    return numbers
