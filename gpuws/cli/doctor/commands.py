"""`gpuws doctor`: what is missing or risky on the hosts."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit.grammar import LISTING, Hosts, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(
        app, "doctor", doctor, *LISTING, "dry_run", "yes",
        examples=(
            "gpuws doctor", "gpuws doctor --all alpha", "gpuws doctor --json foxtrot",
            "gpuws doctor alpha --fix gpu_lost --dry-run",
        ),
    )  # fmt: skip


def doctor(
    options: Options,
    hosts: Hosts = [],  # noqa: B006 - Typer copies it
    everything: Annotated[bool, typer.Option("--all", "-a", "-v", help="What is well, too.")] = False,
    fix: Annotated[
        list[str],
        typer.Option("--fix", metavar="NAME", help="Mend the rows of this name, once you agree; repeatable."),
    ] = [],  # noqa: B006
) -> int:
    """What is missing or risky on each host, and its fix.

    Without --fix it only asks. Exit code 1 where something fails, 3 where a host was not reached.

    --fix mends what is yours, without root: it shows the plain command, asks, and looks again."""
    if fix:
        from gpuws.cli.doctor.fixing import mend

        return mend(options, hosts, fix)
    from gpuws.cli.doctor.checkup import examine

    return examine(options, hosts, everything=everything)
