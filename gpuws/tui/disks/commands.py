"""The disks of the host that is selected."""

from __future__ import annotations

import shlex

from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.selection import Selection, engine_missing, unreachable


def _show(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.disks.screen import DiskScreen

    app.push_screen(DiskScreen(selection.snapshot))


DISKS = on_selection(
    "disks", "d", "disks", "What fills the host's disks: images, layers, logs, volumes, and whose", _show,
    title=lambda it: f"Disks of {it.host}",
    why_not=lambda it: unreachable(it.snapshot) or engine_missing(it) or it.snapshot.caps.storage,
    shell=lambda it: shlex.join(["gpuws", "disks", it.host]),
)  # fmt: skip

COMMANDS = (DISKS,)
