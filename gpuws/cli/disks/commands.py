"""`gpuws disks` and `gpuws volumes`: what fills the hosts' disks, and what of it can go."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CONFIRMED, LISTING, SELECT, Hosts, argument, register, register_group
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

By = Annotated[
    str | None,
    typer.Option("--by", metavar="user", help="One row a person, as labels tell.", autocompletion=offers.words("user")),
]
Volumes = Annotated[list[str], argument("VOLUME", "Its name; the beginning of one that the engine named.")]


def add_to(app: typer.Typer) -> None:
    register(
        app, "disks", disks, *LISTING,
        examples=(
            "gpuws disks alpha",
            "gpuws disks alpha bravo --by user",
            "gpuws disks alpha --all",
            "gpuws disks alpha --json | jq '.disks[].volumes[] | select(.mine) | .name'",
        ),
    )  # fmt: skip
    group = register_group(
        app, "volumes", "Volumes of the hosts' engines: whose, how large, unused.", everywhere, *LISTING,
        examples=("gpuws volumes", "gpuws volumes ls alpha"),
    )  # fmt: skip
    register(group, "ls", ls, *LISTING, examples=("gpuws volumes ls alpha", "gpuws volumes ls alpha --json"))
    register(
        group, "rm", rm, *SELECT, "json", *CONFIRMED,
        examples=(
            "gpuws volumes rm -H alpha --yes old-checkpoints",
            "gpuws volumes rm -H alpha --yes-not-mine datasets-2024 datasets-2024",
        ),
    )  # fmt: skip
    register(
        group, "prune", prune, *SELECT, "json", *CONFIRMED,
        examples=(
            "gpuws volumes prune --dry-run alpha --all",
            "gpuws volumes prune alpha --yes-not-mine 9f2c77e0a1b3",
        ),
    )  # fmt: skip


def disks(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    by: By = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Thing by thing, the largest first.")] = False,
) -> int:
    """What fills the disks: images, containers, logs, volumes, cache.

    Asked of the engines, as docker system df: on a slow disk it takes minutes, and Ctrl-C ends it. CAN GO: what no
    container and no build uses. A log's size is known where my login may look at its file."""
    from gpuws.cli.disks.disks import show_disks

    if by not in (None, "user"):
        raise UsageError(f"--by {by}: there is no such roll-up", "write --by user")
    return show_disks(options, hosts, by_user=by is not None, everything=everything)


def everywhere(options: Options) -> int:
    """Volumes of the hosts' engines."""
    return ls(options)


def ls(options: Options, hosts: Hosts = []) -> int:  # noqa: B006
    """Volumes of every host: size, owner, and who uses them."""
    from gpuws.cli.disks.volumes import list_volumes

    return list_volumes(options, hosts)


def rm(options: Options, volumes: Volumes) -> int:
    """Remove volumes that no container uses.

    One that a container has stays, whether it runs or not."""
    from gpuws.cli.disks.volumes import remove_volumes

    return remove_volumes(options, volumes)


def prune(
    options: Options,
    hosts: Hosts = [],  # noqa: B006
    everything: Annotated[bool, typer.Option("--all", "-a", help="Those that somebody named, too.")] = False,
) -> int:
    """Remove the volumes that no container uses and nobody named.

    What goes is shown first, with sizes and owners. What a stopped container has stays."""
    from gpuws.cli.disks.volumes import prune_volumes

    return prune_volumes(options, hosts, every=everything)
