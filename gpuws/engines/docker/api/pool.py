"""Connections kept for the next short call: over SSH a new one takes a round trip."""

from __future__ import annotations

import threading

from gpuws.engines.docker.api.http import Dial, Reply
from gpuws.link.place import Stream

KEPT = 8
"""At most; more may be in use at a time."""
RESTING = 2
"""Left when many calls at once are over: behind each may be a program on the host, and one of its server's sessions."""
MOMENT = 1e-6
"""Seconds: zero would make a socket non-blocking, which streams do not know."""


class Pool:
    """Used from several threads."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._lock = threading.Lock()
        self._idle: list[Stream] = []

    def take(self) -> Stream:
        """One on which a request can be sent."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                stream = self._idle.pop()
            if _usable(stream):
                return stream
            stream.close()
        return self._dial()

    def give_back(self, reply: Reply) -> None:
        """After a reply was read: its connection waits for the next one, or ends."""
        with self._lock:
            if reply.reusable and len(self._idle) < KEPT:
                self._idle.append(reply.stream)
                return
        reply.close()

    def rest(self) -> None:
        """Many calls at once are over: close what the next few do not need."""
        with self._lock:
            spare, self._idle = self._idle[:-RESTING], self._idle[-RESTING:]
        for stream in spare:
            stream.close()


def _usable(stream: Stream) -> bool:
    """Open, and nothing came unasked for: an engine that went away shows as end of file."""
    try:
        stream.settimeout(MOMENT)
        stream.recv(1)
    except TimeoutError:
        return True
    except Exception:  # noqa: BLE001  whatever it is, another connection is made
        return False
    return False
