"""The commands of the shell, walked: what `docs/commands.md` and the man pages are written from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from gpuws.cli.root import Root, build
from gpuws.cli.toolkit.help import CommandGroup, OneCommand, explained

WIDE = "1000"  # columns: nothing is wrapped
EVERYWHERE = ("--config-dir", "--readonly", "--help")
"""Options of every command: said once, of `gpuws` itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """One command as it explains itself. `words`: as typed, `("gpuws", "hosts", "add")`."""

    words: tuple[str, ...]
    usage: str
    about: tuple[str, ...]
    arguments: Sequence[tuple[str, str]]
    options: Sequence[tuple[str, str]]
    examples: tuple[str, ...]
    subcommands: tuple[Page, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def summary(self) -> str:
        """The first sentence, as in the list of commands."""
        first, _, _ = self.about[0].partition(". ")
        return first if first.endswith(".") else f"{first}."

    def all(self) -> Iterator[Page]:
        yield self
        for each in self.subcommands:
            yield from each.all()


def grammar() -> Page:
    """`gpuws` itself, and in it everything else."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDE
    try:
        return _page(typer.main.get_command(build()), None, ("gpuws",))
    finally:
        os.environ.pop("COLUMNS") if before is None else os.environ.update(COLUMNS=before)


def sections() -> Mapping[str, Sequence[str]]:
    """The commands in the groups of `gpuws --help`."""
    return Root.sections


def _page(command: Any, parent: Any, words: tuple[str, ...]) -> Page:
    assert isinstance(command, OneCommand | CommandGroup)
    context = typer.Context(command, info_name=words[-1], parent=parent)
    paragraphs = (" ".join(each.split()) for each in (command.help or "").split("\n\n"))
    return Page(
        words,
        " ".join([" ".join(words), *command.collect_usage_pieces(context)]),
        tuple(paragraphs),
        explained(command, context, "argument"),
        [row for row in explained(command, context, "option") if parent is None or not row[0].startswith(EVERYWHERE)],
        command.examples,
        tuple(
            _page(one, context, (*words, name))
            for name, one in getattr(command, "commands", {}).items()
            if not one.hidden
        ),
    )
