"""The root of the command line: every command is named here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from gpuws.cli.toolkit import failures
from gpuws.cli.toolkit.grammar import ConfigDir, ReadOnly
from gpuws.cli.toolkit.help import CommandGroup
from gpuws.cli.toolkit.options import Options

if TYPE_CHECKING:
    from typer._click.core import Context
    from typer._click.formatting import HelpFormatter

HELP = "Every GPU of every server with the name of whoever holds it; containers, tmux and notebooks one key away."
NOTES = (
    "Without a command it opens the screen. TARGET is HOST, HOST/CONTAINER or CONTAINER, with :SESSION or :PORT.",
    "GPUWS_DEMO=1 gpuws … does any of it on a simulated fleet and touches nothing.",
)
EXAMPLES = ("gpuws gpus --filter free", "gpuws launch pytorch-2.8-cu128", "gpuws attach torch-dev", "gpuws help launch")
FAMILIES: Mapping[str, Sequence[str]] = {
    "demo": ("demo",),
    "paths": ("paths",),
    "about": ("help", "version", "completion"),
    "listings.commands": ("gpus", "top", "ps", "ls"),
    "launch.commands": ("launch", "run", "wait", "waits"),
    "ssh.commands": ("ssh-config", "code", "ssh-proxy"),
    "inside.commands": ("attach", "shell", "exec", "logs", "verify", "with"),
    "workspaces.commands": (
        *("start", "stop", "restart", "kill", "pause", "unpause", "rename", "rm", "prune"),
        *("inspect", "describe", "drift", "recreate", "clone"),
    ),
    "images.commands": ("images",),
    "disks.commands": ("disks", "volumes"),
    "files.commands": ("cp",),
    "sessions.commands": ("tmux",),
    "tunnels.commands": ("jupyter", "tunnel", "tunnels", "ports", "proxy"),
    "kernels.commands": ("kernels",),
    "tasks.commands": ("tasks",),
    "profiles.commands": ("profiles",),
    "hosts.commands": ("hosts",),
    "doctor.commands": ("doctor",),
    "report.commands": ("report", "metrics"),
    "keeper.commands": ("keeper",),
    "trust.commands": ("trust",),
    "notify.commands": ("notify",),
}
"""Which module adds which commands. One that is named needs its own alone: the rest is a fifth of its start."""
ALIASES: Mapping[str, str] = {
    "df": "disks", "disk": "disks", "gpu": "gpus", "host": "hosts", "image": "images", "kernel": "kernels",
    "profile": "profiles", "session": "tmux", "sessions": "tmux", "task": "tasks", "volume": "volumes",
}  # fmt: skip
"""Other words for a command: the singular, where it is not a command of its own as `wait` and `tunnel` are."""


class Root(CommandGroup):
    """`gpuws` itself."""

    aliases = ALIASES
    sections: ClassVar[Mapping[str, Sequence[str]]] = {
        "Look": (
            "gpus",
            "top",
            "ps",
            "ls",
            "describe",
            "inspect",
            "logs",
            "disks",
            "doctor",
            "notify",
            "report",
            "metrics",
        ),
        "Work inside": ("attach", "shell", "exec", "cp", "tmux", "code", "ssh-config", "verify", "with"),
        "Launch, start and stop": (
            *("launch", "run", "wait", "waits", "tasks", "profiles", "images", "volumes"),
            *("start", "stop", "restart", "kill", "pause", "unpause", "rename", "rm", "prune"),
            *("recreate", "clone", "drift"),
        ),
        "Notebooks and tunnels": ("jupyter", "kernels", "tunnel", "tunnels", "ports", "proxy"),
        "Hosts and configuration": ("hosts", "trust", "paths"),
        "gpuws itself": ("demo", "keeper", "completion", "help", "version"),
    }

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        for sentence in NOTES:
            formatter.write_text(sentence)


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
        failures.note(f"{_message(error)} — {_remedy(error)}")
        return error.exit_code
    return code if isinstance(code, int) else 0


def _message(error: typer.TyperException) -> str:
    """In our own words what else may have been meant."""
    from typer._click.exceptions import NoSuchOption

    from gpuws.model.query.nearest import best, likeness

    if not isinstance(error, NoSuchOption):
        return error.format_message().rstrip(".")
    near = best([(likeness(error.option_name.strip("-"), one.strip("-")), one) for one in error.possibilities or ()])
    return f"No such option {error.option_name!r}{f'. Did you mean {near[0]!r}?' if near else ''}"


def _remedy(error: typer.TyperException) -> str:
    """Where to read on, and how it is written where something is missing."""
    from typer._click.exceptions import MissingParameter

    context = getattr(error, "ctx", None)
    if context is None:
        return "see gpuws --help"
    first = context.command.examples[0].partition("  #")[0] if isinstance(error, MissingParameter) else ""
    return f"{f'such as {first}; ' if first else ''}see {context.command_path} --help"


def build(word: str = "") -> typer.Typer:
    """The grammar of all commands, or of the family that has the command `word`."""
    app = typer.Typer(
        name="gpuws",
        cls=Root,
        help=HELP,
        epilog="\n".join(EXAMPLES),
        rich_markup_mode=None,
        add_completion=False,  # its scripts evaluate what is offered
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    word = ALIASES.get(word, word)
    for family in [name for name, commands in FAMILIES.items() if word in commands] or FAMILIES:
        import_module(f"gpuws.cli.{family}").add_to(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        from gpuws import __version__

        typer.echo(f"gpuws {__version__}")
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
) -> int | None:
    ctx.obj = {"config_dir": config_dir, "readonly": readonly}
    if ctx.invoked_subcommand is None and not ctx.resilient_parsing:
        from gpuws.cli.screen import show_fleet

        return failures.guarded(lambda: show_fleet(Options(config_dir=config_dir, readonly=readonly)))
    return None
