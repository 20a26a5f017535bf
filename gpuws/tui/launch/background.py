"""A workspace that is made in the background, and the way in when it is there."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Mapping

from gpuws.model.host.naming import labelled
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Report
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.base import AppBase
from gpuws.tui.launch.history import with_launch
from gpuws.tui.launch.lines import wait_words
from gpuws.tui.sessions.doors import Door
from gpuws.tui.tasks.begin import begin


def launch(app: AppBase, plan: Plan) -> None:
    """What it is made from is what is meant there the next time."""

    def call(report: Report, cancel: threading.Event) -> Launched:
        return app.fleet.launch(plan, report, cancel)

    if profile := plan.spec.profile.name:
        app.remember(launched=with_launch(app.remembered.launched, plan.host, profile, time.time()))
    make(app, "launch", plan.host, plan.spec.name, "up", call)


def wait(app: AppBase, order: WaitOrder, environ: Mapping[str, str], begun: Callable[[], None]) -> None:
    """Queue it, and say its place and why it waits; `b` lists it. `begun`: it is queued."""

    def queued(kept: QueuedWait) -> None:
        waits = app.fleet.waits()
        known = next((one for one in waits if one.id == kept.id), kept)
        name = plain(order.name or order.called)
        app.say(f"{name}: {wait_words(known, waits)} — b shows it, D there ends it", timeout=10)
        begun()

    app.verbs.run("wait", lambda: app.fleet.begin_wait(order, environ), queued)


def make(
    app: AppBase, verb: str, host: str, name: str, done: str, call: Callable[[Report, threading.Event], Launched]
) -> None:
    """Progress is in the header, `b` lists and cancels; at the end a toast says that it is `done`, and how to enter."""

    def made(launched: Launched) -> None:
        ref = launched.ref
        if gone := launched.ending:
            app.say(f"{plain(name)} on {plain(host)} {gone} — l reads what it wrote")
            return
        if launched.verification:
            app.say(f"{plain(name)}: {plain(launched.verification.summary)}")
        door = Door(name, PlaceRef(ref.host, ref.id), None, shlex.join(["gpuws", "attach", labelled(host, name)]))
        app.launched(door, f"{plain(name)} is {done} on {plain(host)} — a enters it")

    begin(app, f"{verb} {name}", call, made)
