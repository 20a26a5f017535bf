"""How commands show themselves: in sections, each with examples, and what was meant by a word that is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter
    from typer._click.formatting import HelpFormatter

MEANT: Mapping[str, str] = {
    "list": "ls", "status": "gpus", "nvidia-smi": "gpus", "smi": "gpus", "nvtop": "top", "containers": "ps",
    "container": "ps", "describe": "inspect", "show": "inspect", "log": "logs", "ssh": "shell", "sh": "shell",
    "bash": "shell", "connect": "attach", "enter": "attach", "create": "launch", "new": "launch", "up": "launch",
    "down": "stop", "delete": "rm", "remove": "rm", "del": "rm", "notebook": "jupyter", "lab": "jupyter",
    "forward": "tunnel", "port-forward": "tunnel", "docker": "with", "queue": "waits", "check": "doctor",
    "save": "capture", "edit": "code", "editor": "code", "vscode": "code",
}  # fmt: skip
"""Words of other tools for the same: never run, only suggested, where there is such a command."""


_NOISE = re.compile(r"\s*\[(?:required|[^]]*\bx[<>]=[^]]*)\]")
"""What typer adds to the words for an argument: the line of usage says it, and what is out of range is refused."""


class OneCommand(TyperCommand):
    """Its epilog holds its examples, one a line."""

    @property
    def examples(self) -> tuple[str, ...]:
        return _lines(self.epilog)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        return ["[OPTIONS]", *(_as_typed(one) for one in self.get_params(ctx) if one.param_type_name == "argument")]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - overrides
        _write_examples(self.examples, formatter)


class CommandGroup(TyperGroup):
    """`sections`: the commands in the order of `--help`, by title; one title where there are none. `aliases`: other
    words for a command, which `--help` does not repeat."""

    sections: ClassVar[Mapping[str, Sequence[str]]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}

    @property
    def examples(self) -> tuple[str, ...]:
        return _lines(self.epilog)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command's own name, whichever word was typed."""
        meant = MEANT.get(args[0])
        if meant in self.commands and args[0] not in self.commands:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {meant!r}?")
        name, command, rest = super().resolve_command(ctx, args)
        return (command.name if command else name), command, rest

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        _write_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        width = max(map(len, self.commands), default=0)
        for title, names in (self.sections or {"Commands": self.list_commands(ctx)}).items():
            there = [(name, self.commands[name]) for name in names if name in self.commands]
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", one.get_short_help_str(100)) for name, one in there])

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - overrides
        _write_examples(self.examples, formatter)


def _as_typed(argument: Parameter) -> str:
    """`TARGET`, `TARGET...`, `[HOST...]`."""
    word = f"{str(argument.metavar or argument.name).strip('[]')}{'...' if argument.nargs == -1 else ''}"
    return word if argument.required else f"[{word}]"


def explained(command: Command, ctx: Context, kind: str) -> list[tuple[str, str]]:
    """Each argument or option (`kind`) of `command` that has something to be said of it, as typed, and what."""
    records = [one.get_help_record(ctx) for one in command.get_params(ctx) if one.param_type_name == kind]
    rows = [(record[0], _NOISE.sub("", record[1])) for record in records if record]
    return [row for row in rows if row[1]]


def _write_options(command: Command, ctx: Context, formatter: HelpFormatter) -> None:
    for kind, title in (("argument", "Arguments"), ("option", "Options")):
        if rows := explained(command, ctx, kind):
            with formatter.section(title):
                formatter.write_dl(rows)


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").splitlines())


def _write_examples(examples: Sequence[str], formatter: HelpFormatter) -> None:
    """As they are typed: never wrapped."""
    if examples:
        with formatter.section("Examples"):
            for line in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
