"""What to make of a workspace, of one that a profile made first: compare, make again, capture, clone, verify."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from gpuws.model.consent.facts import holds
from gpuws.model.host.naming import labelled
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection
from gpuws.tui.dialogs.ask import which_workspace
from gpuws.tui.selection import Selection, containers, unchangeable
from gpuws.tui.workspaces.commands import unfit
from gpuws.tui.workspaces.recreate import recreate, recreate_refused
from gpuws.tui.workspaces.words import absent, named, only


def _drift(app: AppBase, one: Workspace, _: Selection) -> None:
    from gpuws.tui.workspaces.drift import DriftScreen

    app.push_screen(DriftScreen(one))


def _recreate(app: AppBase, one: Workspace, selection: Selection) -> None:
    recreate(app, one, selection.snapshot)


def _capture(app: AppBase, one: Workspace, _: Selection) -> None:
    from gpuws.tui.profiles.capture import CaptureScreen

    app.push_screen(CaptureScreen(one))


def _clone(app: AppBase, one: Workspace, selection: Selection) -> None:
    from gpuws.tui.launch.clone import CloneScreen

    held = [gpu for gpu in selection.snapshot.gpus if holds(one, gpu)]
    app.push_screen(CloneScreen(one, len(held)))


def _verify(app: AppBase, one: Workspace, _: Selection) -> None:
    from gpuws.tui.workspaces.verify import VerifyScreen

    app.push_screen(VerifyScreen(one))


def _unfit_to_verify(selection: Selection) -> str:
    """It takes memory of its GPUs: only in one of mine that runs."""
    if reason := absent(selection) or unchangeable(selection):
        return reason
    one = only(selection)
    if one is None:
        return ""
    return f"{one.name} is not yours" if not one.mine else "" if one.enterable else f"{one.name} is {one.status}"


def _unable(selection: Selection) -> str:
    return absent(selection) or selection.snapshot.caps_of(only(selection)).recipes


def _wild(selection: Selection) -> str:
    one = only(selection)
    return f"{one.name} was not made from a profile" if one is not None and not one.profile else ""


def _kept(selection: Selection) -> str:
    one = only(selection)
    return recreate_refused(one, selection.snapshot) if one is not None else ""


def _command(
    name: str,
    help: str,  # noqa: A002 - as the command's own
    run: Callable[[AppBase, Workspace, Selection], None],
    title: str,
    shell: str,
    why_not: Callable[[Selection], str],
) -> Command[Context]:
    """`title` and `shell` have `{}` where the workspace is named."""

    def target(selection: Selection) -> str:
        one = only(selection)
        return shlex.quote(labelled(one.ref.host, one.name)) if one is not None else "TARGET"

    def begin(app: AppBase, selection: Selection) -> None:
        chosen = containers(selection)
        which_workspace(app, title.split()[0], chosen, lambda one: run(app, one, selection))

    return on_selection(
        name, "", name, help, begin,
        title=lambda it: "" if unfit(it) else title.format(named(containers(it))),
        why_not=lambda it: unfit(it) or why_not(it),
        shell=lambda it: shell.format(target(it)),
    )  # fmt: skip


COMMANDS = (
    _command(
        "drift", "What is not as its profile says", _drift,
        "Compare {} with its profile", "gpuws drift {}", lambda it: _unable(it) or _wild(it),
    ),
    _command(
        "recreate", "Make it again; name, mounts, ports, GPUs stay", _recreate,
        "Recreate {}", "gpuws recreate {}", lambda it: absent(it) or unchangeable(it) or _unable(it) or _kept(it),
    ),
    _command(
        "capture", "A profile that says what it is", _capture,
        "Capture {} as a profile", "gpuws profiles capture {} --save NAME", _unable,
    ),
    _command(
        "clone", "One like it on another host", _clone,
        "Clone {} to another host", "gpuws clone {} -H HOST", _unable,
    ),
    _command(
        "verify", "Try torch in it: a matrix product on each of its GPUs", _verify,
        "Verify torch in {}", "gpuws verify {}", _unfit_to_verify,
    ),
)  # fmt: skip
"""They have no keys: `x` leads to them."""
