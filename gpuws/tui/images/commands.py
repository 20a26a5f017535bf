"""The images of the host that is selected."""

from __future__ import annotations

import shlex

from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.selection import Selection, engine_missing, unreachable


def _show(app: AppBase, selection: Selection) -> None:
    from gpuws.tui.images.screen import ImageScreen

    app.push_screen(ImageScreen(selection.snapshot))


IMAGES = on_selection(
    "images", "I", "images", "Images of the host: sizes, pull, remove, prune", _show,
    title=lambda it: f"Images of {it.host}",
    why_not=lambda it: unreachable(it.snapshot) or engine_missing(it) or it.snapshot.caps.images,
    shell=lambda it: shlex.join(["gpuws", "images", "ls", it.host]),
)  # fmt: skip

COMMANDS = (IMAGES,)
