"""The inventory, a host that is in trouble, and what a first look offers."""

from __future__ import annotations

from gpuws.model.host.configured import Configured
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection


def reconnect(app: AppBase, host: str) -> None:
    app.say(f"connecting to {host}")
    app.verbs.run("reconnect", lambda: app.fleet.reconnect(host))


def explain(app: AppBase, snapshot: HostSnapshot) -> bool:
    """Say what is wrong and what to do, or let the host ask what it has to ask; False: nothing is wrong."""
    if snapshot.state is HostState.ASKING:
        if not app.ask_again(snapshot.name):
            reconnect(app, snapshot.name)  # it was declined: the next attempt asks again
        return True
    if not (snapshot.state.final or snapshot.state is HostState.DOWN):
        return False
    from gpuws.tui.hosts.notice import NoticeScreen

    def then(chosen: str | None) -> None:
        if chosen == "again":
            reconnect(app, snapshot.name)
        elif chosen == "hosts":
            _show_at(app, snapshot.name)

    app.push_screen(NoticeScreen(snapshot), then)
    return True


RECONNECT = on_selection(
    "reconnect", "ctrl+r", "reconnect", "Connect to the host again, now", lambda app, it: reconnect(app, it.host),
    title=lambda it: f"Connect to {it.host} again",
)  # fmt: skip


def show_hosts(context: Context) -> None:
    """The inventory, with the cursor on the host that is selected; where it is empty, a form for the first one."""
    _show_at(context.app, context.selection.host if context.selection else "")


def _show_at(app: AppBase, host: str) -> None:
    app.verbs.run("hosts", app.fleet.configured, lambda configured: _show(app, configured, host))


def _show(app: AppBase, configured: Configured, at: str) -> None:
    from gpuws.tui.hosts.inventory import InventoryScreen

    if configured.hosts or configured.aliases:
        app.push_screen(InventoryScreen(configured, at))
    else:
        new_host(app)


def new_host(app: AppBase) -> None:
    from gpuws.tui.hosts.host_form import HostForm

    app.push_screen(HostForm(None))


def look_at_demo(app: AppBase) -> None:
    """The demo has the terminal until it ends; then this screen is as it was."""
    import sys

    from gpuws.tui.terminal.program import run_program

    run_program(app, [sys.executable, "-m", "gpuws", "demo"], stay=False)


def read_first_steps(app: AppBase) -> None:
    from gpuws.tui.hosts.first_steps import FirstStepsScreen

    app.push_screen(FirstStepsScreen())


HOSTS: Command[Context] = Command(
    "hosts", "A", "hosts", "Hosts: add, edit, test, remove", show_hosts,
    title=lambda _: "Hosts: add, edit, test, remove", shell=lambda _: "gpuws hosts", palette=True,
)  # fmt: skip

COMMANDS = (RECONNECT,)
