"""The application as its screens, widgets and helpers know it; what wires it together is in `app`."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from textual.app import App
from textual.notifications import SeverityLevel
from textual.screen import Screen

from gpuws.model.host.configured import Configured
from gpuws.model.session.terminal import Size
from gpuws.model.settings import ScreenSettings
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import Role
from gpuws.tui.command import Commanded
from gpuws.tui.feed import Feed
from gpuws.tui.messages import PASSING, Messages
from gpuws.tui.notices.own_hand import OwnHand
from gpuws.tui.outcome import Outcome
from gpuws.tui.processes.sent import SentSignals
from gpuws.tui.remembered import Memory, Remembered, Value
from gpuws.tui.sessions.doors import Door
from gpuws.tui.sessions.fresh import SECONDS, Fresh
from gpuws.tui.state import State
from gpuws.tui.toolkit import themes
from gpuws.tui.toolkit.theme import in_256
from gpuws.tui.verbs import Verbs

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet, Terminal
    from gpuws.fleet.inside import Return

Opener: TypeAlias = "Callable[[Size], Terminal]"
Pump = Callable[["Opener", "Return | None"], "int | None"]
"""Opens a remote terminal at this one's size and copies bytes until it ends: its exit status, None: never told. Where
there is a way back, a lost link is waited for."""


ROLES: dict[SeverityLevel, Role] = {"information": "text", "warning": "warn", "error": "error"}


class HomeBase(Protocol):
    """The fleet's screen, as others lead back to it."""

    def look_for(self, text: str) -> None:
        """Show only what this filter means, as if it had been typed."""

    def offer_hosts(self, configured: Configured) -> None:
        """There is no host but this machine: what could be beside it."""

    def unmark(self) -> None:
        """What was to be done with the marked rows is done, or not wanted."""

    def begun(self) -> None:
        """Hosts came, by whatever road, or none is wanted now: nothing is offered any more."""

    def select_host(self, host: str) -> None:
        """The cursor goes to its row, where it is shown."""

    def show_container(self, one: Workspace) -> None:
        """Its page: mounts, environment, networks, health, last events."""

    def show_processes(self, key: tuple[str, str]) -> None:
        """The processes of the GPU of that UUID, on that host."""


class TypedBase(Protocol):
    """What was typed and is not handled yet."""

    def forget(self) -> None:
        """What was typed until now was not for what is there now."""

    def hold(self) -> None:
        """What comes now is for what is just being got ready: it waits until `go_on`, but not for ever."""

    def go_on(self) -> None:
        """It is ready."""


class AppBase(Commanded, App[int], inherit_bindings=False):
    """`opened`: the fleet and its look are there. `keeps`: a keeper holds the fleet. `demo`: it is simulated, as the
    header says. `dark_terminal`: as it told; None: not yet, or never. `farewell`: what is to be said when the screen is
    gone. `pump` joins a remote terminal to this one."""

    fleet: Fleet
    look: ScreenSettings
    opened: bool
    keeps: bool
    demo: bool
    farewell: str | None
    state: State
    feed: Feed
    verbs: Verbs
    fresh: Fresh
    sent: SentSignals
    own_hand: OwnHand
    pump: Pump
    typed: TypedBase
    memory: Memory
    dark_terminal: bool | None

    @property
    def remembered(self) -> Remembered:
        return self.memory.now

    def remember(self, **changes: Value) -> None:
        """Fields of `Remembered`; written in the background."""
        self.memory.change(**changes)

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        variables |= themes.readable(self.current_theme, variables, in_256=in_256(self))
        self.theme_variables = variables
        return variables

    def warn(self, sentence: str) -> None:
        self.tell(sentence, "warning", timeout=10)

    def say(self, sentence: str, *, timeout: float = 5) -> None:
        self.tell(sentence, timeout=timeout)

    def tell(self, sentence: str, severity: SeverityLevel = "information", *, timeout: float) -> None:
        """For so many seconds, and in the panel of events for as long as this screen is open."""
        self.notify(sentence, severity=severity, timeout=timeout, markup=False)
        if timeout > PASSING:
            self.state.journal.said(time.time(), sentence, ROLES[severity])

    def tell_outcome(self, outcome: Outcome, did: str, what: str, more: str = "") -> None:
        """Of one act on several things: one message (`Outcome.words`)."""
        failed = bool(outcome.failed)
        words = outcome.words(did, what, more)
        self.tell(words, "error" if failed else "information", timeout=10 if failed else 5)

    def _refresh_notifications(self) -> None:
        """In one line of ours, in place of Textual's boxes, which cover the list."""
        if self.is_running:
            self.call_later(self._show_messages)

    def _show_messages(self) -> None:
        shown = self.screen.query(Messages)
        if shown:
            shown.first().show()
        elif len(self._notifications):
            self.screen.mount(Messages(self))

    def copy(self, command: str) -> None:
        if not command:
            self.warn("nothing to copy here")
            return
        self.copy_to_clipboard(command)
        self.say(f"copied: {plain(command, 300)}")

    def launched(self, door: Door, sentence: str) -> None:
        """Say so, and let `a` enter it for as long as that is read."""
        self.fresh.put(door)
        self.say(sentence, timeout=SECONDS)

    def in_sight(self) -> Iterator[Screen[Any]]:
        """From the top down to the first that covers everything."""
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal or screen.styles.background.a == 1:
                return

    def sees(self, screen: Screen[Any]) -> bool:
        """It can be seen, under dialogs too. (Textual's `is_current` takes what a whole screen covers for seen.)"""
        return screen in self.in_sight()

    @abstractmethod
    def home(self) -> HomeBase:
        """The fleet's screen, whatever lies over it."""

    @abstractmethod
    def ask_again(self, host: str) -> bool:
        """Show what that host asks, although it was put aside; False: it asks nothing."""

    @abstractmethod
    def watch_host(self, host: str | None) -> None:
        """The host that is looked at closely; never blocks."""

    @abstractmethod
    def to_terminal(self, sequence: str) -> None:
        """What the terminal shows by itself, beside the screen."""

    @abstractmethod
    def show_help(self) -> None:
        """All keys of what is on top."""

    @abstractmethod
    def use_mouse(self) -> None:
        """Listen to it from now on."""

    @abstractmethod
    def all_read(self) -> bool:
        """Whatever was typed until now was delivered; False: and a `Fence` will come behind it."""
