"""What every document has: the hosts that it is about, and how it is printed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.present.documents.fields.base import HostRow

Data = Mapping[str, object]
"""A document: one of `fields`."""


def printed(data: object, *, indent: int | None = 2) -> str:
    """`data` as printed: in ASCII, so that no name of a host steers a terminal, and every encoding has it."""
    import json

    text = json.dumps(data, indent=indent)
    if "\\ud" in text:  # perhaps half a character, which many readers can't take
        whole = json.dumps(data, ensure_ascii=False).encode(errors="replace")
        text = json.dumps(json.loads(whole), indent=indent)
    return text.replace("\x7f", "\\u007f")


def hosts(snapshots: Sequence[HostSnapshot], now: float) -> list[HostRow]:
    """`now`: epoch seconds."""
    return [host(snapshot, now) for snapshot in snapshots]


def host(snapshot: HostSnapshot, now: float) -> HostRow:
    age = snapshot.age(now)
    told: HostRow = {
        "name": snapshot.name,
        "state": snapshot.state.value,
        "error": snapshot.error,
        "age_seconds": None if age is None else round(age, 1),
    }
    if snapshot.aliases:
        told["aliases"] = list(snapshot.aliases)
    return told
