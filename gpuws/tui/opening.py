"""What stands on the screen while the configuration is being read: the first frame waits for no file."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from gpuws.present.line import Span
from gpuws.tui.toolkit.bar import Bar, Part


class OpeningScreen(Screen[None]):
    def compose(self) -> ComposeResult:
        bar = Bar(id="top")
        bar.put([Part((Span(" gpuws", "title"), Span("  reading the configuration …", "muted")))])
        yield bar
