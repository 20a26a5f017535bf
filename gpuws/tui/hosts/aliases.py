"""What the SSH configuration offers: a list to tick and the buttons under it, on the first screen and in a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static

from gpuws.model.host.configured import Alias, LeftOut
from gpuws.model.units import count
from gpuws.present.line import Span, clean
from gpuws.tui.command import Command, Commanded
from gpuws.tui.dialogs.buttons import button, label
from gpuws.tui.hosts.ticks import TickList
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.row_list import RowList

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

MOST_LEFT_OUT = 4
"""Lines of what can't be imported; the shell lists all of it."""


class AliasChooser(Commanded, Vertical):
    """`Closed` when hosts were added, or none was wanted."""

    DEFAULT_CSS = """
    AliasChooser { height: 100%; }
    AliasChooser .buttons { height: 2; padding: 1 2 0 2; }
    AliasChooser Button { margin-right: 2; }
    AliasChooser .left-out { height: auto; padding: 1 2 0 2; color: $muted; }
    """
    KEYS_ABOUT = "aliases"
    KEYS: ClassVar[tuple[Command[AliasChooser], ...]] = (
        Command("alias-next", "tab", "buttons", "From the list to the buttons", lambda it: it.step(1), hint=5),
        Command("alias-previous", "shift+tab", "back", "Back from the buttons", lambda it: it.step(-1)),
    )
    app: AppBase

    class Closed(Message):
        """It is of no use any more."""

    def __init__(self, aliases: Sequence[Alias], left_out: Sequence[LeftOut] = ()) -> None:
        super().__init__()
        self._aliases = tuple(aliases)
        self._left_out = tuple(left_out)

    def compose(self) -> ComposeResult:
        yield Bar(id="alias-title")
        yield TickList(self._aliases)
        if self._left_out:
            yield Static("\n".join(_not_offered(self._left_out)), classes="left-out", markup=False)
        with Horizontal(classes="buttons"):
            yield button("Add", "add", "primary")
            yield button("Not now", "later")

    def on_mount(self) -> None:
        said = (
            Span(f"  {count(len(self._aliases), 'host')} in your SSH configuration", "strong"),
            Span("   nothing is dialled before you add it", "muted"),
        )
        self.query_one("#alias-title", Bar).put([Part(said)])
        self._label()
        self.ticks.focus()
        names = [alias.name for alias in self._aliases]
        self.app.verbs.run("addresses", lambda: self.app.fleet.addresses(names), self._lead, lambda _: None)

    @property
    def ticks(self) -> TickList:
        return self.query_one(TickList)

    def step(self, step: int) -> None:
        """The focus goes round the list and the buttons."""
        round_ = [self.ticks, *self.query(Button)]
        at = next((index for index, one in enumerate(round_) if one.has_focus), 0)
        round_[(at + step) % len(round_)].focus()

    def back(self) -> None:
        """Show all again, or close."""
        if self.ticks.wanted:
            self.ticks.look_for("")
        else:
            self.post_message(self.Closed())

    def _lead(self, addresses: tuple[str | None, ...]) -> None:
        if self.is_attached:
            self.ticks.lead_to(dict(zip((alias.name for alias in self._aliases), addresses, strict=True)))

    @on(TickList.Ticked)
    @on(RowList.Moved)
    def _label(self) -> None:
        """The button says what it does."""
        chosen = self.ticks.chosen
        add = self.query_one("#add", Button)
        add.label = label(f"Add {chosen[0]}" if len(chosen) == 1 else f"Add {count(len(chosen), 'host')}")
        add.disabled = not chosen

    @on(RowList.Opened)
    def _opened(self, event: Any) -> None:
        event.stop()
        self._add()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "add":
            self._add()
        else:
            self.post_message(self.Closed())

    def _add(self) -> None:
        if chosen := self.ticks.chosen:
            fleet = self.app.fleet
            self.app.verbs.run("add hosts", lambda: fleet.add_hosts(chosen), lambda _: self._added(len(chosen)))

    def _added(self, number: int) -> None:
        self.app.say(f"{count(number, 'host')} added to hosts.yaml")
        self.post_message(self.Closed())


def _not_offered(left_out: Sequence[LeftOut]) -> list[str]:
    """What else stands there, and why it can't be a host."""
    lines = [f"left out: {clean(one.written)}: {one.why}" for one in left_out]
    if len(lines) <= MOST_LEFT_OUT:
        return lines
    return [*lines[: MOST_LEFT_OUT - 1], f"and {len(lines) - MOST_LEFT_OUT + 1} more: gpuws hosts import"]
