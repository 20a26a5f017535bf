"""`gpuws keeper`: the background process that holds links and tunnels."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit.grammar import BASE, register, register_group
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "keeper", "The background process that holds links, tunnels and waits.", keeper, "json", *BASE,
        examples=("gpuws keeper", "gpuws keeper --stay", "gpuws keeper stop --keep-tunnels"),
    )  # fmt: skip
    register(group, "status", status, "json", *BASE, examples=("gpuws keeper status", "gpuws keeper status --json"))
    register(group, "stop", stop, "dry_run", *BASE, examples=("gpuws keeper stop --dry-run", "gpuws keeper stop"))
    register(group, "unit", unit, *BASE, examples=("gpuws keeper unit",))
    register(group, "log", log, *BASE, examples=("gpuws keeper log", "gpuws keeper log -n 200"))


def keeper(
    options: Options,
    stay: Annotated[
        bool, typer.Option("--stay", help="Read all hosts without a screen, until Ctrl-C: on a machine always on.")
    ] = False,
) -> int:
    """How it is, or with `stay` that it goes on."""
    if stay:
        from gpuws.cli.keeper.stay import stay as stay_on

        return stay_on(options)
    return status(options)


def unit(options: Options) -> int:
    """Print a unit of systemd that runs gpuws keeper --stay for you, and how to install it; nothing is installed."""
    from gpuws.cli.keeper.stay import print_unit

    return print_unit(options)


def status(options: Options) -> int:
    """Its clients, hosts, tunnels and waits, and how long it stays."""
    from gpuws.cli.keeper.keeper import show_status

    return show_status(options)


def stop(
    options: Options,
    keep_tunnels: Annotated[
        bool, typer.Option("--keep-tunnels", help="The next one opens the tunnels again, and goes on with waits.")
    ] = False,
) -> int:
    """End it: links, tunnels and waits with it. What runs on the hosts goes on."""
    from gpuws.cli.keeper.keeper import stop_keeper

    return stop_keeper(options, keep_tunnels=keep_tunnels)


def log(
    options: Options, lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="So many; 0: all.")] = 50
) -> int:
    """What it did."""
    from gpuws.cli.keeper.keeper import show_log

    return show_log(options, lines)
