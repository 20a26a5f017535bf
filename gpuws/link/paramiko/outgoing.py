"""One order for all that a connection sends, kept through the waits for new keys."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from paramiko import Message, SSHException

FAILURES = (SSHException, OSError, EOFError)
"""What paramiko raises where a connection dies under it."""

KEYS_TIMEOUT = 30.0  # seconds for the server to agree on new keys; RFC 4253 §9 names none, OpenSSH waits for ever
LONGEST_QUEUE = 1 << 14  # messages: several of each channel there may be


class Sending(Protocol):
    """The transport below: what of it sending needs."""

    active: bool
    clear_to_send: threading.Event
    clear_to_send_lock: threading.Lock

    def free(self) -> bool: ...
    def fail(self, reason: str) -> None: ...
    def _send_message(self, data: Message) -> None: ...


@dataclass(slots=True, eq=False)
class Queued:
    """A message and its place. `waited`: the thread that put it there sends it, and waits for its turn."""

    message: Message
    waited: bool
    sent: bool = False


class Outgoing:
    """Messages leave in the order in which they were put here, whichever threads put and send them.

    paramiko: each thread sends its own, and while new keys are agreed upon each waits for itself. What was put aside
    meanwhile is overtaken then: an end of file by the close behind it, for which sshd ends the whole connection.

    Whoever holds `clear_to_send_lock` sends. A thread that may wait sends all up to its own message, which bounds what
    lies here to one for each thread; and then what nobody waits for, until somebody does again. The transport's own
    thread, which alone can bring the new keys, and threads that close something never wait."""

    def __init__(self, transport: Sending) -> None:
        self._transport = transport
        self._queue: deque[Queued] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, message: Message, *, waited: bool = True) -> Queued:
        """Give `message` its place; never waits. To be followed by `wait`, or by `push` where it is not waited for."""
        own: object = threading.current_thread()
        queued = Queued(message, waited and own is not self._transport)
        self._queue.append(queued)
        return queued

    def wait(self, queued: Queued) -> None:
        """Until it is sent, or the connection ended. FAILURES where it ends while something is sent."""
        try:
            if queued.waited:
                self._wait(queued)
        except BaseException:
            queued.waited = False  # whoever comes next sends it
            raise
        self.push()

    def _wait(self, queued: Queued) -> None:
        transport, began = self._transport, 0.0
        while not queued.sent and transport.active:
            if not transport.clear_to_send.is_set() and not transport.clear_to_send.wait(0.1):
                began = began or time.monotonic()
                if time.monotonic() > began + KEYS_TIMEOUT:
                    transport.fail(f"the server agreed on no new keys within {KEYS_TIMEOUT:g} s")
                continue
            with transport.clear_to_send_lock:
                while transport.clear_to_send.is_set() and self._queue and not queued.sent:
                    self._send_next()

    def push(self) -> None:
        """Send what nobody waits for, as far as that needs no waiting."""
        lock = self._transport.clear_to_send_lock
        while self._queue and lock.acquire(blocking=False):
            try:
                if not self._queue or self._queue[0].waited or not self._transport.free():
                    return  # whoever waits pushes afterwards; else the transport does at its next turn
                with contextlib.suppress(*FAILURES):  # it ended meanwhile
                    self._send_next()
            finally:
                lock.release()

    def _send_next(self) -> None:
        """Under the lock."""
        queued = self._queue.popleft()
        try:
            self._transport._send_message(queued.message)
        finally:
            queued.sent = True
