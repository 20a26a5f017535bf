"""Everything the engine knows of a container, as JSON; what looks like a secret only once it was asked for."""

from __future__ import annotations

import json
import re
from typing import ClassVar

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.secret import Hiding, named_by
from gpuws.model.units import count
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.logs.text import log_line
from gpuws.tui.text.text_screen import TextScreen
from gpuws.tui.text.text_view import TextView
from gpuws.tui.text.wrapping import lit
from gpuws.tui.workspaces.words import inspect_command

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
    KEYS_ABOUT = "inspect"
    KEYS: ClassVar[tuple[Command[InspectScreen], ...]] = (
        Command(
            "inspect-reveal", "v", "show one", "Show a value that is hidden; asks first",
            lambda screen: screen.reveal(), hint=4,
        ),
    )  # fmt: skip

    def __init__(self, container: Workspace, snapshot: HostSnapshot) -> None:
        super().__init__(f"inspect · {container.name} on {container.ref.host}", inspect_command(container, snapshot))
        self._container = container
        self._found: dict[str, object] = {}
        self._shown: set[str] = set()
        self._hidden: tuple[str, ...] = ()

    def body(self) -> TextView:
        return TextView(json_line)

    def on_mount(self) -> None:
        self.view.set_lines(["reading …"])
        self.app.verbs.run("inspect", lambda: self.app.fleet.inspect(self._container.ref), self._show, self._failed)

    def said(self) -> Line:
        number = len(self._hidden)
        return (Span(f"{count(number, 'secret')} hidden · v shows one", "muted"),) if number else ()

    def reveal(self) -> None:
        """Asked first: somebody may look over the shoulder, or the screen is shared."""
        from gpuws.tui.dialogs.choose import ChooseScreen, Option

        if not self._hidden:
            self.app.say("nothing is hidden here")
            return
        options = [Option(name, "", name) for name in self._hidden]
        self.app.push_screen(ChooseScreen("Show the value of", options), self._ask)

    def _ask(self, name: str | None) -> None:
        from gpuws.tui.dialogs.confirm import ConfirmScreen

        if name is None:
            return
        asked = Confirmation(f"Show {clean(name)} on this screen?", ("Whoever sees the screen sees it.",), "")
        self.app.push_screen(ConfirmScreen(asked, "Show"), lambda yes: self._reveal(name) if yes else None)

    def _reveal(self, name: str) -> None:
        self._shown.add(name)
        self._draw()

    def _show(self, found: dict[str, object]) -> None:
        if self.is_running:
            self._found = found
            self._draw()

    def _draw(self) -> None:
        hiding = Hiding(named_by(self._found), self._shown)
        text = json.dumps(hiding.of(self._found), indent=2, ensure_ascii=False, default=str)
        self._hidden = tuple(hiding.hidden)
        self.view.set_lines([log_line(line) for line in text.split("\n")])
        self.retitle()

    def _failed(self, error: Exception) -> None:
        if self.is_running:
            self.view.set_lines([clean(str(error))])
