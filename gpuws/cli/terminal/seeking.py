"""The way back into what a lost link cut off, sought by a thread, while keys are read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gpuws.cli.toolkit.host_back import host_back, pause
from gpuws.fleet.inside import Return
from gpuws.link.place import Terminal
from gpuws.model.errors import AuthFailed, Blocked, Cancelled, GpuwsError, HostKeyChanged, Refused, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.terminal import Size

GRACE = 20.0
"""Seconds in which what a host runs may come up behind it: its engine, the container, what is listed of both."""
AGAIN = 0.5
FINAL = (Refused, AuthFailed, HostKeyChanged, Blocked)


class Seeker:
    """`size` of the terminal at the moment; `wake` is called when something changed. `done`: `found`, or `failure`
    says why there is no way back; neither: it was given up."""

    def __init__(self, back: Return, size: Callable[[], Size], wake: Callable[[], None]) -> None:
        self._back = back
        self._size = size
        self._wake = wake
        self._given_up = threading.Event()
        self._answered = threading.Event()
        self._answer: Answer | None = None
        self._lock = threading.Lock()
        self.snapshot: HostSnapshot | None = None
        self.trouble = ""
        self.question: Question | None = None
        self.found: Terminal | None = None
        self.failure: GpuwsError | None = None
        self.done = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="way back", daemon=True).start()

    def hurry(self) -> None:
        """Try now."""
        if self.snapshot is not None and self.snapshot.state is HostState.DOWN:
            self._back.fleet.reconnect(self._back.host)

    def give_up(self) -> None:
        """What is found from now on is closed."""
        with self._lock:
            self._given_up.set()
        self._answered.set()

    def reply(self, answer: Answer | None) -> None:
        """To `question`."""
        self._answer, self.question = answer, None
        self._answered.set()

    def _run(self) -> None:
        terminal = None
        try:
            terminal = self._seek()
        except GpuwsError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - a bug must not leave the terminal waiting for ever
            self.failure = GpuwsError(f"{self._back.label}: {type(error).__name__}: {error}")
        with self._lock:
            if not self._given_up.is_set():
                self.found = terminal
            elif terminal is not None:
                terminal.close()
            self.done = True
        self._wake()

    def _seek(self) -> Terminal | None:
        fleet, host, deadline = self._back.fleet, self._back.host, None
        while host_back(fleet, host, tell=self._tell, given_up=self._given_up.is_set, ask=self._ask):
            try:
                return self._back.again(self._size())
            except FINAL:
                raise
            except Unreachable as error:  # its link is just being lost, or just there
                self.trouble = error.brief
            except GpuwsError as error:
                self.trouble, deadline = error.brief, deadline or time.monotonic() + GRACE
                if time.monotonic() >= deadline:
                    raise
            pause(AGAIN, self._given_up.is_set)
        return None

    def _tell(self, snapshot: HostSnapshot) -> None:
        if snapshot != self.snapshot:
            self.snapshot = snapshot
            self._wake()

    def _ask(self, question: Question) -> Answer | None:
        """By whoever has the terminal."""
        self._answered.clear()
        self._answer, self.question = None, question
        self._wake()
        self._answered.wait()
        if self._given_up.is_set():
            raise Cancelled("left")  # the question stays open for whoever answers it elsewhere
        return self._answer
