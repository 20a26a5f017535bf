"""An action whose answer was lost is looked up once its host is back, and ends with what is known then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gpuws.model.errors import GpuwsError, HostError, Unanswered
from gpuws.model.host.host import HostState
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.model.workspace.aftermath import Aftermath

PATIENCE = 20.0  # seconds for the host to come back
SETTLE = 3.0  # seconds for what the engine took, and for what it did to show
LOOK = 0.25  # seconds between two looks, the first of them; each is a list of all that is there
SELDOM = 1.0


def look_up(supervisor: Supervisor, error: HostError, name: str, done: str, look: Callable[[], Aftermath]) -> None:
    """Returns where it was done. GpuwsError where it was not, `Unanswered` where that is not known: the host is not
    back, or what is there tells both. `name`: of what it was done to; `done`: what it would be then, as "stopped"."""
    host, began, pause = supervisor.host.name, time.monotonic(), LOOK
    settled = began + SETTLE + (error.within if isinstance(error, Unanswered) else 0.0)
    seen: Aftermath | None = None
    while True:
        try:
            seen = look()
        except GpuwsError:  # away, or not back for long
            seen = None
        if seen is not None and seen.outcome == "done":
            return
        if time.monotonic() >= (began + PATIENCE if seen is None else settled) or needs_somebody(supervisor):
            break
        supervisor.hurry()
        time.sleep(pause)
        pause = min(2 * pause, SELDOM)
    said, name = error.message, plain(name)
    if seen is None:
        raise Unanswered(f"{said}: whether {name} was {done} is not known", f"look once it is back: gpuws ps -a {host}")
    if seen.outcome == "not known":
        raise Unanswered(f"{said}: whether {name} was {done} is not known: it {seen.fact}", "look before you repeat it")
    raise GpuwsError(f"{said}: {name} was not {done}: it {seen.fact}", "try again")


def needs_somebody(supervisor: Supervisor) -> bool:
    """It comes back by no waiting."""
    state = supervisor.snapshot.state
    return state.final or state is HostState.ASKING
