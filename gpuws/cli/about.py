"""`help`, `version`, `completion`: gpuws about itself."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import argument, register
from gpuws.cli.toolkit.options import Options


def offer_commands(ctx: typer.Context, incomplete: str) -> list[str]:
    """What goes on from the words so far."""
    from gpuws.cli.root import build

    there: object = typer.main.get_command(build(*ctx.params.get("words", ())[:1]))
    for word in ctx.params.get("words", ()):
        there = getattr(there, "commands", {}).get(word)
    return [name for name in getattr(there, "commands", {}) if name.startswith(incomplete)]


SHELLS = offers.words("bash", "zsh", "fish")


def add_to(app: typer.Typer) -> None:
    register(app, "help", help_, examples=("gpuws help", "gpuws help launch", "gpuws help tunnels close"))
    register(app, "version", version, examples=("gpuws version",))
    register(
        app, "completion", completion,
        examples=(
            "gpuws completion bash > ~/.bash_completions/gpuws.sh",
            "gpuws completion fish > ~/.config/fish/completions/gpuws.fish",
        ),
    )  # fmt: skip


def help_(
    options: Options,  # noqa: ARG001 - it is the same everywhere
    words: Annotated[list[str], argument("COMMAND", "Of gpuws, and of that one.", offer_commands)] = [],  # noqa: B006 - Typer copies it
) -> int:
    """What a command does, as its --help."""
    from gpuws.cli.root import run

    return run([*words, "--help"])


def version(options: Options) -> int:  # noqa: ARG001
    """The version, as --version."""
    from gpuws.cli.root import run

    return run(["--version"])


def completion(
    options: Options,  # noqa: ARG001
    shell: Annotated[
        str | None,
        argument(
            "SHELL", "bash, zsh or fish; the login shell where none is named.", offers.words("bash", "zsh", "fish")
        ),
    ] = None,
) -> int:
    """The script that lets TAB complete in a shell.

    gpuws --install-completion writes it where that looks for it."""
    from gpuws.cli.completion.shells import my_shell, script_of

    sys.stdout.write(script_of(shell or my_shell()))
    return 0
