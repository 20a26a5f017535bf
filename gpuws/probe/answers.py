"""Answers to what is asked of a running probe: any that comes after the question is one, whoever asked."""

from __future__ import annotations

import threading
import time
from typing import Generic, TypeVar

T = TypeVar("T")
GLANCE = 0.5  # seconds between looks whether the probe is over


class Answers(Generic[T]):
    def __init__(self) -> None:
        self._came = threading.Condition()
        self._newest: T | None = None
        self.count = 0

    def put(self, answer: T) -> None:
        with self._came:
            self._newest = answer
            self.count += 1
            self._came.notify_all()

    def after(self, count: int, seconds: float, over: threading.Event) -> T | None:
        """One that came after `count` others; None where none comes in time, or the probe is `over`."""
        deadline = time.monotonic() + seconds
        with self._came:
            while self.count <= count:
                left = deadline - time.monotonic()
                if left <= 0 or over.is_set():
                    return None
                self._came.wait(min(left, GLANCE))
            return self._newest
