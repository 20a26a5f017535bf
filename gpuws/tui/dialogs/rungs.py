"""One of several acts, the mildest first: whose it is done to, what each means, and its exact command; Cancel has the
focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Static

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.text import plain
from gpuws.tui.dialogs.asking import Asking
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import set_title

R = TypeVar("R", bound=str)


@dataclass(frozen=True, slots=True)
class Rung(Generic[R]):
    """`means`: what it does, in a sentence."""

    value: R
    label: str
    means: str


class RungScreen(Asking[R]):
    """The chosen one. `ask` says what is asked for each; `offered` is the rung that y takes. `tried`: what was done
    before and did not help."""

    AUTO_FOCUS = "#cancel"

    def __init__(self, rungs: Sequence[Rung[R]], ask: Callable[[R], Confirmation], offered: R, tried: str = "") -> None:
        super().__init__()
        self._rungs = {rung.value: rung for rung in rungs}
        self._ask, self._offered, self._tried = ask, offered, tried
        self._asked = ask(offered)

    def compose(self) -> ComposeResult:
        asked = self._asked
        with Vertical(classes="box") as box:
            set_title(box, asked.title)
            for line in (*asked.lines, self._tried):
                if line:
                    yield Static(plain(line), markup=False)
            yield Static(self._rungs[self._offered].means, id="means", classes="muted", markup=False)
            yield Static(f"$ {plain(asked.command)}", classes="command", markup=False)
            yield from self.field()
            locked = asked.word is not None
            buttons = [
                button(rung.label, value, "warning" if value == self._offered else "default", disabled=locked)
                for value, rung in self._rungs.items()
            ]
            yield from self.foot(button("Cancel", "cancel"), *buttons)

    @property
    def word(self) -> str | None:
        return self._asked.word

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The command of the button that enter would press."""
        value = self._of(event.widget.id)
        self.query_one(".command", Static).update(f"$ {plain(self._ask(value).command)}")
        self.query_one("#means", Static).update(self._rungs[value].means)

    def _of(self, name: str | None) -> R:
        return next((value for value in self._rungs if value == name), self._offered)

    def answer(self, *, yes: bool) -> None:
        if self._asked.word is None:
            self.dismiss(self._offered if yes else None)

    def unlock(self, typed: bool) -> None:
        for value in self._rungs:
            self.query_one(f"#{value}", Button).disabled = not typed

    def agreed(self) -> None:
        self.dismiss(self._offered)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        chosen = event.button.id
        self.dismiss(None if chosen == "cancel" else self._of(chosen))
