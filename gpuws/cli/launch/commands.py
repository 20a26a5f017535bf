"""`launch`: a container from a profile; `wait` and `waits`: when there is room for it."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.launch.docker_words import LaunchCommand, RunCommand
from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, CHANGE, SELECT, argument, register, register_group
from gpuws.cli.toolkit.options import Options

Anywhere = Annotated[bool, typer.Option("--anywhere", help="On whichever host fits best.")]
Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="The container's name.")]
Gpus = Annotated[
    str | None,
    typer.Option(
        "--gpus",
        metavar="SPEC",
        help="all, none, N, device=0,1 or count=2,memory=40GiB,model=H200.",
        autocompletion=offers.gpu_specs,
    ),
]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the profile; repeatable.")
]
Attach = Annotated[bool, typer.Option("--attach", help="Enter it when it runs.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not stay: the keeper goes on, gpuws tasks tells of it.")]
Force = Annotated[bool, typer.Option("--force", help="Go on although a check failed.")]
Profile = Annotated[str, argument("PROFILE", "As gpuws profiles lists it.", offers.profiles)]
WaitReady = Annotated[
    str,
    typer.Option(
        "--wait-ready", metavar="PORT|healthy", help="Done once that port answers, or its health check is well."
    ),
]
Verify = Annotated[bool, typer.Option("--verify", help="Try torch in it: a matrix product on each GPU.")]


def add_to(app: typer.Typer) -> None:
    register(
        app, "launch", launch, *SELECT, "json", "yes_not_mine", *CHANGE, cls=LaunchCommand,
        examples=(
            "gpuws launch pytorch-2.8-cu128  # shows the hosts, best first, and asks",
            "gpuws launch pytorch-2.8-cu128 -H bravo --gpus 2 --name train --dry-run",
            "gpuws launch pytorch-2.8-cu128 -H bravo --gpus device=4,5 --attach",
            "gpuws launch base --anywhere --gpus count=1,memory=40GiB",
            "gpuws launch base -H alpha --set mem_limit=64g",
            "gpuws launch pytorch-2.8-cu128 -H bravo --wait-ready 8888 --verify",
            "gpuws launch base -H bravo --name prep -- python prep.py --workers 8",
        ),
    )  # fmt: skip
    register(
        app, "run", run, *SELECT, "json", "yes_not_mine", *CHANGE, cls=RunCommand,
        examples=(
            "gpuws run -H bravo --gpus 2 --shm-size 16g -v ~/data:/data lab/torch:2.8",
            "gpuws run lab/torch:2.8 -H bravo --gpus 1 -it --rm -- bash",
            "gpuws run -H bravo --dry-run -e HF_TOKEN -p 8000:8000 lab/serve --port 8000",
            "gpuws run base -H alpha  # a profile: as gpuws launch base",
        ),
    )  # fmt: skip
    register(
        app, "wait", wait, *SELECT, "json", *CHANGE,
        examples=(
            "gpuws wait --gpus 2",
            "gpuws wait --gpus count=2,model=H100 --launch pytorch-2.8-cu128 --for 8h",
            "gpuws wait --gpus 1 -H bravo && echo go",
        ),
    )  # fmt: skip
    group = register_group(
        app, "waits", "Waits for GPUs that go on in the keeper.", waits, "json", *BASE,
        examples=("gpuws waits", "gpuws waits cancel 1"),
    )  # fmt: skip
    register(group, "ls", waits, "json", *BASE, examples=("gpuws waits ls", "gpuws waits ls --json"))
    register(group, "cancel", cancel, "json", "dry_run", *BASE, examples=("gpuws waits cancel 1",))


def launch(
    options: Options,
    profile: Profile,
    command: Annotated[list[str], argument("-- CMD", "What it runs instead of the profile's command.")] = [],  # noqa: B006
    anywhere: Anywhere = False,
    name: Name = None,
    gpus: Gpus = None,
    settings: Settings = [],  # noqa: B006
    attach: Attach = False,
    wait_ready: WaitReady = "",
    verify: Verify = False,
    detach: Detach = False,
    force: Force = False,
) -> int:
    """A container from a profile.

    Without a host it shows all, best first, and asks. Checks come before anything is made; --dry-run prints them and
    the equivalent docker run line. Ctrl-C cancels it; a terminal that closes does not: gpuws tasks tells of it. What
    ends at once is no success: exit 1, with its last lines. --wait-ready gives up after 5 minutes, or after
    --timeout."""
    from gpuws.cli.launch.launch import LaunchRequest, launch_profile, running

    said = (*settings, *running(command))
    asked = LaunchRequest(profile, anywhere, name, gpus, said, attach, force, wait_ready, verify, detach)
    return launch_profile(options, asked)


def run(
    options: Options,
    words: Annotated[list[str], argument("IMAGE", "Then docker's flags, and -- COMMAND.", offers.profiles)],
    image: Annotated[bool, typer.Option("--image", help="IMAGE is one, although a profile is called so.")] = False,
    anywhere: Anywhere = False,
    name: Name = None,
    gpus: Gpus = None,
    settings: Settings = [],  # noqa: B006 - Typer copies it
    attach: Attach = False,
    wait_ready: WaitReady = "",
    verify: Verify = False,
    detach: Detach = False,
    force: Force = False,
) -> int:
    """A container from an image, with docker's flags.

    All of docker run's: -e -v -p -it --shm-size --memory --rm …; but -h is help. They stand before IMAGE, and its
    command behind it, as with docker; or behind IMAGE, and -- COMMAND behind them. What of them is not done is said.
    Checks, GPUs and host as with launch. It runs in the background; with --rm the engine removes it once it ends, its
    log with it. A profile of mine or a built-in one, without such flags, is launched."""
    from gpuws.cli.launch.launch import LaunchRequest
    from gpuws.cli.launch.run import run_image

    asked = LaunchRequest("", anywhere, name, gpus, tuple(settings), attach, force, wait_ready, verify, detach)
    return run_image(options, words, asked, image=image)


def wait(
    options: Options,
    gpus: Annotated[
        str, typer.Option("--gpus", metavar="SPEC", help="N, device=0,1 or count=2,memory=40GiB,model=H200.")
    ],
    profile: Annotated[
        str | None,
        typer.Option("--launch", metavar="PROFILE", help="Then launch it there.", autocompletion=offers.profiles),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The container's name.")] = None,
    attach: Annotated[bool, typer.Option("--attach", help="Enter it when it runs.")] = False,
    at_most: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="Wait no longer: 30m, 2h; then exit 1.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not stay: the keeper waits and launches.")] = False,
) -> int:
    """Until such GPUs are free somewhere.

    A GPU counts once two samples in a row showed it free. Where no host has such GPUs at all: exit 4, at once."""
    from gpuws.cli.launch.wait import WaitRequest, wait_for_gpus

    return wait_for_gpus(options, WaitRequest(gpus, profile, name, attach, at_most, detach))


def waits(options: Options) -> int:
    """Those that go on, and those that ended in the last day."""
    from gpuws.cli.launch.waits import list_waits

    return list_waits(options)


def cancel(
    options: Options,
    waits: Annotated[list[str], argument("N", "As gpuws waits lists it.", offers.waits)],
) -> int:
    """End waits, or forget those that ended."""
    from gpuws.cli.launch.waits import cancel_waits

    return cancel_waits(options, waits)
