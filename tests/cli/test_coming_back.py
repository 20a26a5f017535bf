"""A terminal whose link was lost: what it shows meanwhile, which keys it hears, and the way back."""

from __future__ import annotations

import os
import pty
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from gpuws.cli.terminal.away import Away
from gpuws.cli.toolkit import host_back as coming
from gpuws.cli.toolkit.host_back import host_back
from gpuws.fleet.events import HostUpdated
from gpuws.fleet.inside import Return
from gpuws.model.errors import AuthFailed, GpuwsError, TargetError, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.away import KEYS, away, fitted

LOST = HostSnapshot("alpha", state=HostState.DOWN, error="no route to host", retry_at=time.time() + 60)
UP = HostSnapshot("alpha", state=HostState.UP)


class Host:
    """A fleet of one host that a test takes away and brings back."""

    def __init__(self, snapshot: HostSnapshot) -> None:
        self.now = snapshot
        self.listeners: list[Callable[[object], None]] = []
        self.tries = threading.Event()
        self.hurried = 0

    def snapshots(self):
        return (self.now,)

    def questions(self):
        return ()

    def subscribe(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def becomes(self, snapshot):
        self.now = snapshot
        for listener in list(self.listeners):
            listener(HostUpdated(snapshot))

    def hurry(self, host):
        assert host == "alpha"
        self.hurried += 1

    def reconnect(self, host):
        assert host == "alpha"
        self.tries.set()


class Joined:
    """What is opened again."""

    closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def tty():
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def waiting(host, tty, again):
    """`Away.wait` in a thread of its own: what it gave, or raised."""
    given: list[object] = []
    away = Away(Return(host, "alpha", "alpha:train", again), time.time() - 37, tty[1], tty[1])

    def wait():
        try:
            given.append(away.wait())
        except GpuwsError as error:
            given.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread, given


def shown(tty, wanted):
    seen = b""
    while wanted not in seen:
        seen += os.read(tty[0], 4096)
    return seen


def test_it_says_since_when_and_comes_back(tty):
    host, terminal, sizes = Host(LOST), Joined(), []
    thread, given = waiting(host, tty, lambda size: sizes.append(size) or terminal)
    seen = shown(tty, KEYS.encode())
    assert b"[alpha:train: connection lost at " in seen
    assert "37s · no route to host, retry in ".encode() in seen
    host.becomes(UP)
    thread.join(10)
    assert given == [terminal]
    assert len(sizes) == 1
    assert b"back after 37s" in shown(tty, b"\r\n")


@pytest.mark.parametrize("keys", [b"~.", b"\x03", b"x~."])
def test_it_is_left_by_keys_and_what_is_found_too_late_is_closed(tty, keys):
    host, terminal, entered, go = Host(LOST), Joined(), threading.Event(), threading.Event()

    def again(_size):
        entered.set()
        go.wait(10)
        return terminal

    thread, given = waiting(host, tty, again)
    host.becomes(UP)
    assert entered.wait(10)
    os.write(tty[0], keys)
    thread.join(10)
    assert given == [None]
    go.set()
    deadline = time.monotonic() + 10
    while not terminal.closed:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_enter_tries_now(tty, monkeypatch):
    monkeypatch.setattr(coming, "NUDGE", 30.0)  # by itself it would be later
    host = Host(LOST)
    thread, given = waiting(host, tty, lambda _: Joined())
    shown(tty, KEYS.encode())
    assert host.hurried
    os.write(tty[0], b"\r")
    assert host.tries.wait(15)
    os.write(tty[0], b"~.")
    thread.join(10)
    assert given == [None]


def test_a_host_that_is_lost_once_more_is_waited_for_again(tty):
    host, terminal, failures = Host(UP), Joined(), [Unreachable("alpha is connecting"), GpuwsError("no engine yet")]

    def again(_size):
        if failures:
            raise failures.pop(0)
        return terminal

    thread, given = waiting(host, tty, again)
    thread.join(10)
    assert given == [terminal]


def test_what_only_a_person_mends_ends_it(tty):
    host = Host(LOST)
    thread, given = waiting(host, tty, lambda _: Joined())
    host.becomes(replace(LOST, state=HostState.AUTH_FAILED, error="refused"))
    thread.join(10)
    assert isinstance(given[0], AuthFailed)


def test_the_wait_alone():
    heard = []
    assert host_back(Host(UP), "alpha", tell=heard.append)
    assert heard == [UP]
    assert not host_back(Host(LOST), "alpha", given_up=lambda: True)
    with pytest.raises(TargetError, match="no host of the configuration any more"):
        host_back(Host(UP), "bravo")


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_the_line_fits_and_keeps_its_keys(columns):
    now = time.time()
    line = fitted(away(now - 3700, now, replace(LOST, error="\x1b[2Jno route")), columns)
    assert len(line) < columns
    assert "\x1b" not in line
    assert line.endswith(KEYS[: columns - 1])


def test_how_long_and_why():
    now = time.time()
    assert "1h01 · no route to host, retry in" in away(now - 3700, now, LOST)
    assert away(now, now, UP, "its engine does not answer") == "0s · its engine does not answer"
    assert away(now, now, None) == "0s · looking for it"
