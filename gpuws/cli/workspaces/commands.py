"""`start`, `stop`, `restart`, `kill`, `rm`, `inspect`, as docker on every host; `drift`, `recreate`, `clone`."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CHANGE, CONFIRMED, REACH, container, register
from gpuws.cli.toolkit.options import Options

Grace = Annotated[
    float | None, typer.Option("--time", "-t", metavar="SECONDS", min=0.0, help="Wait so long before killing it.")
]

Running = Annotated[list[str], container(offers.names("running"))]
Containers = Annotated[list[str], container(offers.containers)]
Container = Annotated[str, container(offers.containers)]


def add_to(app: typer.Typer) -> None:
    register(app, "start", start, *CONFIRMED, examples=("gpuws start old-exp",))
    register(
        app, "stop", stop, *CONFIRMED,
        examples=(
            "gpuws stop torch-dev",
            "gpuws stop --time 60 --yes alpha/torch-dev foxtrot/vllm",
            "gpuws stop --yes-not-mine jup alpha/jup",
        ),
    )  # fmt: skip
    register(app, "restart", restart, *CONFIRMED, examples=("gpuws restart --yes foxtrot/vllm",))
    register(app, "kill", kill, *CONFIRMED, examples=("gpuws kill --yes foxtrot/vllm",))
    register(app, "rm", rm, *CONFIRMED, examples=("gpuws rm --yes old-exp", "gpuws rm --force --yes tensorboard"))
    register(
        app, "inspect", inspect, "json", *REACH,
        examples=("gpuws inspect torch-dev", "gpuws inspect alpha/jup bravo/rag | jq '.[].State'"),
    )  # fmt: skip
    register(app, "drift", drift, "json", *REACH, examples=("gpuws drift torch-dev", "gpuws drift torch-dev --json"))
    register(
        app, "recreate", recreate, *CONFIRMED,
        examples=("gpuws recreate --dry-run torch-dev", "gpuws recreate --yes torch-dev"),
    )  # fmt: skip
    register(
        app, "clone", clone, "json", "yes_not_mine", *CHANGE,
        examples=(
            "gpuws clone torch-dev -H bravo",
            "gpuws clone torch-dev -H bravo --with-volumes",
            "gpuws clone torch-dev -H bravo --with torch-dev-cache --dry-run",
            "gpuws clone torch-dev -H bravo --gpus 1 --dry-run",
        ),
    )  # fmt: skip


def start(options: Options, targets: Annotated[list[str], container(offers.names("stopped"))]) -> int:
    """Start stopped containers."""
    from gpuws.cli.workspaces.actions import act

    return act("start", options, targets)


def stop(options: Options, targets: Running, grace: Grace = None) -> int:
    """Stop running containers."""
    from gpuws.cli.workspaces.actions import act

    return act("stop", options, targets, grace=grace)


def restart(options: Options, targets: Containers, grace: Grace = None) -> int:
    """Stop containers and start them again."""
    from gpuws.cli.workspaces.actions import act

    return act("restart", options, targets, grace=grace)


def kill(options: Options, targets: Running) -> int:
    """End containers at once."""
    from gpuws.cli.workspaces.actions import act

    return act("kill", options, targets)


def rm(
    options: Options,
    targets: Annotated[list[str], container(offers.removable)],
    force: Annotated[bool, typer.Option("--force", "-f", help="Running containers too.")] = False,
) -> int:
    """Remove stopped containers."""
    from gpuws.cli.workspaces.actions import act

    return act("remove", options, targets, force=force)


def inspect(options: Options, targets: Containers) -> int:
    """Everything the engine knows of containers, as docker inspect.

    JSON with or without --json. What looks like a secret is hidden."""
    from gpuws.cli.workspaces.inspection import print_inspected

    return print_inspected(options, targets)


def drift(options: Options, target: Container) -> int:
    """Where a container differs from what its profile says now."""
    from gpuws.cli.workspaces.recipes import show_drift

    return show_drift(options, target)


def recreate(options: Options, targets: Containers) -> int:
    """Make containers again from their images.

    Name, mounts, ports, GPUs and environment stay; the old one comes back if the new one does not start."""
    from gpuws.cli.workspaces.recipes import recreate as recreate_all

    return recreate_all(options, targets)


def clone(
    options: Options,
    target: Container,
    host: Annotated[str, typer.Option("--host", "-H", metavar="HOST", help="Where to.", autocompletion=offers.hosts)],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The new container's name.")] = None,
    gpus: Annotated[
        str | None,
        typer.Option(
            "--gpus", metavar="SPEC", help="Other GPUs than as many as it has.", autocompletion=offers.gpu_specs
        ),
    ] = None,
    volumes: Annotated[bool, typer.Option("--with-volumes", help="Bring what lies in its named volumes.")] = False,
    binds: Annotated[bool, typer.Option("--with-binds", help="And in directories of its host.")] = False,
    data: Annotated[
        list[str],
        typer.Option("--with", metavar="NAME", help="Only this volume, or the place inside; repeatable."),
    ] = [],  # noqa: B006 - Typer copies it
    attach: Annotated[bool, typer.Option("--attach", help="Enter it when it runs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Go on although a check failed.")] = False,
) -> int:
    """Launch a container like this one on another host.

    Data stay unless they are asked for: volumes are looked for under the same names there. What is brought goes through
    this machine before the new one starts; where something is already its name must be typed. Cancelled, new volumes go
    again."""
    from gpuws.cli.workspaces.recipes import CloneRequest
    from gpuws.cli.workspaces.recipes import clone as clone_to

    request = CloneRequest(host, name, gpus, volumes, binds, tuple(data), attach, force)
    return clone_to(options, target, request)
