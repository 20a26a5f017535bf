"""`gpus`, `top`, `ps` and `ls`: what is, on every host at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import LISTING, Hosts, register
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from gpuws.present.tables.workspaces import By as Group

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
GROUPS = ("host", "user", "project")
CONTAINER_COLUMNS = (
    *("host", "name", "state", "owner", "gpus", "gpu-mem", "cpu", "ram", "limit", "up", "image", "created", "ports"),
    "tunnels",
)
Grouped = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="host|user|project",
        help="In groups, each with its sums; project: of Compose.",
        autocompletion=offers.words(*GROUPS),
    ),
]
ContainerOrder = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="COLUMN",
        help="By the column, as it is called; -COLUMN is the other way round.",
        autocompletion=offers.words(*CONTAINER_COLUMNS),
    ),
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
            "gpuws gpus alpha --json --detail",
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
            "gpuws ps --usage --by user --sort ram",
            "gpuws ps -a --filter unhealthy,failed",
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
    detail: Annotated[
        bool,
        typer.Option("--detail", help="In JSON also what is read only for whoever looks closely: clocks, ECC, PCIe."),
    ] = False,
) -> int:
    """Every GPU and who holds it.

    Filters: free, busy, held, idle, mine, lost, any part of a name (person, GPU, host, tag, container, program),
    free>40g, mem>50%, util<10, temp>80, power>300, idle>2h, age>10, gpu=0, user=, name=, host=, holder=, health=.
    A space is and, | is or, a comma lists alternatives, ! is not: 'h100,h200 free>40g | mine'.

    Columns: free-first, name, model, memory, free, util, temp, power, who, program, time. --watch has r, < and > for
    the order, and the keys j and k where not all fits; --json --watch prints a document a line."""
    from gpuws.cli.listings.gpus import list_gpus

    by_user = _by_user(by, sort)
    if detail and (watch or by_user or not options.json):
        raise UsageError("--detail is for one document of GPUs", "write gpuws gpus --json --detail")
    return list_gpus(options, hosts, filters, watch=watch, by_user=by_user, sort=sort, detail=detail)


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
    usage: Annotated[
        bool, typer.Option("--usage", help="What each takes of processors and memory, measured anew over a second.")
    ] = False,
    by: Grouped = None,
    sort: ContainerOrder = None,
    filters: ContainerFilter = [],  # noqa: B006
) -> int:
    """Containers of every host.

    Filters: mine, running, ended, paused, unhealthy, failed, any part of a name, host=, tag=, name=, state=, health=,
    image=, owner=, profile=, project=, port=8888, gpus>0, mem>40g (of GPUs), limit>64g, cpus>8, restarts>0, up>2h,
    age>2d; combined as for gpus."""
    from gpuws.cli.listings.kinds import Containers, containers
    from gpuws.cli.listings.listing import show

    column = _one_of("--sort", sort, CONTAINER_COLUMNS)
    group = cast("Group", _one_of("--by", by, GROUPS))
    return show(containers(Containers(all_, mine, quiet, usage, group, column)), options, hosts, filters)


def _one_of(option: str, said: str | None, known: Sequence[str]) -> str:
    """ "" where nothing is said. UsageError where it is none of them; a minus in front is no part of it."""
    if said is not None and said.removeprefix("-") not in known:
        raise UsageError(f"{option} {said}: there is no such one", f"one of {', '.join(known)}")
    return said or ""
