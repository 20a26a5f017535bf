"""`gpuws` and `gpuws demo`: the screen."""

from __future__ import annotations

import typer

from gpuws.cli.toolkit.grammar import BASE, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(app, "demo", demo)
    register(app, "paths", paths, "json", *BASE)


def open_screen(config_dir: str | None, readonly: bool) -> int:
    from gpuws.cli.screen import show_fleet

    return show_fleet(Options(config_dir=config_dir, readonly=readonly))


def demo(options: Options) -> int:  # noqa: ARG001 - the demo reads no configuration
    """The screen on a simulated fleet; touches nothing."""
    from gpuws.cli.screen import show_demo

    return show_demo()


def paths(options: Options) -> int:
    """Where files are."""
    from gpuws.cli.paths import show_paths

    return show_paths(options)
