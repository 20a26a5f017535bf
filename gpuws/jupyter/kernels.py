"""The kernels of a Jupyter server, with the notebook that each serves; and what its API does to one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, IncompleteRead
from typing import Any

from gpuws.jupyter.answers import OK, not_jupyter, refused
from gpuws.jupyter.http import Method, ask, get
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, TargetError, Unanswered
from gpuws.model.session.notebook import JupyterServer, KernelAct, Notebook
from gpuws.model.text import plain

PATIENCE = 5.0  # seconds for each answer
ACTING = 30.0  # seconds: a restart is answered once the new kernel is there
# Seconds for which a server goes on with it where nobody waits: a kernel has five to end by itself, then it is killed.
GOES_ON: Mapping[KernelAct, float] = {"interrupt": 0.0, "restart": 10.0, "shutdown": 10.0}
GONE, DONE = 404, (200, 204)  # HTTP
MOST_KERNELS = 256
LONGEST_PATH = 500
# A server may be told to end when nobody has used it for a while: our looks are no use of it.
QUERY = "?no_track_activity=1"
STATES = frozenset({"idle", "busy", "starting", "restarting", "autorestarting", "dead"})
_KERNEL = re.compile(r"[0-9A-Za-z-]{8,64}\Z")

_ROUTES: Mapping[KernelAct, tuple[Method, str]] = {
    "interrupt": ("POST", "api/kernels/{}/interrupt"),
    "restart": ("POST", "api/kernels/{}/restart"),
    "shutdown": ("DELETE", "api/kernels/{}"),
}
"""https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """A server whose token is at hand, and the way to its port. `container`: the name of the one it runs in."""

    server: JupyterServer
    dial: Callable[[], Stream]
    container: str | None = None


def read_notebooks(
    dial: Callable[[], Stream], server: JupyterServer, container: str | None = None, patience: float = PATIENCE
) -> tuple[Notebook, ...]:
    """All kernels of the server; one that serves no notebook goes by its kernel's name. `dial` reaches its port.

    GpuwsError where it does not answer, refuses its token, or says what makes no sense."""
    found: dict[str, Notebook] = {}
    for session in _list(dial(), server, "api/sessions", patience):
        _take(found, session.get("kernel"), _path(session), server, container)
    for kernel in _list(dial(), server, "api/kernels", patience):
        name = _spec(kernel)
        _take(found, kernel, f"{name} (no notebook)" if name else None, server, container)
    return tuple(found.values())


def act_on(server: JupyterServer, dial: Callable[[], Stream], kernel: str, act: KernelAct) -> None:
    """`TargetError` where that server has no such kernel (any more); GpuwsError where it can't be asked or refuses;
    `Unanswered` where it was asked, and no answer came."""
    method, route = _ROUTES[act]
    path, silent = route.format(kernel), f"Jupyter on {server.where} does not answer"
    try:
        stream = dial()
    except OSError as error:
        raise GpuwsError(silent) from error
    try:
        status, _ = ask(stream, server, method, path, ACTING)
    except (OSError, IncompleteRead) as error:
        raise Unanswered(silent, within=GOES_ON[act]) from error
    except HTTPException as error:
        raise not_jupyter(server) from error
    if status == GONE:
        raise TargetError(f"the kernel {kernel[:8]} has ended already")
    if status not in DONE:
        raise refused(server, status, path)


def _list(stream: Stream, server: JupyterServer, path: str, patience: float) -> list[Row]:
    try:
        status, body = get(stream, server, path + QUERY, patience)
    except OSError as error:
        raise GpuwsError(f"Jupyter on {server.where} does not answer") from error
    except HTTPException as error:
        raise not_jupyter(server) from error
    if status != OK:
        raise refused(server, status, path)
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise not_jupyter(server) from error
    return [row for row in rows[:MOST_KERNELS] if isinstance(row, dict)] if isinstance(rows, list) else []


def _take(
    found: dict[str, Notebook], kernel: object, path: str | None, server: JupyterServer, container: str | None
) -> None:
    """A session is told first: what the list of kernels says of the same one is not newer."""
    identity = kernel.get("id") if isinstance(kernel, dict) else None
    if not isinstance(kernel, dict) or not isinstance(identity, str) or not _KERNEL.match(identity):
        return
    if path and identity not in found:
        state = kernel.get("execution_state")
        found[identity] = Notebook(
            kernel=identity,
            path=path,
            port=server.port or None,
            container=container,
            state=state if isinstance(state, str) and state in STATES else None,
            last_activity=_time(kernel.get("last_activity")),
            spec=_spec(kernel),
            connections=_count(kernel.get("connections")),
        )


def _spec(kernel: Row) -> str | None:
    name = kernel.get("name")
    return (plain(name[:LONGEST_PATH], 80) or None) if isinstance(name, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _path(session: Row) -> str | None:
    """Consoles have one too; servers before 2017 told it in another place only."""
    older = session.get("notebook")
    path = session.get("path") or (older.get("path") if isinstance(older, dict) else None)
    return (plain(path[: 2 * LONGEST_PATH], LONGEST_PATH) or None) if isinstance(path, str) else None


def _time(value: object) -> float | None:
    """Epoch seconds of an ISO date, which is UTC where it does not say."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if when is None else (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
