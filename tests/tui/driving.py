"""Drives the application as a user does: keys in, text of the screen out."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar

from textual import app as textual_app
from textual import pilot as textual_pilot
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.drivers.headless_driver import HeadlessDriver

from gpuws.model.settings import ScreenSettings
from gpuws.tui.app import GpuwsApp, Opened
from gpuws.tui.context import Context, perform
from gpuws.tui.fleet.actions import ACTIONS
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.launch.commands import LAUNCH
from tests.tui.idle import wait_for_idle

textual_app.wait_for_idle = textual_pilot.wait_for_idle = wait_for_idle

_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, *source: Any, **about: Any) -> list[RuleSet]:
    """Styles are the same in each of hundreds of apps; to read them took most of what one takes to start."""
    key = (source, *about.values(), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *source, **about)
    return _parsed[key]


Stylesheet._parse_rules = _parse_once

PATIENCE = 30.0
"""Seconds: a machine that does much else at once is slow, and nothing is promised here."""
SIZES = [(80, 24), (120, 40), (160, 45)]


class SuspendableDriver(HeadlessDriver):
    """A headless driver whose terminal can be handed over; it keeps what happened."""

    calls: ClassVar[list[str]] = []

    @property
    def is_headless(self):
        return False

    @property
    def can_suspend(self):
        return True

    def suspend_application_mode(self):
        self.calls.append("suspend")

    def resume_application_mode(self):
        self.calls.append("resume")


class TestApp(GpuwsApp):
    __test__ = False

    def get_driver_class(self):
        return SuspendableDriver

    def copy_to_clipboard(self, text):
        self.copied = text


@asynccontextmanager
async def running(fleet, size=(120, 40), look=None, pump=lambda *_: 0, settled=True, **kind):
    """The app with its first data on the screen. `kind`: `demo`, `tour`, as of the app."""
    app = TestApp(lambda: Opened(fleet, look or ScreenSettings()), pump, **kind)
    app.copied = None
    async with app.run_test(headless=False, size=size, notifications=True) as pilot:
        pilot.until = partial(until, pilot)
        await pilot.until(lambda: home(app))
        if settled:
            await pilot.until(lambda: app.state.hosts and home(app).list.rows)
            await pilot.until(lambda: home(app).list.settled)
        yield app, pilot


def home(app):
    """The fleet screen, whatever lies over it; None before there is a fleet, and before it has its parts."""
    found = (screen for screen in app.screen_stack if isinstance(screen, FleetScreen))
    return next((screen for screen in found if screen.query(FleetList)), None)


def do(app, name, selection):
    """As its key would, or the list of actions, with that selection."""
    command = next(one for one in (LAUNCH, *ACTIONS) if one.id == name)
    perform(command, Context(app, selection))


async def until(pilot, rule, timeout=PATIENCE):
    """Let the app work until `rule` holds."""
    end = time.monotonic() + timeout
    while True:
        await pilot.pause()
        if found := rule():
            return found
        assert time.monotonic() < end, f"never came; the screen shows\n{text(pilot.app)}"
        await pilot.pause(0.01)


def text(app, screen=None):
    """The characters of a screen, the top one by default."""
    screen = screen or app.screen
    return "\n".join(strip.text for strip in screen._compositor.render_strips(screen.size))


def toasts(app):
    return [notification.message for notification in app._notifications]


async def say(pilot, words):
    """Type text, letter by letter."""
    await pilot.press(*["space" if letter == " " else letter for letter in words])
