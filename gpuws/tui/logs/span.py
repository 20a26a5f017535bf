"""From when, and until when, a log is to be shown."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.errors import UsageError
from gpuws.model.moments import parse_moment
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row

Span = tuple[float, float | None, str]
"""Epoch seconds, and the words for it."""


ENDS = ("from", "until")


class SpanScreen(Form[Span]):
    DEFAULT_CSS = """
    SpanScreen .row Static { width: 8; }
    """
    button = "Show"

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Show the log of a time")
            yield row("From", Input(placeholder="10m ago, 14:05, 2026-05-01 14:05", id="from", compact=True))
            yield row("Until", Input(placeholder="now", id="until", compact=True))
            yield Static("Times are those of this machine.", markup=False, classes="muted")
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        since, until = (self.query_one(f"#{name}", Input).value.strip().removesuffix(" ago") for name in ENDS)
        try:
            self.dismiss(span(since, until, time.time()))
        except UsageError as error:
            self.refuse(error)


def span(since: str, until: str, now: float) -> Span:
    """UsageError where it is none."""
    begin = _moment(since, now) if since else 0.0
    end = _moment(until, now) if until else None
    if not since and not until:
        raise UsageError("no time is named", "write one: 10m, 14:05")
    if end is not None and end <= begin:
        raise UsageError("it ends before it begins", "From is the earlier of the two")
    return begin, end, " ".join((f"from {since}" if since else "", f"until {until}" if until else "")).strip()


def _moment(text: str, now: float) -> float:
    try:
        return parse_moment(text, now)
    except ValueError:
        raise UsageError(f"{text!r} is not a time", "write 10m, 14:05 or 2026-05-01 14:05") from None
