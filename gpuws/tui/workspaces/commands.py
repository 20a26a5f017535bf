"""What can be done with a workspace that is selected: look at it, start, stop, restart, kill, pause, rename,
remove it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from gpuws.model.consent.confirm import Confirmation, confirmation, together
from gpuws.model.consent.shell_command import act_command, rename_command
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.model.workspace.actions import DONE, Action
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection, unmark
from gpuws.tui.dialogs.ask import sure, which_workspace
from gpuws.tui.messages import PASSING
from gpuws.tui.selection import Selection, containers, unchangeable
from gpuws.tui.workspaces.words import absent, describe_command, log_command, named, only

# looks


def _logs(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.workspaces.logs import LogScreen

    def show(*chosen: Workspace) -> None:
        app.push_screen(LogScreen(chosen, _host(app, chosen[0])))

    found = containers(selection)
    if selection.marked and len(found) > 1:
        show(*found)
    else:
        which_workspace(app, "Log of", found, show)


def _inspect(app: AppBase, selection: Selection) -> None:
    which_workspace(app, "Inspect", containers(selection), app.home().show_container)


def shown_by(words: Callable[[Workspace, HostSnapshot], str]) -> Callable[[Selection], str]:
    """The plain command about the one that is meant; "" where several may be, or it is marked on another host."""

    def shell(selection: Selection) -> str:
        one = only(selection)
        return words(one, selection.snapshot) if one is not None and one.ref.host == selection.host else ""

    return shell


def all_or_one(selection: Selection) -> str:
    found = containers(selection)
    return count(len(found), "container") if selection.marked and len(found) > 1 else named(found)


LOGS = on_selection(
    "logs", "l", "logs", "Follow a container's log; those of all that are marked as one", _logs,
    title=lambda it: f"Log of {all_or_one(it)}", why_not=absent, shell=shown_by(log_command), hint=6,
)  # fmt: skip
INSPECT = on_selection(
    "inspect", "i", "inspect", "A container in full: mounts, environment, networks, health, last events", _inspect,
    title=lambda it: f"Inspect {named(containers(it))}", why_not=absent, shell=shown_by(describe_command),
)  # fmt: skip

# acts


def unfit(selection: Selection) -> str:
    """Why what is selected is no workspace to be stopped or removed; "" where it may be one."""
    if selection.session is not None:
        return "S, R and D are for containers; K kills a tmux session"
    if selection.kernel is not None:
        return "K is about the notebook's kernel; S, R and D are for containers: panel 2"
    if selection.process is not None:
        return "K ends a process; S, R and D are for containers: panel 2"
    return "D closes a tunnel" if selection.tunnel is not None else ""


def able(action: Action, selection: Selection) -> tuple[Workspace, ...]:
    """Those whose state allows it: all that are marked; else the one that is meant, or those among which is asked."""
    return tuple(one for one in containers(selection) if one.allows(action))


def title(action: Action, selection: Selection) -> str:
    """With what it would be done to; "" where that is no workspace."""
    if unfit(selection):
        return ""
    found = able(action, selection)
    if selection.marked and len(found) > 1:
        return f"{action.capitalize()} {count(len(found), 'container')}"
    one = only(selection)
    return f"{action.capitalize()} {named(found if found or one is None else [one])}"


def why_not(action: Action, selection: Selection) -> str:
    if reason := unfit(selection) or absent(selection) or unchangeable(selection):
        return reason
    if able(action, selection):
        return ""
    if action in ("pause", "unpause") and (reason := selection.snapshot.caps_of(only(selection)).pause):
        return reason
    if (one := only(selection)) is not None:
        return f"{one.name} is {one.status}: nothing to {action}"
    those = "marked containers" if selection.marked else f"{len(containers(selection))} containers here"
    return f"none of the {those} can be {DONE[action]} now"


def force(action: Action, one: Workspace) -> bool:
    """What has not stopped is removed by force only."""
    return action == "remove" and one.alive


def _begin(app: AppBase, action: Action, selection: Selection) -> None:
    """With all that are marked, or with the one that is meant."""
    found = able(action, selection)
    if selection.marked:
        ask(app, action, found)
    else:
        which_workspace(app, action.capitalize(), found, lambda one: ask(app, action, [one]))


def ask(app: AppBase, action: Action, chosen: Sequence[Workspace]) -> None:
    """Ask what must be asked, then do it to all of them, on whatever hosts they are."""
    now, verb = time.time(), action.capitalize()
    hosts = dict.fromkeys(one.ref.host for one in chosen)
    where = next(iter(hosts)) if len(hosts) == 1 else f"{len(hosts)} hosts"

    def act() -> None:
        _act(app, action, chosen)
        unmark(app)

    def asked() -> Confirmation | None:
        tunnels = app.state.tunnels
        wanted = [
            confirmation(action, one, _host(app, one), now, force=force(action, one), tunnels=tunnels) for one in chosen
        ]
        return together(f"{verb} {count(len(chosen), 'container')} on {where}?", wanted)

    sure(app, asked, verb, act)


def _host(app: AppBase, one: Workspace) -> HostSnapshot:
    return app.state.hosts.get(one.ref.host) or HostSnapshot(one.ref.host)


def _act(app: AppBase, action: Action, chosen: Sequence[Workspace]) -> None:
    """One message when it begins and one when all has ended, however many they are."""

    def act(one: Workspace) -> None:
        app.fleet.act(one.ref, action, force=force(action, one))

    for one in chosen:
        app.own_hand.ends(one.ref.host, one.name)
    if len(chosen) == 1:
        name = chosen[0].name
        app.say(f"{action} {plain(name)} …", timeout=PASSING)
        app.verbs.run(f"{action} {name}", lambda: act(chosen[0]), lambda _: app.say(f"{plain(name)} {DONE[action]}"))
        return
    app.say(f"{action} {count(len(chosen), 'container')} …", timeout=PASSING)
    several = len({one.ref.host for one in chosen}) > 1
    calls = {labelled(one.ref.host, one.name) if several else one.name: partial(act, one) for one in chosen}
    app.verbs.run_all(calls, lambda outcome: app.tell_outcome(outcome, DONE[action], "containers"))


def _act_command(action: Action, keys: str, help: str) -> Command[Context]:  # noqa: A002 - as the command's own
    def shell(selection: Selection) -> str:
        found = able(action, selection)
        if len(found) != 1 or found[0].ref.host != selection.host:
            return ""
        return act_command(action, found[0], selection.snapshot, force=force(action, found[0]))

    return on_selection(
        action, keys, action, help, lambda app, selection: _begin(app, action, selection),
        title=lambda it: title(action, it), why_not=lambda it: why_not(action, it), shell=shell,
    )  # fmt: skip


START = _act_command("start", "", "Start a container")
STOP = _act_command("stop", "S", "Stop a container")
RESTART = _act_command("restart", "R", "Restart a container")
KILL = _act_command("kill", "K", "Kill a container, a tmux session or a process; a notebook's kernel")
PAUSE = _act_command("pause", "", "Hold a container still: nothing in it runs, all of it stays")
UNPAUSE = _act_command("unpause", "", "Let a paused container go on")
REMOVE = _act_command("remove", "D", "Remove a container; close a tunnel")


def _rename(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.workspaces.rename import RenameScreen

    def ask_name(one: Workspace) -> None:
        app.push_screen(RenameScreen(one))

    which_workspace(app, "Rename", [one for one in containers(selection) if one.allows("rename")], ask_name)


def _unnamable(selection: Selection) -> str:
    if reason := unfit(selection) or absent(selection) or unchangeable(selection):
        return reason
    if reason := selection.snapshot.caps_of(only(selection)).rename:
        return reason
    found = containers(selection)
    return "" if any(one.allows("rename") for one in found) else f"{found[0].name} is {found[0].status}"


RENAME = on_selection(
    "rename", "", "rename", "Call a container otherwise", _rename,
    title=lambda it: "" if unfit(it) or len(it.marked) > 1 else f"Rename {named(containers(it))}",
    why_not=_unnamable, shell=shown_by(lambda one, snapshot: rename_command(one, snapshot, "NAME")),
)  # fmt: skip

COMMANDS = (LOGS, INSPECT, START, STOP, RESTART, KILL, PAUSE, UNPAUSE, RENAME, REMOVE)
