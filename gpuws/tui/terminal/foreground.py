"""The terminal, handed to another program and always taken back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from textual.app import SuspendNotSupported

from gpuws.fleet.inside import Return
from gpuws.model.consent.entry import UNTITLED, titled
from gpuws.model.errors import GpuwsError
from gpuws.tui.base import AppBase, Opener, Pump


@contextmanager
def foreground(app: AppBase) -> Iterator[None]:
    """Whatever fails inside, the screen and the keyboard come back; but not where gpuws itself is being ended.

    An exception that escapes `App.suspend` leaves the screen as it is; a Ctrl-C typed while the terminal is in cooked
    mode would cancel the app's main task; frames painted meanwhile would fill the stopped writer's queue."""
    error: Exception | None = None
    handler = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with app.suspend():
            try:
                with app.batch_update():
                    yield
            except Exception as failure:  # noqa: BLE001 - must not escape suspend(); raised again below
                error = failure
            app.typed.forget()
    finally:
        signal.signal(signal.SIGINT, handler)
    if error is not None:
        raise error


def hand_over(
    app: AppBase, pump: Pump, opener: Opener, notice: str, title: str = "", back: Return | None = None
) -> int | None:
    """Run `opener`'s terminal in the foreground; `notice` is the line printed before, `title` the terminal's while it
    lasts, `back` the way back when its link is lost. Raises GpuwsError."""
    try:
        with foreground(app):
            before = titled(title) if title else ""
            print(f"{before}\x1b[2J\x1b[H{notice}", flush=True)  # noqa: T201 - the terminal is ours alone here
            try:
                return pump(opener, back)
            finally:
                with suppress(OSError):  # the terminal may be gone
                    print(UNTITLED if title else "", end="", flush=True)  # noqa: T201
    except SuspendNotSupported:
        raise GpuwsError("this terminal can't be handed over", "run the command in a terminal: y copies it") from None
