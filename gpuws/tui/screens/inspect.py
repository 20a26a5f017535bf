"""Everything the engine knows of a container, as JSON."""

from __future__ import annotations

import json
import re

from gpuws.model.container import Container
from gpuws.tui.present.line import Line, Span, clean
from gpuws.tui.present.log_text import log_line
from gpuws.tui.present.wrapping import lit
from gpuws.tui.screens.text import TextScreen
from gpuws.tui.selection import look_command
from gpuws.tui.widgets.text_view import TextView

_PAIR = re.compile(r'(\s*"(?:[^"\\]|\\.)*")(: ?)(.*)\Z', re.DOTALL)


def json_line(text: str, query: str) -> Line:
    """A line of indented JSON: names lit apart from values."""
    if query:
        return lit(text, query)
    pair = _PAIR.match(text)
    if pair is None:
        return (Span(text),)
    return (Span(pair[1], "ok"), Span(pair[2], "muted"), Span(pair[3]))


class InspectScreen(TextScreen):
    def __init__(self, container: Container) -> None:
        super().__init__(f"inspect · {container.name} on {container.host}", look_command("inspect", container))
        self._container = container

    def make_view(self) -> TextView:
        return TextView(json_line)

    def on_mount(self) -> None:
        self.view.set_lines(["reading …"])
        self.app.verbs.run("inspect", lambda: self.app.fleet.inspect(self._container.ref), self._show, self._failed)

    def _show(self, found: dict[str, object]) -> None:
        if self.is_running:
            text = json.dumps(found, indent=2, ensure_ascii=False, default=str)
            self.view.set_lines([log_line(line) for line in text.split("\n")])
            self.show_title()

    def _failed(self, error: Exception) -> None:
        if self.is_running:
            self.view.set_lines([clean(str(error))])
