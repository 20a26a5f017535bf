"""`cp`: files between here, hosts and containers."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CONFIRMED, argument, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(
        app, "cp", cp, "json", *CONFIRMED,
        examples=(
            "gpuws cp train.yaml alpha/torch-dev:/workspace/",
            "gpuws cp alpha/torch-dev:/workspace/checkpoints .",
            "gpuws cp 'alpha/torch-dev:/workspace/checkpoints/*.pt' bravo:/tmp",
        ),
    )  # fmt: skip


def cp(
    options: Options,
    sources: Annotated[
        list[str], argument("SRC", "A path here, or TARGET:PATH of a host or a container.", offers.spots)
    ],
    target: Annotated[str, argument("DST", "Written in the same way.", offers.spots)],
    user: Annotated[
        str | None, typer.Option("--user", "-u", metavar="USER", help="In a container, as this user.")
    ] = None,
    archive: Annotated[  # noqa: ARG001 - it is always so
        bool, typer.Option("--archive", "-a", "-r", help="Directories, modes and times, as it is done anyway.")
    ] = False,
) -> int:
    """Copy files and directories, here, on hosts and in containers.

    Modes and times come along. What is cut goes on by itself; what was broken off, the same command goes on with. A
    file comes to its name when it is whole."""
    from gpuws.cli.files.copying import copy

    return copy(options, [*sources, target], user)
