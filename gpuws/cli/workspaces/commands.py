"""`start`, `stop`, `restart`, `kill`, `rm`: as docker, on every host."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit.grammar import CONFIRMED, complete_targets, register
from gpuws.cli.toolkit.options import Options

Targets = Annotated[list[str], typer.Argument(metavar="TARGET", autocompletion=complete_targets, show_default=False)]
Grace = Annotated[
    float | None, typer.Option("--time", "-t", metavar="SECONDS", min=0.0, help="Wait so long before killing it.")
]


def add_to(app: typer.Typer) -> None:
    register(app, "start", start, *CONFIRMED)
    register(app, "stop", stop, *CONFIRMED)
    register(app, "restart", restart, *CONFIRMED)
    register(app, "kill", kill, *CONFIRMED)
    register(app, "rm", rm, *CONFIRMED)


def start(options: Options, targets: Targets) -> int:
    """Start stopped containers."""
    from gpuws.cli.workspaces.actions import act

    return act("start", options, targets)


def stop(options: Options, targets: Targets, grace: Grace = None) -> int:
    """Stop running containers."""
    from gpuws.cli.workspaces.actions import act

    return act("stop", options, targets, grace=grace)


def restart(options: Options, targets: Targets, grace: Grace = None) -> int:
    """Stop containers and start them again."""
    from gpuws.cli.workspaces.actions import act

    return act("restart", options, targets, grace=grace)


def kill(options: Options, targets: Targets) -> int:
    """End containers at once."""
    from gpuws.cli.workspaces.actions import act

    return act("kill", options, targets)


def rm(
    options: Options,
    targets: Targets,
    force: Annotated[bool, typer.Option("--force", "-f", help="Running containers too.")] = False,
) -> int:
    """Remove stopped containers."""
    from gpuws.cli.workspaces.actions import act

    return act("remove", options, targets, force=force)
