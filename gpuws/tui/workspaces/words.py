"""What is said of the workspaces that are selected: their name, why not, the plain commands. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.consent.shell_command import by_gpuws, filled, on_host
from gpuws.model.gpu.gpu import processes_of
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.selection import Selection, containers, unreachable

LOG_TAIL = 1000
"""Lines of a log that are shown from before it is opened."""


def only(selection: Selection) -> Workspace | None:
    """The one that is meant, where it is one."""
    found = containers(selection)
    return found[0] if len(found) == 1 else None


def named(found: Sequence[Workspace]) -> str:
    """Those that may be meant, in a list of actions: of several it will be asked which."""
    if len(found) == 1:
        return found[0].name
    return f"one of {len(found)} containers" if found else "a container"


def absent(selection: Selection) -> str:
    """Why there is nothing to look at; "" where there is."""
    if containers(selection):
        return unreachable(selection.snapshot)
    held = selection.gpu is not None and any(processes_of(selection.gpu))
    none = "no container here" + ("; p shows the processes, K ends one there" if held else "")
    return unreachable(selection.snapshot) or none


def log_command(container: Workspace, snapshot: HostSnapshot, *, times: bool = False) -> str:
    """What the screen of a log shows: gpuws' own command where its engine has none."""
    words = snapshot.caps_of(container).commands
    if not words.logs:
        return by_gpuws(["logs", "-f", *(["-t"] if times else []), "--tail", str(LOG_TAIL)], container.name, snapshot)
    line = filled(words.logs_with_times if times else words.logs, name=container.name, tail=str(LOG_TAIL))
    return on_host(snapshot.name, line)


def describe_command(container: Workspace, snapshot: HostSnapshot) -> str:
    """What the page of a container says."""
    return by_gpuws(["describe"], container.typed, snapshot)


def logs_command(chosen: Sequence[Workspace], *, times: bool = False) -> str:
    """Of several."""
    words = ["logs", "-f", *(["-t"] if times else []), "--tail", str(LOG_TAIL)]
    return shlex.join(["gpuws", *words, *(labelled(one.ref.host, one.typed) for one in chosen)])


def inspect_command(container: Workspace, snapshot: HostSnapshot) -> str:
    line = snapshot.caps_of(container).commands.inspect
    if not line:
        return by_gpuws(["inspect"], container.typed, snapshot)
    return on_host(snapshot.name, filled(line, name=container.name))
