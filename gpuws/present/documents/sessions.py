"""Sessions with their windows, panes and clients, as `gpuws tmux ls --json` prints them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp
from gpuws.present.documents.base import hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.errors import GpuwsError
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.query.target import Found
    from gpuws.model.session.session import Session
    from gpuws.model.session.window import Client, Pane, Window
    from gpuws.present.documents.fields.sessions import (
        ActedSessionsDocument,
        ClientRow,
        PaneRow,
        SessionRow,
        SessionsDocument,
        WindowRow,
    )


def sessions(snapshots: Sequence[HostSnapshot], now: float) -> SessionsDocument:
    rows = [_session(snapshot.name, session) for snapshot in snapshots for session in snapshot.sessions]
    return {"hosts": hosts(snapshots, now), "sessions": rows}


def acted(
    action: str, place: Found, name: str, command: str, *, done: bool, error: GpuwsError | None = None
) -> ActedSessionsDocument:
    """`name`: what it is called then; `command`: the same as a plain command."""
    container = place.container.name if place.container else None
    told = str(error) if error else None
    return {
        "action": action,
        "sessions": [
            {
                "host": place.snapshot.name,
                "container": container,
                "name": name,
                "done": done,
                "error": told,
                "command": command,
            }
        ],
    }


def _session(host: str, session: Session) -> SessionRow:
    state = session.state
    return {
        "host": host,
        "container": session.container,
        "name": session.name,
        "id": session.id or None,
        "program": session.program,
        "socket": session.socket or None,
        "owner": session.written[0],
        "mine": session.mine,
        "windows": session.windows,
        "attached": session.attached,
        "created": timestamp(session.created),
        "activity": timestamp(session.activity),
        "command": session.command,
        "bell": session.bell,
        "silent": session.silent,
        "state": None if state is None else {"kind": state.kind, "status": state.status},
        "window_list": [_window(window) for window in session.layout],
        "clients": [_client(client) for client in session.clients],
    }


def _window(window: Window) -> WindowRow:
    return {
        "id": window.id,
        "index": window.index,
        "name": window.name,
        "active": window.active,
        "bell": window.bell,
        "silent": window.silent,
        "activity": timestamp(window.activity),
        "panes": [_pane(pane) for pane in window.panes],
    }


def _pane(pane: Pane) -> PaneRow:
    return {
        "id": pane.id,
        "pid": pane.pid,
        "active": pane.active,
        "command": pane.command,
        "ended": pane.ended,
        "status": pane.status,
    }


def _client(client: Client) -> ClientRow:
    return {
        "terminal": client.terminal,
        "columns": client.columns,
        "rows": client.rows,
        "since": timestamp(client.since),
        "typed": timestamp(client.typed),
        "readonly": client.readonly,
    }
