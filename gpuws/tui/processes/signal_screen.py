"""End a process: which signal, whose process, how busy, and the exact command; Cancel has the focus."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Static

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.text import plain
from gpuws.model.workspace.actions import Signal
from gpuws.tui.dialogs.asking import Asking
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.processes.signals import LADDER, MEANS


class SignalScreen(Asking[Signal]):
    """The chosen signal. `ask` says what is asked for each; `offered` is the rung of the ladder that y takes."""

    AUTO_FOCUS = "#cancel"

    def __init__(self, ask: Callable[[Signal], Confirmation], offered: Signal, tried: str = "") -> None:
        super().__init__()
        self._ask, self._offered, self._tried = ask, offered, tried
        self._asked = ask(offered)

    def compose(self) -> ComposeResult:
        asked = self._asked
        with Vertical(classes="box") as box:
            set_title(box, asked.title)
            for line in (*asked.lines, self._tried):
                if line:
                    yield Static(plain(line), markup=False)
            yield Static(MEANS[self._offered], id="means", classes="muted", markup=False)
            yield Static(f"$ {plain(asked.command)}", classes="command", markup=False)
            yield from self.field()
            locked = asked.word is not None
            rungs = [
                button(rung, rung, "warning" if rung == self._offered else "default", disabled=locked)
                for rung in LADDER
            ]
            yield from self.foot(button("Cancel", "cancel"), *rungs)

    @property
    def word(self) -> str | None:
        return self._asked.word

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The command of the button that enter would press."""
        signal = self._of(event.widget.id)
        self.query_one(".command", Static).update(f"$ {plain(self._ask(signal).command)}")
        self.query_one("#means", Static).update(MEANS[signal])

    def _of(self, button: str | None) -> Signal:
        return next((signal for signal in LADDER if signal == button), self._offered)

    def answer(self, *, yes: bool) -> None:
        if self._asked.word is None:
            self.dismiss(self._offered if yes else None)

    def unlock(self, typed: bool) -> None:
        for signal in LADDER:
            self.query_one(f"#{signal}", Button).disabled = not typed

    def agreed(self) -> None:
        self.dismiss(self._offered)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        chosen = event.button.id
        self.dismiss(None if chosen == "cancel" else self._of(chosen))
