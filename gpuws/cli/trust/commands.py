"""`gpuws trust`: what others' files may do."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, argument, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(
        app, "trust", trust, "yes", "dry_run", *BASE,
        examples=("gpuws trust /nfs/lab/gpuws/hosts.yaml",),
    )  # fmt: skip


def trust(
    options: Options,
    file: Annotated[str, argument("FILE", "As config.yaml names it.", offers.files)],
) -> int:
    """Accept what a shared file does.

    FILE is a hosts file or a profile that config.yaml names. What it would run, send or connect to is shown first, as a
    difference to what was accepted before."""
    from gpuws.cli.trust.trust import trust_file

    return trust_file(options, file)
