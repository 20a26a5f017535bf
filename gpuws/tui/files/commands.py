"""Copying files from or to the container or the host that is selected."""

from __future__ import annotations

import shlex
from pathlib import Path

from gpuws.model.host.naming import bracketed, labelled
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.selection import Selection, unreachable, whole_host
from gpuws.tui.workspaces.words import only


def _meant(selection: Selection) -> Workspace | None:
    """The one container that is meant; None: the host."""
    return None if whole_host(selection) else only(selection)


def _target(selection: Selection) -> str:
    """As it is typed."""
    one = _meant(selection)
    return labelled(one.ref.host, one.typed) if one is not None else bracketed(selection.host)


def _title(selection: Selection) -> str:
    one = _meant(selection)
    return f"Copy files from or to {one.name if one is not None else selection.host}"


def _copy(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.files.copy import CopyFilesScreen

    app.push_screen(CopyFilesScreen(_target(selection), str(Path.cwd())))


FILES = on_selection(
    "files", "", "copy files", "Copy files between here, hosts and containers", _copy,
    title=_title, why_not=lambda it: unreachable(it.snapshot),
    shell=lambda it: f"gpuws cp {shlex.quote(_target(it))}:PATH DIRECTORY",
)  # fmt: skip

COMMANDS = (FILES,)
