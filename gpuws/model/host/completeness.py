"""What a host has not told yet: an answer made without it says so. Pure."""

from __future__ import annotations

from gpuws.model.errors import Unreachable
from gpuws.model.host.snapshot import HostSnapshot

HOLDERS = frozenset({"telemetry", "containers"})
"""Who holds which GPU: a container may hold one on which no process runs."""

NAMED = HOLDERS | {"notebooks"}
"""The same, with the notebook that a kernel of mine serves."""

_WORDS = {
    "telemetry": "GPUs", "containers": "containers", "sessions": "tmux sessions", "notebooks": "notebooks",
}  # fmt: skip
_LONGER = "--timeout SECONDS waits longer"


def owed(snapshot: HostSnapshot, needs: frozenset[str]) -> frozenset[str]:
    """Those of `needs` that were not read. What a host is known not to have, or not to allow, is not owed."""
    return needs - snapshot.complete


def final(snapshot: HostSnapshot, needs: frozenset[str]) -> bool:
    """Waiting brings no more of `needs`: all of it was told, or why it can't be read."""
    if _mute(snapshot):  # its engine may answer all the same: its socket takes no command
        return owed(snapshot, needs) <= {"telemetry", "sessions", "notebooks"}
    return owed(snapshot, needs) <= ({"telemetry"} if snapshot.coverage == "failed" else set())


def shortfall(snapshot: HostSnapshot, needs: frozenset[str]) -> Unreachable | None:
    """What to say of a host that was reached and owes some of `needs`; None: it told all of them."""
    missing = owed(snapshot, needs)
    if not snapshot.state.reached or not missing:
        return None
    what = " and ".join(word for part, word in _WORDS.items() if part in missing)
    why = (
        f": {snapshot.telemetry_error}"
        if ("telemetry" in missing or _mute(snapshot)) and snapshot.telemetry_error
        else ""
    )
    if final(snapshot, needs):
        return Unreachable(f"{snapshot.name}: its {what} can't be read{why}")
    return Unreachable(f"{snapshot.name}: its {what} are not read yet{why}", _LONGER)


def _mute(snapshot: HostSnapshot) -> bool:
    """It runs no commands: whatever takes one is never told."""
    return snapshot.telemetry_error is not None and snapshot.telemetry_error.kind == "swallowed"
