"""`gpuws demo`: its words. The screen itself opens without them, in `screen.py`."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.screen import show_demo
from gpuws.cli.toolkit.grammar import register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(app, "demo", demo, examples=("gpuws demo", "gpuws demo --tour"))


def demo(
    options: Options,  # noqa: ARG001 - the demo reads no configuration
    tour: Annotated[bool, typer.Option("--tour", help="Walk through what gpuws does, in six cards.")] = False,
) -> int:
    """The screen on a simulated fleet; touches nothing.

    Whatever is done there happens in this program alone: launch, attach, open a notebook, stop, end a process.
    Sentences explain what is selected; a comma hides them."""
    return show_demo(tour=tour)
