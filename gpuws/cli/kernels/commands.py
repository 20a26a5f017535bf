"""`gpuws kernels`: notebooks and what they hold."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CONFIRMED, LISTING, REACH, SELECT, Hosts, argument, register, register_group
from gpuws.cli.toolkit.options import Options

NAME = "HOST[/CONTAINER]:NOTEBOOK"
ABOUT = "A notebook's path or file, or the beginning of its kernel's id; without it the only one there."
Kernels = Annotated[list[str], argument(NAME, ABOUT, offers.names("kernels"))]
Idle = Annotated[
    str | None,
    typer.Option("--idle", metavar="DURATION", help="Only those that have rested for longer: 30m, 6h, 2d."),
]
AllMine = Annotated[
    str | None,
    typer.Option(
        "--idle", metavar="DURATION", help="All of mine that have rested for longer: 30m, 6h, 2d; or of those named."
    ),
]


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "kernels", "Notebooks and the GPU memory that their kernels hold.", everywhere, *LISTING,
        examples=("gpuws kernels", "gpuws kernels shutdown --idle 6h --yes"),
    )  # fmt: skip
    register(
        group, "ls", ls, *LISTING,
        examples=("gpuws kernels ls", "gpuws kernels ls alpha --idle 6h", "gpuws kernels ls --mine --json"),
    )  # fmt: skip
    changing = ("json", *SELECT, *CONFIRMED)
    register(
        group, "interrupt", interrupt, *changing,
        examples=("gpuws kernels interrupt --yes alpha/torch-dev:attention-maps",),
    )  # fmt: skip
    register(
        group, "restart", restart, *changing,
        examples=("gpuws kernels restart --yes alpha/torch-dev:notebooks/attention-maps.ipynb",),
    )  # fmt: skip
    register(
        group, "shutdown", shutdown, *changing,
        examples=(
            "gpuws kernels shutdown --yes alpha/torch-dev:attention-maps",
            "gpuws kernels shutdown --idle 6h -H alpha --dry-run",
            "gpuws kernels shutdown alpha/jup:exp7 --yes-not-mine exp7.ipynb",
        ),
    )  # fmt: skip
    register(group, "message", message, *REACH, examples=("gpuws kernels message alpha/jup:exp7",))


def everywhere(options: Options) -> int:
    """Notebooks and the GPU memory that their kernels hold."""
    return ls(options)


def ls(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    idle: Idle = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what is mine.")] = False,
) -> int:
    """Notebooks and kernels: state, GPU memory, since when idle, whose.

    Those of my Jupyter servers on every host and in my containers, of servers to which a tunnel with a token is open,
    and whatever other kernel holds a GPU."""
    from gpuws.cli.kernels.listing import list_kernels

    return list_kernels(options, hosts, idle, mine=mine)


def interrupt(options: Options, kernels: Kernels = [], idle: AllMine = None) -> int:  # noqa: B006
    """End the cell that runs, as the square button does; variables and GPU memory stay."""
    from gpuws.cli.kernels.acting import act_on

    return act_on("interrupt", options, kernels, idle)


def restart(options: Options, kernels: Kernels = [], idle: AllMine = None) -> int:  # noqa: B006
    """A new kernel for the notebook: variables are lost and GPU memory is freed."""
    from gpuws.cli.kernels.acting import act_on

    return act_on("restart", options, kernels, idle)


def shutdown(options: Options, kernels: Kernels = [], idle: AllMine = None) -> int:  # noqa: B006
    """End kernels: variables are lost and GPU memory is freed, the notebooks' files stay."""
    from gpuws.cli.kernels.acting import act_on

    return act_on("shutdown", options, kernels, idle)


def message(options: Options, kernel: Annotated[str, argument(NAME, ABOUT, offers.names("kernels"))]) -> int:
    """A word to whoever holds it, printed and copied; nothing is sent.

    With it come the commands that would send it: write, mail."""
    from gpuws.cli.kernels.acting import write_message

    return write_message(options, kernel)
