"""The kernels of a Jupyter server, with the notebook that each serves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from gpuws.jupyter.answers import OK, not_jupyter, refused
from gpuws.jupyter.http import get
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer, Notebook
from gpuws.model.text import plain

PATIENCE = 5.0  # seconds for each answer
MOST_KERNELS = 256
LONGEST_PATH = 500
# A server may be told to end when nobody has used it for a while: our looks are no use of it.
QUERY = "?no_track_activity=1"
STATES = frozenset({"idle", "busy", "starting", "restarting", "autorestarting", "dead"})
_KERNEL = re.compile(r"[0-9A-Za-z-]{8,64}\Z")

Row = dict[str, Any]


def read_notebooks(
    dial: Callable[[], Stream], server: JupyterServer, container: str | None = None, patience: float = PATIENCE
) -> tuple[Notebook, ...]:
    """All kernels of the server; one that serves no notebook goes by its kernel's name. `dial` reaches its port.

    GpuwsError where it does not answer, refuses its token, or says what makes no sense."""
    found: dict[str, Notebook] = {}
    for session in _list(dial(), server, "api/sessions", patience):
        _take(found, session.get("kernel"), _path(session), server, container)
    for kernel in _list(dial(), server, "api/kernels", patience):
        name = kernel.get("name")
        _take(found, kernel, f"{plain(name, 80)} (no notebook)" if isinstance(name, str) else None, server, container)
    return tuple(found.values())


def _list(stream: Stream, server: JupyterServer, path: str, patience: float) -> list[Row]:
    try:
        status, body = get(stream, server, path + QUERY, patience)
    except OSError as error:
        raise GpuwsError(f"Jupyter on port {server.port} does not answer") from error
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
            port=server.port,
            container=container,
            state=state if isinstance(state, str) and state in STATES else None,
            last_activity=_time(kernel.get("last_activity")),
        )


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
