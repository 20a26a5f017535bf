"""A Jupyter server that is started and ended where a person says so: in tmux, as theirs."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared import unanswered
from gpuws.fleet.local.shared.notebooks import LOOK, PATIENCE, look_for, the_one
from gpuws.fleet.local.shared.places import Places
from gpuws.fleet.local.shared.unanswered import look_up, needs_somebody
from gpuws.fleet.tunnels import no_log
from gpuws.jupyter import starting
from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, HostError, Refused, Unanswered
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.session import Session
from gpuws.model.workspace.aftermath import of_making, of_serving
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tmux.listing import list_sessions
from gpuws.tmux.screens import screen_of
from gpuws.tmux.sessions import kill_session, new_session

if TYPE_CHECKING:
    from gpuws.fleet.local.host.supervisor import Supervisor

FAREWELL, SOON = 2.0, 0.1  # seconds for what ran in the session to end behind its server, and between two looks
ROOT = "0"  # in a container of mine a server may be that of another user
TOLD = 5  # lines of what was said at the end
STOPPING = 10.0  # seconds that a server is given to end


def start_server(supervisor: Supervisor, places: Places, ref: PlaceRef, mark: str, environment: str) -> int:
    """The port on which it listens; that of the one that runs there already, unless another environment is asked for.
    What it said last is in the GpuwsError where it ended at once."""
    _need_mine(places, ref)
    place, inside, there = places.find(ref), ref.workspace is not None, look_for(places, ref)
    session = _session(place)
    if session is not None and _ended(place, session):
        kill_session(place, session)
        session = None
    if there and (session is not None or not environment):
        return the_one(there, None, places.label(ref)).port
    if session is None:
        address = "0.0.0.0" if inside and not places.on_host_network(ref) else "127.0.0.1"
        argv = starting.serve_argv(address, environment, login=not inside and not environment)
        try:
            new_session(place, starting.SESSION, mark, argv=argv, image=inside)
        except HostError as error:
            name = f"the Jupyter server of {places.label(ref)}"
            look_up(
                supervisor,
                error,
                name,
                "started",
                lambda: of_making(starting.SESSION, (), list_sessions(places.find(ref))),
            )
    return _wait(supervisor, places, ref, {one.pid for one in there})


def stop_server(supervisor: Supervisor, places: Places, ref: PlaceRef, port: int | None) -> JupyterServer:
    """The one that ended; its kernels did first."""
    _need_mine(places, ref)
    label, place = places.label(ref), places.find(ref)
    server = the_one(look_for(places, ref), port, label)
    if server.pid is None:
        raise GpuwsError(f"{label}: which process is the server on port {server.port} can't be seen")
    try:
        starting.stop(places.find(ref, user=ROOT) if ref.workspace else place, server.pid)
    except HostError as error:
        cut, name = Unanswered(error.message, within=STOPPING), f"the Jupyter server of {label}"
        look_up(supervisor, cut, name, "ended", lambda: of_serving(server, look_for(places, ref)))
    with contextlib.suppress(HostError):  # a session without a program is left where the link is lost
        _clear(places.find(ref))
    return server


def log_lines(places: Places, ref: PlaceRef) -> tuple[str, ...]:
    """Of the one that was started in tmux; `TargetError` where there is none."""
    _need_mine(places, ref)
    lines = starting.log_of(places.find(ref))
    if lines is None:
        raise no_log(places.label(ref), inside=ref.workspace is not None)
    return tuple(lines)


def _clear(place: Place) -> None:
    """Its session goes with it."""
    deadline = time.monotonic() + FAREWELL
    while (session := _session(place)) is not None and time.monotonic() < deadline:
        if _ended(place, session):
            kill_session(place, session)
        time.sleep(SOON)


def _wait(supervisor: Supervisor, places: Places, ref: PlaceRef, before: set[int | None]) -> int:
    """Its port, once it listens. A link that is lost meanwhile is waited for, too."""
    deadline, lost = time.monotonic() + PATIENCE, 0.0
    while True:
        now = time.monotonic()
        try:
            port, lost = _come_up(places, ref, before, late=now >= deadline), 0.0
        except HostError as error:
            port, lost = None, lost or now
            if now - lost >= unanswered.PATIENCE or needs_somebody(supervisor):
                label = places.label(ref)
                said = f"{error.message}: whether the Jupyter server of {label} was started is not known"
                raise Unanswered(said, f"look once it is back: gpuws jupyter {label}") from error
            supervisor.hurry()
        if port is not None:
            return port
        time.sleep(LOOK)


def _come_up(places: Places, ref: PlaceRef, before: set[int | None], *, late: bool) -> int | None:
    """The port of the one that was not there `before`; None: not yet. GpuwsError with its last words where it has
    ended, and where it is `late`."""
    place = places.find(ref)
    fresh = [one for one in look_for(places, ref) if one.pid not in before]
    if fresh:
        return fresh[0].port
    session = _session(place)
    ended = session is not None and _ended(place, session)
    if session is not None and not ended and not late:
        return None
    said = [line for line in starting.log_of(place) or () if line.strip()]
    told = "ended at once" if ended else "did not come up"
    label = places.label(ref)
    lines = [line for line in said if not line.startswith("Pane is dead")][-TOLD:]
    raise GpuwsError(f"the Jupyter server of {label} {told}", f"gpuws attach {label}:{starting.SESSION}", lines)


def _session(place: Place) -> Session | None:
    return next((one for one in list_sessions(place) if one.name == starting.SESSION and not one.socket), None)


def _ended(place: Place, session: Session) -> bool:
    """What ran in it has; its pane stays."""
    return screen_of(place, session).dead


def _need_mine(places: Places, ref: PlaceRef) -> None:
    places.need_writable(ref)
    if not places.may_enter(ref):
        raise Refused(f"{places.label(ref)} is not yours: nothing is started or ended there")
