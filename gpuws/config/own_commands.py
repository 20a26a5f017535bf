"""`commands:` of config.yaml. Only my own file has it: what others wrote never runs here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from gpuws.config import unknown_settings
from gpuws.config.yaml.fields import Line, Lines, Section
from gpuws.config.yaml.nodes import Location, MapNode, walk
from gpuws.model.own_command import PLACES, OwnCommand, places

_KEY = re.compile(r"((ctrl|alt|shift)\+)*(\S|f[0-9]{1,2}|[a-z_]{2,})", re.ASCII)
EXPECTED = "a program and its arguments, such as [ssh, '{host}', nvtop]"
_ID = re.compile(r"[a-z][a-z0-9-]{0,30}")


def _argv(argv: list[str]) -> list[str]:
    if not argv:
        raise ValueError(f"expected {EXPECTED}")
    if len(argv) == 1 and " " in argv[0] and not argv[0].startswith("/"):
        raise ValueError(f"no shell takes it apart: expected {EXPECTED}")
    if "{" in argv[0]:
        raise ValueError("the program itself must be named")
    known = ", ".join(f"{{{name}}}" for name in PLACES)
    for name in places(argv):
        if name not in PLACES:
            raise ValueError(f"there is no {{{name}}}; expected one of {known}")
    return argv


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("expected one key, such as ctrl+t, T or f5")
    return key


def _ids(commands: dict[str, Any]) -> dict[str, Any]:
    for name in commands:
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r}: expected an id of small letters, digits and dashes")
    return commands


class CommandSection(Section):
    """A program of mine that the screen runs in the foreground, never through a shell."""

    INSTEAD = unknown_settings.COMMAND

    argv: Annotated[Lines, AfterValidator(_argv)]
    """The program and its arguments, with {host}, {workspace}, {gpu} and {pid} of what is selected."""
    key: Annotated[Line, AfterValidator(_key)] | None = None
    """Its key on the screen; without one it is under `x` and `:`."""
    help: Line | None = None
    """A sentence on what it does."""
    stay: bool = False
    """What it printed stays until ⏎."""


Commands = Annotated[dict[str, CommandSection], AfterValidator(_ids), Field(max_length=64)]


def broken_rules(commands: Mapping[str, CommandSection]) -> Iterator[tuple[Location, str]]:
    """Keys that two of them have."""
    taken: dict[str, str] = {}
    for name, section in commands.items():
        if section.key and taken.setdefault(section.key, name) != name:
            yield ("commands", name, "key"), f"{section.key} is the key of {taken[section.key]} already"


def own_commands(commands: Mapping[str, CommandSection], tree: MapNode) -> tuple[OwnCommand, ...]:
    return tuple(
        OwnCommand(
            name,
            tuple(section.argv),
            section.key or "",
            section.help or "",
            section.stay,
            str(walk(tree, ("commands", name, "key"))[0]),
        )
        for name, section in commands.items()
    )
