"""What a login shell of a host does not come with, although `ssh` would bring it. Pure."""

from __future__ import annotations

from gpuws.model.host.snapshot import HostSnapshot


def left_out(snapshot: HostSnapshot) -> str:
    """One line; "" where ssh would do no more."""
    if not snapshot.besides:
        return ""
    return f"`ssh {snapshot.name}` would also {'; '.join(snapshot.besides)}: not done here"
