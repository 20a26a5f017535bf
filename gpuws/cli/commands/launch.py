"""`gpuws launch`: a container from a profile."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.options import Options
from gpuws.cli.registering import CHANGE, SELECT, complete_profiles, register

Profile = Annotated[str, typer.Argument(metavar="PROFILE", autocompletion=complete_profiles, show_default=False)]


def add_to(app: typer.Typer) -> None:
    register(app, "launch", launch, *SELECT, "json", *CHANGE)
    register(app, "run", launch, *SELECT, "json", *CHANGE, help="The same as launch.")


def launch(
    options: Options,
    profile: Profile,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="On whichever host fits best.")] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The container's name.")] = None,
    gpus: Annotated[
        str | None,
        typer.Option("--gpus", metavar="SPEC", help="all, none, N, device=0,1 or count=2,memory=40GiB,model=H200."),
    ] = None,
    settings: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the profile; repeatable.")
    ] = [],  # noqa: B006 - Typer copies it
    attach: Annotated[bool, typer.Option("--attach", help="Enter it when it runs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Go on although a check failed.")] = False,
) -> int:
    """A container from a profile.

    Checks first; --dry-run prints the checks and the equivalent docker run line."""
    from gpuws.cli.launching import Wish, launch_profile

    return launch_profile(options, Wish(profile, anywhere, name, gpus, tuple(settings), attach, force))
