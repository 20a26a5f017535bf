"""The root of the command line: every command is named here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Annotated

import typer

from gpuws.cli.toolkit import failures
from gpuws.cli.toolkit.grammar import ConfigDir, ReadOnly
from gpuws.cli.toolkit.options import Options

HELP = "Every GPU of every server with the name of whoever holds it; containers, tmux and notebooks one key away."
EPILOG = "Without a command it opens the screen. TARGET is HOST, HOST/CONTAINER or CONTAINER, with :SESSION or :PORT."
FAMILIES: Mapping[str, Sequence[str]] = {
    "screen": ("demo",),
    "paths": ("paths",),
    "listings.commands": ("gpus", "top", "ps"),
    "launch.commands": ("launch", "run", "wait", "waits"),
    "inside.commands": ("attach", "shell", "exec", "logs", "with"),
    "workspaces.commands": ("start", "stop", "restart", "kill", "rm", "drift", "recreate", "clone"),
    "images.commands": ("images",),
    "sessions.commands": ("tmux",),
    "tunnels.commands": ("jupyter", "tunnel", "tunnels"),
    "profiles.commands": ("profiles",),
    "hosts.commands": ("hosts",),
    "doctor.commands": ("doctor",),
    "keeper.commands": ("keeper",),
    "trust.commands": ("trust",),
}
"""Which module adds which commands. One that is named needs its own alone: the rest is a fifth of its start."""


def run(argv: list[str] | None = None) -> int:
    """The exit code of `gpuws argv`."""
    return failures.guarded(lambda: _run(argv))


def _run(argv: list[str] | None) -> int:
    """Commands guard themselves; what is caught here comes from reading the words."""
    try:
        words = sys.argv[1:] if argv is None else argv
        code = build(*words[:1])(args=words, prog_name="gpuws", standalone_mode=False)
    except typer.Abort:
        return failures.INTERRUPTED
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "gpuws"
        failures.note(f"{error.format_message().rstrip('.')} — see {command} --help")
        return error.exit_code
    return code if isinstance(code, int) else 0


def build(word: str = "") -> typer.Typer:
    """The grammar of all commands, or of the family that has the command `word`."""
    app = typer.Typer(
        name="gpuws",
        help=HELP,
        epilog=EPILOG,
        rich_markup_mode=None,
        add_completion=False,  # its scripts evaluate what is offered
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    for family in [name for name, commands in FAMILIES.items() if word in commands] or FAMILIES:
        import_module(f"gpuws.cli.{family}").add_to(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        from gpuws import __version__

        typer.echo(f"gpuws {__version__}")
        raise typer.Exit


def _show_completion(asked: bool) -> None:
    if asked:
        from gpuws.cli.completion.shells import SCRIPTS, my_shell

        typer.echo(SCRIPTS[my_shell()], nl=False)
        raise typer.Exit


def _install_completion(asked: bool) -> None:
    if asked:
        from gpuws.cli.completion.shells import install, my_shell

        for path in install(my_shell()):
            typer.echo(f"wrote {path}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    config_dir: ConfigDir = None,
    readonly: ReadOnly = False,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    install_completion: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--install-completion", callback=_install_completion, is_eager=True, help="Let TAB complete in your shell."
        ),
    ] = False,
    show_completion: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--show-completion", callback=_show_completion, is_eager=True, help="Print the script that does it."
        ),
    ] = False,
) -> int | None:
    ctx.obj = {"config_dir": config_dir, "readonly": readonly}
    if ctx.invoked_subcommand is None and not ctx.resilient_parsing:
        from gpuws.cli.screen import show_fleet

        return failures.guarded(lambda: show_fleet(Options(config_dir=config_dir, readonly=readonly)))
    return None
