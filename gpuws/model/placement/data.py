"""What a plan says of the data that a clone brings along, as rows beside its checks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.model.placement.plan import Check
from gpuws.model.workspace.storage import Mount


def rows(data: Sequence[Mount], source: str, *, runs: bool) -> Iterator[Check]:
    """`source`: the workspace that it comes from, which may go on writing (`runs`)."""
    for one in data:
        if one.there:
            text = f"{one.short} goes to {one.path}, where something is: files of the same name are written over"
            yield Check("data", "warn", text, "leave it out, where that one is to stay as it is")
        else:
            yield Check("data", "ok", f"{one.short} of {source} goes to {one.path}")
    if data and runs:
        yield Check("data", "warn", f"{source} runs: what it writes meanwhile may arrive in part", "stop it first")
