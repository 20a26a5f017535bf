"""`gpus`, `top` and `ps`: what is, on every host at once."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.options import Options
from gpuws.cli.registering import LISTING, complete_hosts, register

Hosts = Annotated[list[str], typer.Argument(metavar="HOST", autocompletion=complete_hosts, show_default=False)]
Filter = Annotated[
    list[str],
    typer.Option("--filter", metavar="EXPR", help="KEY=VALUE or KEY!=VALUE (* matches any text), or a word."),
]


def add_to(app: typer.Typer) -> None:
    register(app, "gpus", gpus, *LISTING)
    register(app, "top", top, *LISTING)
    register(app, "ps", ps, *LISTING)


def gpus(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it again and again until Ctrl-C.")] = False,
    filters: Filter = [],  # noqa: B006
) -> int:
    """Every GPU and who holds it.

    Filters: free, held, mine, host=, name=, user=, holder=, health=."""
    from gpuws.cli.listing import GPUS, show

    return show(GPUS, options, hosts, filters, watch=watch)


def top(options: Options, hosts: Hosts = [], filters: Filter = []) -> int:  # noqa: B006
    """The same as gpus --watch."""
    return gpus(options, hosts, watch=True, filters=filters)


def ps(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    all_: Annotated[bool, typer.Option("--all", "-a", help="Stopped containers too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only targets, one a line.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only what is mine.")] = False,
    filters: Filter = [],  # noqa: B006
) -> int:
    """Containers of every host.

    Filters: mine, host=, name=, state=, image=, owner=, profile=."""
    from gpuws.cli.listing import containers, show

    return show(containers(everything=all_, mine=mine, quiet=quiet), options, hosts, filters)
