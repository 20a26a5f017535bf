"""The application as its screens, widgets and helpers know it; what wires it together is in `app`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from textual.app import App
from textual.screen import Screen

from gpuws.fleet.base import Fleet
from gpuws.model.gpu import Gpu
from gpuws.model.settings import ScreenSettings
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.tui.feed import Feed
from gpuws.tui.selection import Door, Selection
from gpuws.tui.state import State
from gpuws.tui.tasks import Tasks
from gpuws.tui.verbs import Verbs


class ActionsBase(Protocol):
    """What a screen leaves to the actions, which open other screens."""

    @property
    def fresh(self) -> Door | None:
        """The way into what was launched in the last seconds; `a` takes it."""

    def launched(self, door: Door, sentence: str) -> None:
        """Say so, and let `a` enter it for as long as that is read."""

    def do(self, verb: str, selection: Selection | None) -> None:
        """Run a verb by its key's id."""

    def enter(self, selection: Selection) -> None:
        """⏎ on a row of a panel: the way in, or all actions where there is none."""

    def explain(self, snapshot: HostSnapshot) -> bool:
        """⏎ on a host in trouble says what is wrong and what to do; False: nothing is."""

    def show_gpu(self, snapshot: HostSnapshot, gpu: Gpu) -> None:
        """All that is known of it, on a screen of its own."""

    def doctor(self, hosts: Sequence[str]) -> None:
        """What is missing or risky on `hosts`; () means all."""


class TypedBase(Protocol):
    """What was typed and is not handled yet."""

    def forget(self) -> None:
        """What was typed until now was not for what is there now."""

    def hold(self) -> None:
        """What comes now is for what is just being got ready: it waits until `go_on`, but not for ever."""

    def go_on(self) -> None:
        """It is ready."""


class AppBase(App[int], inherit_bindings=False):
    """`opened`: the fleet and its look are there. `keeps`: a keeper holds the fleet. `demo`: it is simulated, as the
    header says. `farewell`: what is to be said when the screen is gone."""

    fleet: Fleet
    look: ScreenSettings
    opened: bool
    keeps: bool
    demo: bool
    farewell: str | None
    state: State
    feed: Feed
    verbs: Verbs
    tasks: Tasks
    actions: ActionsBase
    typed: TypedBase

    def warn(self, sentence: str) -> None:
        self.notify(sentence, severity="warning", timeout=10, markup=False)

    def say(self, sentence: str, *, timeout: float = 5) -> None:
        self.notify(sentence, timeout=timeout, markup=False)

    def copy(self, command: str) -> None:
        if not command:
            self.warn("nothing to copy here")
            return
        self.copy_to_clipboard(command)
        self.say(f"copied: {plain(command, 300)}")

    def in_sight(self) -> Iterator[Screen[Any]]:
        """From the top down to the first that covers everything."""
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal:
                return

    def sees(self, screen: Screen[Any]) -> bool:
        """It can be seen, under dialogs too. (Textual's `is_current` takes what a whole screen covers for seen.)"""
        return screen in self.in_sight()

    @abstractmethod
    def watch_host(self, host: str | None) -> None:
        """The host that is looked at closely; never blocks."""

    @abstractmethod
    def all_read(self) -> bool:
        """Whatever was typed until now was delivered; False: and a `Fence` will come behind it."""
