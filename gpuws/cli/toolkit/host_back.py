"""Waiting for a host whose link was lost until it is there again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.selection import FAILED, reachable
from gpuws.cli.toolkit.waiting import until
from gpuws.model.errors import TargetError
from gpuws.model.host.host import HostState

if TYPE_CHECKING:
    from gpuws.fleet.looking import Looking
    from gpuws.link.place import Ask
    from gpuws.model.host.snapshot import HostSnapshot

NUDGE = 5.0  # seconds after which it is said again that somebody waits


def host_back(
    fleet: Looking,
    host: str,
    *,
    tell: Callable[[HostSnapshot], None] = lambda _: None,
    given_up: Callable[[], bool] = lambda: False,
    ask: Ask | None = None,
) -> bool:
    """Wait until `host` can be worked with; False: `given_up` said so, after at most NUDGE seconds.

    `tell` hears how it is, whenever that changed. `ask` as `until` has it. What only a person's action mends is raised:
    AuthFailed, HostKeyChanged, Blocked; Unreachable where a question of the host was declined. TargetError where the
    host was taken out of the configuration meanwhile."""

    def now() -> HostSnapshot:
        found = next((one for one in fleet.snapshots() if one.name == host), None)
        if found is None:
            raise TargetError(f"{host} is no host of the configuration any more")
        return found

    def over() -> bool:
        snapshot = now()
        tell(snapshot)
        return given_up() or _linked(snapshot) or _stuck(fleet, snapshot)

    if not _linked(now()):
        fleet.hurry(host)
    while not until(fleet, over, NUDGE, ask):
        fleet.hurry(host)
    if given_up():
        return False
    reachable(now())
    return True


def _linked(snapshot: HostSnapshot) -> bool:
    """One that is slow to tell its values has no error."""
    return snapshot.state.reached and snapshot.error is None


def _stuck(fleet: Looking, snapshot: HostSnapshot) -> bool:
    """Nothing happens there any more without a person."""
    asked = any(question.host == snapshot.name for question in fleet.questions())
    declined = snapshot.state is HostState.ASKING and snapshot.error is not None and not asked
    return snapshot.state in FAILED or declined


def pause(seconds: float, given_up: Callable[[], bool]) -> None:
    """A short one between attempts; nothing tells when the next would succeed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not given_up():
        time.sleep(0.05)
