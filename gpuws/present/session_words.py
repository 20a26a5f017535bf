"""What is said of a tmux session: its state, what runs in its windows, who is in it. Pure."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.session.session import Session
from gpuws.model.session.state import SessionKind
from gpuws.model.session.window import Pane, Window
from gpuws.present.line import Line, Role, Span, clean, one

BELL, SILENT, CURRENT = "!", "~", "*"
"""As tmux flags a window in its status line: a bell rang, it is silent, it is the current one."""
_ROLES: dict[SessionKind, Role] = {
    "running": "text", "progress": "ok", "waiting": "warn", "idle": "muted", "ended": "muted",
}  # fmt: skip


def state(session: Session) -> Line:
    """What it does, else what its windows tell: an end, a bell, silence; () where nothing is known."""
    told = session.state
    if told is not None and told.kind != "ended":
        return one(told.kind, _ROLES[told.kind])
    pane = session.pane
    if told is not None or (pane is not None and pane.ended):
        return _ended(told.status if told is not None and told.status is not None else pane.status if pane else None)
    if session.bell:
        return one("bell", "warn")
    return one("silent", "warn") if session.silent else ()


def _ended(status: int | None) -> Line:
    if status is None:
        return one("ended", "muted")
    return one(f"ended {status}", "error" if status else "muted")


def runs(session: Session) -> Line:
    """What its current window runs and what its state says of that, then what runs beside it."""
    line: Line = one(clean(session.command) or units.DASH)
    told = session.state
    if told is not None and told.kind in ("waiting", "progress") and told.line:
        line = (*line, Span(f"  {clean(told.line, 120)}", _ROLES[told.kind]))
    beside = [pane for window in session.layout for pane in window.panes if pane is not session.pane]
    if beside:
        line = (*line, Span(f"  {' · '.join(_command(pane) for pane in beside)}", "muted"))
    return line


def windows(session: Session) -> Line:
    """Each window as tmux's status line has it, `1:python*`, with what its panes run where those are several."""
    spans: list[Span] = []
    for window in session.layout:
        role: Role = "title" if window.active else "warn" if window.bell or window.silent else "muted"
        spans += [Span("  " if spans else "", "muted"), Span(_window(window), role)]
    return tuple(spans)


def _window(window: Window) -> str:
    flags = (CURRENT if window.active else "") + (BELL if window.bell else "") + (SILENT if window.silent else "")
    name = f"{window.index}:{clean(window.name, 40)}{flags}"
    several = len(window.panes) > 1 or any(pane.ended for pane in window.panes)
    return f"{name} ({', '.join(map(_command, window.panes))})" if several else name


def _command(pane: Pane) -> str:
    name = clean(pane.command, 60) or units.DASH
    if not pane.ended:
        return name
    return f"{name} ended" + (f" {pane.status}" if pane.status is not None else "")


def clients(session: Session, now: float) -> Line:
    """Who looks at it: `/dev/pts/3 120×30, reads only, last key 5m ago`; () where nobody does."""
    told = []
    for client in session.clients:
        parts = [clean(client.terminal) or "a client"]
        if client.columns and client.rows:
            parts[0] += f" {client.columns}×{client.rows}"
        parts += ["reads only"] if client.readonly else []
        parts += [f"last key {units.duration(max(now - client.typed, 0))} ago"] if client.typed else []
        told.append(", ".join(parts))
    return one("; ".join(told), "muted") if told else ()
