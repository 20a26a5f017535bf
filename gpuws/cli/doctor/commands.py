"""`gpuws doctor`: what is missing or risky on the hosts."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit.grammar import LISTING, Hosts, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(
        app, "doctor", doctor, *LISTING,
        examples=("gpuws doctor", "gpuws doctor --all alpha", "gpuws doctor --json foxtrot"),
    )  # fmt: skip


def doctor(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    everything: Annotated[bool, typer.Option("--all", "-a", "-v", help="What is well, too.")] = False,
) -> int:
    """What is missing or risky on each host, and its fix.

    It only asks. Exit code 1 where something fails, 3 where a host was not reached."""
    from gpuws.cli.doctor.checkup import examine

    return examine(options, hosts, everything=everything)
