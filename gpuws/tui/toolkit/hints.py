"""The keys that matter now, for the bottom line, from the live bindings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from gpuws.present.line import Role, Span, clean, joined
from gpuws.tui.command import Command, Commanded, action_of
from gpuws.tui.toolkit.bar import Part
from gpuws.tui.toolkit.fitting import width

NAMES = {
    "enter": "⏎",
    "escape": "esc",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "ampersand": "&",
    "at": "@",
    "comma": ",",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
}

HELP = (action_of("help"), action_of("dialog-help"))
"""The key of all keys, on screens and in dialogs."""


def key_name(key: str) -> str:
    """As people write it."""
    return NAMES.get(key, key)


def typing(screen: Screen[Any]) -> bool:
    """Letters go into a field there."""
    return screen.focused is not None and screen.focused.check_consume_key("x", "x")


@dataclass(frozen=True, slots=True)
class Live:
    """A command whose key works now. `node`: whose it is; `key`: its first one, as people write it."""

    node: Commanded
    command: Command[Any]
    key: str

    @property
    def why_not(self) -> str:
        return clean(self.command.why_not(self.node), 300)

    def part(self) -> Part:
        """Its key and its word, dimmed where it can't be done."""
        why_not = self.why_not
        role: Role = "faint" if why_not else "muted"
        word = clean(self.command.says(self.node), 40) or self.command.label
        line = (Span(f" {self.key}", "faint" if why_not else "key"), Span(f" {word} ", role))
        return Part(line, action_of(self.command.id))

    def tip(self) -> str:
        """What it would do now, and why it can't, or the same as a plain command."""
        title = clean(self.command.title(self.node)) or self.command.help
        return joined([title, self.why_not or clean(self.command.shell(self.node), 300)], "\n")


def live(screen: Screen[Any]) -> Mapping[str, Live]:
    """By their ids. Where one types, letters and signs are text."""
    text = typing(screen)
    found: dict[str, Live] = {}
    for key, active in screen.active_bindings.items():
        node, name = active.node, key_name(key)
        if not isinstance(node, Commanded) or (text and len(name) == 1 and name.isascii()):
            continue
        known = node.command(active.binding.id or "")
        if known is not None:
            found.setdefault(known.id, Live(node, known, name))
    return found


def tips(screen: Screen[Any]) -> Callable[[str], str]:
    """For a bar of keys: what the one under the pointer would do, or why not."""

    def tip(action: str) -> str:
        return next((one.tip() for name, one in live(screen).items() if action_of(name) == action), "")

    return tip


def hints(screen: Screen[Any], room: int, always: Collection[str] = HELP) -> list[Part]:
    """Those with a hint, in their order, as many as fit into `room` cells; the key of all keys `always`."""
    return fitting(ordered(live(screen).values()), room, always)


def in_lines(screen: Screen[Any], room: int) -> tuple[list[Part], list[Part]]:
    """The same in two lines of so many cells; the first is empty where one is enough."""
    parts = ordered(live(screen).values())
    if sum(width(part.line) for part in parts) <= room:
        return [], parts
    others = [part for part in parts if part.action not in HELP]
    first = fitting(others, room, ())
    helping = [part for part in parts if part.action in HELP]
    return first, fitting([*others[len(first) :], *helping], room)


def ordered(found: Iterable[Live]) -> list[Part]:
    """Those that have a place in the bottom line."""
    return [each.part() for each in sorted(found, key=lambda each: each.command.hint) if each.command.hint]


def fitting(parts: Iterable[Part], room: int, always: Collection[str] = HELP) -> list[Part]:
    """As many as fit, in their order; those whose action is one of `always` stay, whatever goes."""
    kept = list(parts)
    while sum(width(part.line) for part in kept) > room:
        last = next((part for part in reversed(kept) if part.action not in always), None)
        if last is None:
            break
        kept.remove(last)
    return kept
