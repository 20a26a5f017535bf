"""A line of text in spans, each with its role; the screen and the shell choose their colours by role. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from gpuws.model.text import plain

Role = Literal[
    "text", "strong", "muted", "faint", "head", "title", "key",  # plain text, from loud to quiet
    "free", "mine", "idle",  # who lives here
    "ok", "warn", "error",  # states
    "calm", "warm", "hot", "track", "spark",  # bars
    "rule",  # lines and dots between things
]  # fmt: skip


class Span(NamedTuple):
    text: str
    role: Role = "text"


Line = tuple[Span, ...]


def one(text: str | None, role: Role = "text") -> Line:
    """A line of one span."""
    return (Span(text or "", role),)


def text_of(line: Iterable[Span]) -> str:
    return "".join(span.text for span in line)


def joined(parts: Iterable[str | None], separator: str = " · ") -> str:
    """The parts that say something."""
    return separator.join(part for part in parts if part)


def clean(text: str | None, limit: int = 200) -> str:
    """Text from a host, made harmless; "" where there is none."""
    return plain(text, limit) if text else ""
