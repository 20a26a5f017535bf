"""What explains the screen, above the line of keys: a card of the tour, else a caption, else nothing."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from gpuws.present.line import Span
from gpuws.tui.command import Command, action_of
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.tour.cards import Card

NEXT = "."
"""The key of the next card, as people write it."""
NARROW = 120
"""Cells below which some captions need a second line."""


class Guide(Vertical):
    DEFAULT_CSS = """
    Guide { height: auto; display: none; background: $background; }
    Guide.caption, Guide.card { display: block; }
    Guide Static { height: auto; color: $text-muted; padding: 0 1; }
    Guide.card { border: round $primary; border-title-color: $primary; border-title-style: bold; }
    Guide.card Static { color: $foreground; }
    Guide Bar { display: none; }
    Guide.card Bar { display: block; margin-top: 1; }
    Guide.caption.narrow Static { height: 2; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="said", markup=False)
        yield Bar(id="card-keys")

    def on_resize(self) -> None:
        """Where captions take two lines all do: the list above does not move with the cursor."""
        self.set_class(self.app.size.width < NARROW, "narrow")

    def tell(self, sentence: str) -> None:
        """A caption; "": none."""
        self.set_class(bool(sentence), "caption")
        self.remove_class("card")
        if sentence:
            self._say(f"{sentence} · comma: off")

    def deal(self, card: Card, key: str, place: int, number: int) -> None:
        """The card at `place` of `number`, counted from one; `key` is what it asks for."""
        self._say(card.text)
        self.border_title = Content(f" Tour {place} of {number} · {card.title} ")
        asked: Sequence[tuple[str, str, str]] = (
            (key, card.does, card.command),
            (NEXT, "skip" if place < number else "end", "tour-next"),
            ("esc", "leave the tour", "back"),
        )
        parts = [
            Part((Span(f" {each}", "key"), Span(f" {words}   ", "strong" if not at else "muted")), action_of(command))
            for at, (each, words, command) in enumerate(asked)
        ]
        self.query_one(Bar).put([Part((Span(" press", "muted"),)), *parts])
        self.remove_class("caption")
        self.add_class("card")

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Static)
        if said.content != text:
            said.update(text)


def first_key(command: Command[object] | None) -> str:
    """As it is written on the card."""
    from gpuws.tui.toolkit.hints import key_name

    return key_name(command.keys.partition(",")[0]) if command is not None else ""
