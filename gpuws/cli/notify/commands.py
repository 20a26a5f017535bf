"""`gpuws notify`: where notices go, a test of that, and what was told."""

from __future__ import annotations

import typer

from gpuws.cli.toolkit.grammar import BASE, register, register_group
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "notify", "Where notices go, and what was told in the last week.", plan, *BASE,
        examples=("gpuws notify", "gpuws notify test", "gpuws notify ls"),
    )  # fmt: skip
    register(group, "test", test, "json", *BASE, examples=("gpuws notify test",))
    register(group, "ls", ls, "json", *BASE, examples=("gpuws notify ls", "gpuws notify ls --json"))


def plan(options: Options) -> int:
    """Rules and receivers of config.yaml, what is told when it ends, and what did not arrive."""
    from gpuws.cli.notify.notify import show_plan

    return show_plan(options)


def test(options: Options) -> int:
    """Send a test to every receiver, and to open screens; 1 where one did not get it."""
    from gpuws.cli.notify.notify import try_all

    return try_all(options)


def ls(options: Options) -> int:
    """What happened in the last week, newest first, and whom it reached."""
    from gpuws.cli.notify.notify import list_told

    return list_told(options)
