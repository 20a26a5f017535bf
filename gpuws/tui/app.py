"""The application: wiring only. What is shown is in screens, what keys do is in actions."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.driver import Driver
from textual.filter import Monochrome, NoColor
from textual.message import Message
from textual.screen import Screen

from gpuws.fleet.events import Event, TasksChanged
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import LOCAL
from gpuws.model.settings import ScreenSettings
from gpuws.tui.base import AppBase, HomeBase, Pump
from gpuws.tui.command import Command
from gpuws.tui.everywhere import EVERYWHERE, QUIT, show_help
from gpuws.tui.feed import Batch, Feed
from gpuws.tui.hosts.asker import Asker
from gpuws.tui.notices.own_hand import OwnHand
from gpuws.tui.opening import OpeningScreen
from gpuws.tui.processes.sent import SentSignals
from gpuws.tui.remembered import Memory, Store
from gpuws.tui.sessions.fresh import Fresh
from gpuws.tui.settings import put_on, put_theme_on
from gpuws.tui.state import Live, State
from gpuws.tui.terminal.driver import Background, Fence, TerminalDriver
from gpuws.tui.terminal.type_ahead import TypeAhead
from gpuws.tui.toolkit import themes
from gpuws.tui.verbs import Ended, Verbs, tell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gpuws.fleet.base import Fleet
    from gpuws.model.host.configured import Configured
    from gpuws.model.notice.record import Told
    from gpuws.tui.notices.telling import Teller

log = logging.getLogger(__name__)


class Opened(NamedTuple):
    """`notes`: what the configuration made us ignore, each one sentence. `keeps`: a keeper holds the fleet. `store`:
    where the screen keeps what it remembers; None: nowhere."""

    fleet: Fleet
    look: ScreenSettings = ScreenSettings()
    notes: tuple[str, ...] = ()
    keeps: bool = False
    store: Store | None = None


Opener = Callable[[], Opened]
"""Reads the configuration and makes the fleet; called once, off the loop, after the first frame."""

PAINT_INTERVAL = 0.25
BLURRED_INTERVAL = 2.0
"""Seconds between paints; a screen without the focus is still watched from the corner of an eye."""


REST_AFTER = 10.0
"""Seconds: by then the drivers of the first hosts are loaded."""


class FeedReady(Message):
    """Something came from the fleet."""


class GpuwsApp(AppBase, inherit_bindings=False):
    """`fleet` and `look` are there once `opener` is done, and with them the home screen. `failure`: why it was not.
    `rest_after`: seconds until what was loaded by then is left alone by the garbage collector, whose full rounds would
    stop the loop for some 50 ms."""

    CSS_PATH = Path(__file__).with_name("gpuws.tcss")
    CONTROLS = Path(__file__).with_name("controls.tcss")
    """Fields, buttons, choices: nothing of that is on the first frame."""
    TITLE = "gpuws"
    KEYS_ABOUT = "everywhere"
    KEYS: ClassVar[tuple[Command[Any], ...]] = EVERYWHERE
    BINDINGS: ClassVar = [Binding("ctrl+c", "help_leave", show=False, system=True)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, opener: Opener, pump: Pump, *, demo: bool = False, tour: bool = False, rest_after: float | None = None
    ) -> None:
        super().__init__()
        self._rest_after = rest_after
        self._opener = opener
        self.demo = demo
        self._tour = tour
        self.look = ScreenSettings()
        self.opened = False
        self.keeps = False
        self.failure: GpuwsError | None = None
        self.farewell: str | None = None
        self.state = State()
        self.feed = Feed(self._wake)
        self.verbs = Verbs(self)
        self.asker = Asker(self)
        self.pump = pump
        self.fresh = Fresh()
        self.sent = SentSignals()
        self.own_hand = OwnHand()
        self.memory = Memory()
        self.dark_terminal: bool | None = None
        self.typed: TypeAhead = TypeAhead(self, super().on_event, quits=QUIT.keys.split(","))
        self._unsubscribe: Callable[[], None] | None = None
        self._last_paint = 0.0
        self._paint_planned = False
        self._watched: str | None = None
        self._hosts_known = False
        self._offered = False
        self._beginning = False
        for each in themes.THEMES:
            self.register_theme(each)
        self._begin_in_the_terminals_colours()
        if self.no_color:  # not even greys
            self._filters = [NoColor() if isinstance(each, Monochrome) else each for each in self._filters]

    def _begin_in_the_terminals_colours(self) -> None:
        """Until its theme is known nothing flashes. Set before anything is styled, so that nothing is styled twice."""
        self.set_reactive(GpuwsApp.theme, themes.ANSI_DARK.name)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        return OpeningScreen()

    def on_mount(self) -> None:
        self.call_after_refresh(lambda: self.verbs.run("open", self._open, self._begin, self._give_up))

    def _give_up(self, error: GpuwsError) -> None:
        self.failure = error
        self.exit(error.exit_code)

    def _open(self) -> tuple[Opened, Memory]:
        opened = self._opener()
        return opened, Memory(opened.store)

    def _begin(self, found: tuple[Opened, Memory]) -> None:
        opened, self.memory = found
        if self.dark_terminal is not None:
            self.remember(light=not self.dark_terminal)
        self.fleet, self.look, self.keeps = opened.fleet, opened.look, opened.keeps
        self.opened = True
        self._unsubscribe = self.fleet.subscribe(self._on_event)
        self.state.reset(self.fleet.snapshots())
        self.state.tunnels = self.fleet.tunnels()
        self.state.apply(Batch(waits=self.fleet.waits(), tasks=self.fleet.tasks()), time.time())
        self._hosts_known = bool(self.state.hosts) or not opened.keeps
        put_on(self)
        for sentence in opened.notes:
            self.warn(sentence)
        self.call_later(self._go_home)

    async def _go_home(self) -> None:
        """The first screen, then all that is heavy."""
        await self.push_first()
        self._start()

    async def push_first(self) -> None:
        await self.push_screen(self._make_home())

    def _make_home(self) -> Screen[None]:
        if self.demo:
            from gpuws.tui.tour.home import DemoHome

            return DemoHome(0 if self._tour else None)
        from gpuws.tui.fleet.screen import FleetScreen

        if not self.look.commands:
            return FleetScreen()
        from gpuws.tui.custom.home import with_own

        return with_own(FleetScreen, self)()

    def _start(self) -> None:
        self.stylesheet.read(self.CONTROLS)
        self.asker.update(self.fleet.questions())
        if self._rest_after is not None:
            self.set_timer(self._rest_after, gc.freeze)
        self.verbs.run("start", self._start_fleet, lambda _: self.feed.push(TasksChanged(self.fleet.tasks())))
        self.begin_to_tell()

    def begin_to_tell(self) -> None:
        """What happened before this screen, and what else there could be."""
        self.verbs.run("notices", self.fleet.notices, self._remember_told, lambda _: None)
        self._offer_hosts()

    def _start_fleet(self) -> None:
        """And read what was done in the background before this screen was there."""
        self.fleet.start()
        self.fleet.tasks()

    def _remember_told(self, told: tuple[Told, ...]) -> None:
        """The week before this screen; and what nobody was told of it yet."""
        self.state.journal.before(told)
        self.state.told = (*told, *self.state.told)
        if told:
            self._teller().catch_up(told)

    def _teller(self) -> Teller:
        from gpuws.tui.notices.telling import Teller

        return Teller(self)

    def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()

    # events of the fleet

    def _on_event(self, event: Event) -> None:
        self.feed.push(event)

    def _wake(self) -> None:
        try:
            self.post_message(FeedReady())
        except RuntimeError:  # the loop is closed: nobody looks any more
            return

    @on(FeedReady)
    def _plan_paint(self) -> None:
        if self._paint_planned:
            return
        pause = PAINT_INTERVAL if self.app_focus else BLURRED_INTERVAL
        rest = self._last_paint + pause - time.monotonic()
        if rest <= 0:
            self._paint()
        else:
            self._paint_planned = True
            self.set_timer(rest, self._paint)

    def _paint(self) -> None:
        self._paint_planned = False
        self._last_paint = time.monotonic()
        changed = self.state.apply(batch := self.feed.take(), time.time())
        if batch.questions is not None:
            self.asker.update(batch.questions)
        self.tell_of(batch)
        for sentence in self.sent.settle(self.state.snapshots, time.time()):
            self.say(sentence)
        for screen in self.in_sight():
            if isinstance(screen, Live) and screen.is_mounted:  # one that is just coming reads it all by itself
                screen.fleet_changed(changed)

    def tell_of(self, batch: Batch) -> None:
        """Notices that came, and hosts."""
        if batch.told:
            self._teller().hear(batch.told)
        if batch.hosts is not None:
            self._hosts_known = True
            self._offer_hosts()
            if self._beginning and not self._alone:
                self._beginning = False
                self.home().begun()

    def on_app_focus(self, _event: events.AppFocus) -> None:
        self._paint()

    def home(self) -> HomeBase:
        from gpuws.tui.fleet.screen import FleetScreen

        return next(screen for screen in self.screen_stack if isinstance(screen, FleetScreen))

    def ask_again(self, host: str) -> bool:
        return self.asker.ask_again(host)

    def watch_host(self, host: str | None) -> None:
        if host != self._watched:
            self._watched = host
            self.fleet.watch(host)

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        try:
            message.then()
        except Exception as error:
            log.exception("an answer could not be shown")
            tell(self, GpuwsError(f"this could not be shown: {type(error).__name__}: {error}"))

    def _handle_exception(self, error: Exception) -> None:
        """Once the program is to end, its parts go one by one: whoever then misses one is no fault."""
        if self._exit or not self.is_running:
            log.info("while the screen was ending", exc_info=error)
            return
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """A fault of ours ends in one sentence; the log has the traceback."""
        error = sys.exc_info()[1]
        log.critical("the screen ended", exc_info=error)
        self.panic(Text(f"gpuws met a fault of its own and ended: {type(error).__name__}: {error}"))

    def _offer_hosts(self) -> None:
        """Once, when it is known that this machine is alone: what could be beside it."""
        if self._offered or not self._hosts_known:
            return
        self._offered = True
        if self._alone:
            self.verbs.run("configured", self.fleet.configured, self._offer, lambda _: None)

    def _offer(self, configured: Configured) -> None:
        if self._alone and not configured.hosts:
            self._beginning = True
            self.home().offer_hosts(configured)

    @property
    def _alone(self) -> bool:
        return all(name == LOCAL for name in self.state.hosts)

    # keys

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: object) -> None:  # noqa: ARG002
        for binding in clashed_bindings:
            self.warn(f"keys: {binding.key} is taken twice; {binding.id or binding.action} has no key now")

    async def on_event(self, event: events.Event) -> None:
        """What is typed and clicked waits its turn; the rest does not."""
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            self.typed.take(event)
        else:
            await super().on_event(event)

    def use_mouse(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.use_mouse()

    def to_terminal(self, sequence: str) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.write(sequence)

    def leave_terminal(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.leave()

    def all_read(self) -> bool:
        driver = self._driver
        if not isinstance(driver, TerminalDriver) or driver.all_read:
            return True
        driver.fence()
        return False

    @on(Background)
    def _background(self, message: Background) -> None:
        self.dark_terminal = message.dark
        if self.opened:
            self.remember(light=not message.dark)
            put_theme_on(self)

    @on(Fence)
    def _fenced(self) -> None:
        self.typed.fenced()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Before a frame leaves us: whoever answers what it shows does so after."""
        if renderable is not None and not self._batch_count:  # else nothing is painted
            self.typed.painting()
        super()._display(screen, renderable)

    def action_help_leave(self) -> None:
        self.say("q quits")

    def show_help(self) -> None:
        show_help(self)


def run(opener: Opener, pump: Pump, *, demo: bool = False, tour: bool = False) -> int:
    """Show the fleet until the user quits, then close it. Returns the exit code; raises what `opener` raised."""
    app = GpuwsApp(opener, pump, demo=demo, tour=tour, rest_after=REST_AFTER)
    try:
        status = run_app(app)
    finally:
        if app.opened:
            app.fleet.close()
    if app.farewell is not None:
        print(app.farewell)  # noqa: T201 - the screen is gone
    return status


def run_app(app: GpuwsApp) -> int:
    """Until it is left; its fleet stays open. Returns the exit code; raises what its `opener` raised."""
    try:
        status = app.run(mouse=False)  # whether it is listened to the configuration says, which is read later
    finally:
        app.leave_terminal()
        app.memory.close()
    if app.failure is not None:
        raise app.failure
    return status or app.return_code or 0
