"""Which containers may go together: mine that have ended, and of those what a filter means. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.filter import compile_container_filter
from gpuws.model.workspace.workspace import Workspace


def to_prune(snapshot: HostSnapshot, expressions: Sequence[str] = ()) -> list[Workspace]:
    """What a launch of mine made and has ended; what nobody's label calls mine stays, whoever may remove it. The oldest
    first."""
    tests = [compile_container_filter(text) for text in expressions]
    found = [
        one
        for one in snapshot.workspaces
        if one.mine and one.state == "exited" and one.allows("remove") and all(test(snapshot, one) for test in tests)
    ]
    return sorted(found, key=lambda one: one.created or 0.0)
