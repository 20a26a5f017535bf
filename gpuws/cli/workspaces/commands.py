"""`start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `rename`, `rm`, `prune`, `inspect`, as docker on every host;
`drift`, `recreate`, `clone`."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CHANGE, CONFIRMED, REACH, SELECT, Hosts, argument, container, register
from gpuws.cli.toolkit.options import Options

Grace = Annotated[
    float | None, typer.Option("--time", "-t", metavar="SECONDS", min=0.0, help="Wait so long before killing it.")
]

Running = Annotated[list[str], container(offers.names("running"))]
Containers = Annotated[list[str], container(offers.containers)]
Container = Annotated[str, container(offers.containers)]
ACT = ("json", *CONFIRMED)
Ended = Annotated[
    list[str],
    typer.Option("--filter", metavar="EXPR", help="Only what it means, as for gpuws ps; given again, all must hold."),
]


def add_to(app: typer.Typer) -> None:
    register(app, "start", start, *ACT, examples=("gpuws start old-exp", "gpuws start old-exp --json"))
    register(
        app, "stop", stop, *ACT,
        examples=(
            "gpuws stop torch-dev",
            "gpuws stop --time 60 --yes alpha/torch-dev foxtrot/vllm",
            "gpuws stop --yes-not-mine jup alpha/jup",
        ),
    )  # fmt: skip
    register(app, "restart", restart, *ACT, examples=("gpuws restart --yes foxtrot/vllm",))
    register(app, "kill", kill, *ACT, examples=("gpuws kill --yes foxtrot/vllm",))
    register(app, "pause", pause, *ACT, examples=("gpuws pause --yes foxtrot/vllm",))
    register(app, "unpause", unpause, *ACT, examples=("gpuws unpause --dry-run foxtrot/vllm",))
    register(app, "rename", rename, *ACT, examples=("gpuws rename --yes old-exp vit-l-first",))
    register(app, "rm", rm, *ACT, examples=("gpuws rm --yes old-exp", "gpuws rm --force --yes tensorboard"))
    register(
        app, "prune", prune, *SELECT, "allow_partial", *ACT,
        examples=("gpuws prune alpha --dry-run", "gpuws prune alpha --filter 'age>2d' --yes"),
    )  # fmt: skip
    register(
        app, "inspect", inspect, "json", *REACH,
        examples=("gpuws inspect torch-dev", "gpuws inspect alpha/jup bravo/rag | jq '.[].State'"),
    )  # fmt: skip
    register(
        app, "describe", describe, *REACH,
        examples=("gpuws describe torch-dev", "gpuws describe bravo/rag alpha/jup"),
    )  # fmt: skip
    register(app, "drift", drift, "json", *REACH, examples=("gpuws drift torch-dev", "gpuws drift torch-dev --json"))
    register(
        app, "recreate", recreate, *ACT,
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


def pause(options: Options, targets: Running) -> int:
    """Hold containers still: nothing in them runs, all of it stays.

    Their GPUs and their memory stay taken."""
    from gpuws.cli.workspaces.actions import act

    return act("pause", options, targets)


def unpause(options: Options, targets: Running) -> int:
    """Let what was paused go on."""
    from gpuws.cli.workspaces.actions import act

    return act("unpause", options, targets)


def rename(
    options: Options, target: Container, name: Annotated[str, argument("NAME", "What it is called from then on.")]
) -> int:
    """Call a container otherwise."""
    from gpuws.cli.workspaces.actions import rename as rename_one

    return rename_one(options, target, name)


def rm(
    options: Options,
    targets: Annotated[list[str], container(offers.removable)],
    force: Annotated[bool, typer.Option("--force", "-f", help="Running containers too.")] = False,
) -> int:
    """Remove stopped containers."""
    from gpuws.cli.workspaces.actions import act

    return act("remove", options, targets, force=force)


def prune(options: Options, hosts: Hosts = [], filters: Ended = []) -> int:  # noqa: B006 - Typer copies it
    """Remove the containers of mine that have ended.

    Only those whose label says that they are mine; of these, those that --filter means."""
    from gpuws.cli.workspaces.actions import prune as prune_all

    return prune_all(options, hosts, filters)


def inspect(options: Options, targets: Containers) -> int:
    """Everything the engine knows of containers, as docker inspect.

    JSON with or without --json. What looks like a secret is hidden."""
    from gpuws.cli.workspaces.inspection import print_inspected

    return print_inspected(options, targets)


def describe(options: Options, targets: Containers) -> int:
    """Containers in full, for people.

    State, what it takes beside its caps, health checks, last events, mounts, ports, networks, environment with secrets
    hidden. For programs: inspect."""
    from gpuws.cli.workspaces.describing import describe as describe_all

    return describe_all(options, targets)


def drift(options: Options, target: Container) -> int:
    """Where a container differs from what its profile says now.

    Exit code 1 where it does, as diff."""
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
