"""The bottom line: the keys that matter now, from the live bindings."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from gpuws.present.line import Role, Span, clean
from gpuws.tui.command import Command, Commanded, action_of
from gpuws.tui.toolkit.bar import Part
from gpuws.tui.toolkit.fitting import width

NAMES = {
    "enter": "⏎",
    "escape": "esc",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


def key_name(key: str) -> str:
    """As people write it."""
    return NAMES.get(key, key)


def typing(screen: Screen[Any]) -> bool:
    """Letters go into a field there."""
    return screen.focused is not None and screen.focused.check_consume_key("x", "x")


def hints(screen: Screen[Any], room: int, fresh: str = "") -> list[Part]:
    """Keys with their words, as many as fit into `room` cells; the key of all keys always.

    What can't be done now is dimmed. `fresh`: a launch that `a` enters now."""
    parts: list[Part] = []
    for node, known, key in _shown(screen):
        role: Role = "faint" if known.why_not(node) else "muted"
        label = known.label
        if known.id == "attach" and fresh:
            label, role = f"enter {clean(fresh, 30)}", "mine"
        parts.append(
            Part(
                (Span(f" {key}", "faint" if role == "faint" else "key"), Span(f" {label}  ", role)), action_of(known.id)
            )
        )
    last = [part for part in parts if part.action == action_of("help")]
    room -= sum(width(part.line) for part in last)
    kept: list[Part] = []
    for part in parts:
        if part in last:
            continue
        room -= width(part.line)
        if room < 0:
            break
        kept.append(part)
    return [*kept, *last]


def _shown(screen: Screen[Any]) -> list[tuple[Commanded, Command[Any], str]]:
    """Commands with a hint whose key works now, each with whose it is and its first key, in their order.

    Where one types, letters and signs are text."""
    text = typing(screen)
    found: dict[str, tuple[Commanded, Command[Any], str]] = {}
    for key, active in screen.active_bindings.items():
        node = active.node
        if not isinstance(node, Commanded) or (text and len(key_name(key)) == 1 and key_name(key).isascii()):
            continue
        known = node.command(active.binding.id or "")
        if known is not None and known.hint and known.id not in found:
            found[known.id] = (node, known, key_name(key))
    return sorted(found.values(), key=lambda each: each[1].hint)
