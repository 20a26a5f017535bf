"""A host that is in trouble: what is wrong in full, and another attempt."""

from __future__ import annotations

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection


def reconnect(app: AppBase, host: str) -> None:
    app.say(f"connecting to {host}")
    app.verbs.run("reconnect", lambda: app.fleet.reconnect(host))


def explain(app: AppBase, snapshot: HostSnapshot) -> bool:
    """Say what is wrong and what to do, or ask again what the host asks; False: nothing is wrong."""
    if snapshot.state is HostState.ASKING and app.ask_again(snapshot.name):
        return True
    if not (snapshot.state.final or snapshot.state in (HostState.DOWN, HostState.ASKING)):
        return False
    from gpuws.tui.hosts.notice import NoticeScreen

    app.push_screen(NoticeScreen(snapshot), lambda again: reconnect(app, snapshot.name) if again else None)
    return True


RECONNECT = on_selection(
    "reconnect", "ctrl+r", "reconnect", "Connect to the host again, now", lambda app, it: reconnect(app, it.host),
    title=lambda it: f"Connect to {it.host} again",
)  # fmt: skip

COMMANDS = (RECONNECT,)
