"""What a shared profile does that I have not accepted, as it was read; Cancel has the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Button, Static

from gpuws.model.consent.trust import Proposal
from gpuws.model.text import plain
from gpuws.tui.command import Command, paging
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title

AROUND_LINES = 8
"""Lines of the box that are not what is shown."""


class TrustScreen(Dialog[bool]):
    """True: accept this very reading. Only its button does: it decides what runs here, leaves here, is connected to."""

    DEFAULT_CSS = """
    TrustScreen > .box { width: 100; border: round $warning; border-title-color: $text-warning; }
    TrustScreen #lines { height: auto; background: $panel; margin-top: 1; scrollbar-size-vertical: 1; }
    TrustScreen #lines Static { background: $panel; padding: 0 1; }
    """
    AUTO_FOCUS = "#cancel"
    KEYS_ABOUT = "trust"
    KEYS: ClassVar[tuple[Command[Any], ...]] = paging("trust")
    asks = True

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self._proposal = proposal

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Accept what it does?")
            yield Static(plain(self._proposal.title), markup=False)
            with VerticalScroll(id="lines", can_focus=False):
                lines = (plain(line, len(line) + 1) for line in self._proposal.lines)
                yield Static("\n".join(lines), markup=False)
            yield from self.foot(button("Cancel", "cancel"), button("Accept", "go", "warning"))

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#lines").styles.max_height = max(event.size.height - AROUND_LINES, 3)

    def page(self, step: int) -> None:
        lines = self.query_one("#lines")
        lines.scroll_relative(y=step * max(lines.size.height - 1, 1), animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "go")


def review(screen: Dialog[Any], name: str, then: Callable[[], None]) -> None:
    """As it is read now, shown over `screen` while that is there; `then` once it was accepted."""
    app = screen.app

    def show(proposal: Proposal) -> None:
        if proposal.known and not proposal.lines:
            app.say(f"{plain(name)} does what you accepted")
        elif screen.is_running:
            app.push_screen(TrustScreen(proposal), lambda yes: accept(proposal.id) if yes else None)

    def accept(proposal_id: str) -> None:
        app.verbs.run("accept", lambda: app.fleet.accept(proposal_id), lambda _: then())

    app.verbs.run("read", lambda: app.fleet.propose(name), show)
