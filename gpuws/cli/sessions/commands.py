"""`gpuws tmux`: sessions everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CHANGE, CONFIRMED, LISTING, Hosts, argument, register, register_group
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError

NAME = "HOST[/CONTAINER]:NAME"


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "tmux", "tmux sessions, on hosts and in containers.", everywhere, *LISTING,
        examples=("gpuws tmux", "gpuws tmux new alpha:train"),
    )  # fmt: skip
    register(group, "ls", ls, *LISTING, examples=("gpuws tmux ls", "gpuws tmux ls alpha --json"))
    # What follows `--` belongs to the program there.
    register(
        group, "new", new, "json", "yes_not_mine", *CHANGE,
        examples=(
            "gpuws tmux new alpha:train", "gpuws tmux new alpha/torch-dev:eval -c /workspace -- python eval.py --all",
            "gpuws tmux new alpha/try:train --profile base",
        ),
    )  # fmt: skip
    register(
        group, "rename", rename, "json", "yes_not_mine", *CHANGE, examples=("gpuws tmux rename alpha:notes papers",),
    )  # fmt: skip
    register(
        group, "detach", detach, "json", "yes_not_mine", *CHANGE, examples=("gpuws tmux detach alpha/torch-dev:main",)
    )
    register(
        group,
        "kill",
        kill,
        "json",
        *CONFIRMED,
        examples=("gpuws tmux kill --yes alpha:notes", "gpuws tmux kill --yes --json alpha:notes"),
    )


def everywhere(options: Options) -> int:
    """tmux sessions, on hosts and in containers."""
    return ls(options)


def ls(options: Options, hosts: Hosts = []) -> int:  # noqa: B006 - Typer copies it
    """Sessions of every host, and of my containers: windows, what runs in them, how long they wrote nothing."""
    from gpuws.cli.listings.kinds import sessions
    from gpuws.cli.listings.listing import show

    return show(sessions(), options, hosts, [])


def new(
    options: Options,
    session: Annotated[str, argument(NAME, "Where, and what it is to be called.", offers.places)],
    command: Annotated[
        list[str], argument("[-- CMD]", "What runs in it instead of a shell; its pane stays when it has ended.")
    ] = [],  # noqa: B006 - Typer copies it
    directory: Annotated[
        str, typer.Option("--directory", "-c", metavar="DIR", help="Begin there: /data, ~/work.", show_default=False)
    ] = "",
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="PROFILE",
            help="In a container that it makes: HOST:NAME, or HOST/CONTAINER:NAME.",
            autocompletion=offers.profiles,
            show_default=False,
        ),
    ] = "",
) -> int:
    """Make a session, detached."""
    from gpuws.cli.sessions.sessions import launch_session, new_session

    if profile:
        if directory or command:
            raise UsageError("a profile says itself what runs, and where", "leave -c and CMD out, or --profile")
        return launch_session(options, session, profile)
    return new_session(options, session, directory, command)


def rename(
    options: Options,
    session: Annotated[str, argument(NAME, "As gpuws tmux lists it.", offers.names("sessions"))],
    name: Annotated[str, argument("NEW", "What it is to be called.")],
) -> int:
    """Call a session otherwise."""
    from gpuws.cli.sessions.sessions import rename_session

    return rename_session(options, session, name)


def detach(
    options: Options,
    session: Annotated[str, argument(NAME, "As gpuws tmux lists it.", offers.names("sessions"))],
) -> int:
    """Send everybody out of a session; what runs in it goes on."""
    from gpuws.cli.sessions.sessions import detach_clients

    return detach_clients(options, session)


def kill(
    options: Options,
    session: Annotated[str, argument(NAME, "As gpuws tmux lists it.", offers.names("sessions"))],
) -> int:
    """End a session and what runs in it."""
    from gpuws.cli.sessions.sessions import kill_session

    return kill_session(options, session)
