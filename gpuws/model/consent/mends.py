"""What is asked before a row of the doctor is mended: what it touches, what is lost, the plain command. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.checkup.mend import Mend
from gpuws.model.consent.confirm import Confirmation, confirmation, writable
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.tunnel import Tunnel


def mend_confirmation(mend: Mend, snapshot: HostSnapshot, now: float, tunnels: Sequence[Tunnel] = ()) -> Confirmation:
    """Never without one. `Refused` on a read-only host. A restart says how busy the workspace is, as it does
    elsewhere."""
    writable(snapshot)
    found = next((one for one in snapshot.workspaces if one.id in mend.workspaces), None)
    if mend.kind == "restart" and found is not None:
        asked = confirmation("restart", found, snapshot, now, command=mend.command, tunnels=tunnels)
        if asked is not None:
            return asked
    return Confirmation(mend.title, mend.lines, mend.command, busy=True)
