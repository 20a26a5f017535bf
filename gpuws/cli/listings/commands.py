"""`gpus`, `top`, `ps` and `ls`: what is, on every host at once."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import LISTING, Hosts, register
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

_HELP = "What to show, as below; given again, all must hold."
GpuFilter = Annotated[
    list[str],
    typer.Option(
        "--filter",
        metavar="EXPR",
        help=_HELP,
        autocompletion=offers.words("free", "busy", "held", "idle", "mine", "lost"),
    ),
]
ContainerFilter = Annotated[
    list[str],
    typer.Option("--filter", metavar="EXPR", help=_HELP, autocompletion=offers.words("mine", "running")),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="user",
        help="One row a person: what each holds, and how much is idle.",
        autocompletion=offers.words("user"),
    ),
]

COLUMNS = ("free-first", "name", "model", "memory", "free", "util", "temp", "power", "who", "program", "time")
"""What rows can be sorted by (`order.py`)."""
Order = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="COLUMN",
        help="In which order, as below; -COLUMN is the other way round.",
        autocompletion=offers.words(*COLUMNS),
    ),
]


def add_to(app: typer.Typer) -> None:
    register(
        app, "gpus", gpus, *LISTING,
        examples=(
            "gpuws gpus",
            "gpuws gpus alpha bravo",
            "gpuws gpus --filter 'h100 free'",
            "gpuws gpus --by user",
            "gpuws gpus --sort free-first",
            "gpuws gpus --json | jq '.hosts[].gpus[] | select(.free) | .uuid'",
        ),
    )  # fmt: skip
    register(app, "top", top, *LISTING, examples=("gpuws top", "gpuws top --filter mine", "gpuws top --sort -util"))
    register(
        app, "ps", ps, *LISTING,
        examples=(
            "gpuws ps",
            "gpuws ps -a --mine",
            "gpuws ps bravo --filter 'gpus>0'",
            "gpuws ps -q --mine | xargs -n 1 gpuws logs --tail 3",
        ),
    )  # fmt: skip
    register(app, "ls", ps, *LISTING, examples=("gpuws ls", "gpuws ls -a alpha"), help="The same as ps.")


def gpus(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show it live, in place; q leaves. In a pipe: again and again.")
    ] = False,
    by: By = None,
    sort: Order = None,
    filters: GpuFilter = [],  # noqa: B006
) -> int:
    """Every GPU and who holds it.

    Filters: free, busy, held, idle, mine, lost, any part of a name (person, GPU, host, tag, container, program),
    free>40g, mem>50%, util<10, temp>80, power>300, idle>2h, age>10, gpu=0, user=, name=, host=, holder=, health=.
    A space is and, | is or, a comma lists alternatives, ! is not: 'h100,h200 free>40g | mine'.

    Columns: free-first, name, model, memory, free, util, temp, power, who, program, time. --watch has r, < and > for
    the order, and the keys j and k where not all fits; --json --watch prints a document a line."""
    from gpuws.cli.listings.gpus import list_gpus

    return list_gpus(options, hosts, filters, watch=watch, by_user=_by_user(by, sort), sort=sort)


def _by_user(by: str | None, sort: str | None) -> bool:
    if by not in (None, "user"):
        raise UsageError(f"--by {by}: there is no such roll-up", "write --by user")
    if by is not None and sort is not None:
        raise UsageError("--sort is for GPUs", "people stand by what they hold: leave --sort or --by out")
    return by is not None


def top(options: Options, hosts: Hosts = [], by: By = None, sort: Order = None, filters: GpuFilter = []) -> int:  # noqa: B006
    """The same as gpus --watch."""
    return gpus(options, hosts, watch=True, by=by, sort=sort, filters=filters)


def ps(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    all_: Annotated[bool, typer.Option("--all", "-a", help="Stopped containers too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only targets, one a line.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only what is mine.")] = False,
    filters: ContainerFilter = [],  # noqa: B006
) -> int:
    """Containers of every host.

    Filters: mine, running, any part of a name, host=, tag=, name=, state=, image=, owner=, profile=, gpus>0, mem>40g,
    age>2d; combined as for gpus."""
    from gpuws.cli.listings.kinds import containers
    from gpuws.cli.listings.listing import show

    return show(containers(everything=all_, mine=mine, quiet=quiet), options, hosts, filters)
