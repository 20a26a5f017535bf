"""The root of the command line: every command is named here."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli import paths, screen
from gpuws.cli.doctor import commands as doctor
from gpuws.cli.hosts import commands as hosts
from gpuws.cli.images import commands as images
from gpuws.cli.inside import commands as inside
from gpuws.cli.keeper import commands as keeper
from gpuws.cli.launch import commands as launch
from gpuws.cli.listings import commands as listings
from gpuws.cli.profiles import commands as profiles
from gpuws.cli.sessions import commands as sessions
from gpuws.cli.toolkit import failures
from gpuws.cli.toolkit.grammar import ConfigDir, ReadOnly
from gpuws.cli.toolkit.options import Options
from gpuws.cli.trust import commands as trust
from gpuws.cli.tunnels import commands as tunnels
from gpuws.cli.workspaces import commands as workspaces

HELP = "Every GPU of every server with the name of whoever holds it; containers, tmux and notebooks one key away."
EPILOG = "Without a command it opens the screen. TARGET is HOST, HOST/CONTAINER or CONTAINER, with :SESSION or :PORT."


def run(argv: list[str] | None = None) -> int:
    """The exit code of `gpuws argv`."""
    return failures.guarded(lambda: _run(argv))


def _run(argv: list[str] | None) -> int:
    """Commands guard themselves; what is caught here comes from reading the words."""
    try:
        code = build()(args=argv, prog_name="gpuws", standalone_mode=False)
    except typer.Abort:
        return failures.INTERRUPTED
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "gpuws"
        failures.note(f"{error.format_message().rstrip('.')} — see {command} --help")
        return error.exit_code
    return code if isinstance(code, int) else 0


def build() -> typer.Typer:
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
    for family in (
        screen,
        paths,
        listings,
        launch,
        inside,
        workspaces,
        images,
        sessions,
        tunnels,
        profiles,
        hosts,
        doctor,
        keeper,
        trust,
    ):
        family.add_to(app)
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
        return failures.guarded(lambda: screen.show_fleet(Options(config_dir=config_dir, readonly=readonly)))
    return None
