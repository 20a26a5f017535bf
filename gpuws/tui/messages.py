"""What was said last, over the keys at the bottom: never over a list, and gone by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from textual.app import App
from textual.content import Content
from textual.notifications import Notification
from textual.widgets import Static

from gpuws.present.glyphs import DOWN, LOOK

TOGETHER = 1.0
"""Seconds: what is said within them stands together; what is said later takes the place of what was said before."""

PASSING = 2.0
"""Seconds: what is said for no longer is about what is being done; what became of it takes its place at once."""

SIGNS = {"information": " ", "warning": LOOK, "error": DOWN}


def told(notices: Iterable[Notification]) -> Sequence[tuple[str, str]]:
    """Severity and text of those that are shown: the newest, and what came with it; the same thing once, counted."""
    found = sorted(notices, key=lambda notice: notice.raised_at)
    newest = [
        each
        for each in found
        if each is found[-1] or (found[-1].raised_at - each.raised_at <= TOGETHER and each.timeout > PASSING)
    ]
    counted = Counter((each.severity, each.message) for each in newest)
    return [(severity, f"{text}  ×{number}" if number > 1 else text) for (severity, text), number in counted.items()]


class Messages(Static):
    """As high as it needs, up to three lines; the keys make room, so that what is above them stays in sight. A click
    puts it away; the panel of events has it still."""

    DEFAULT_CSS = """
    Messages { layer: _toastrack; dock: bottom; width: 100%; height: auto; max-height: 3; padding: 0 1;
               background: $field-focus; color: $foreground; text-style: bold; }
    Messages.-warning { color: $text-warning; }
    Messages.-error { color: $text-error; }
    Messages:ansi { text-style: bold reverse; }
    """
    ALLOW_SELECT = False

    def __init__(self, app: App[Any]) -> None:
        super().__init__(markup=False)
        self._notices = app._notifications

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """What is to be said now; with nothing more to say it goes."""
        if not (lines := told(self._notices)):
            self._make_room(0)
            self.remove()
            return
        self.update(Content("\n".join(f"{SIGNS[severity]} {text}" for severity, text in lines)))
        worst = max((severity for severity, _ in lines), key=list(SIGNS).index)
        for severity in SIGNS:
            self.set_class(severity == worst, f"-{severity}")
        self.set_timer(max(min(notice.time_left for notice in self._notices), 0.05), self.show)

    def on_resize(self) -> None:
        self._make_room(self.size.height)

    def _make_room(self, lines: int) -> None:
        for hints in self.screen.query("#hints"):
            hints.styles.min_height = lines or None

    def on_click(self) -> None:
        self.app.clear_notifications()
