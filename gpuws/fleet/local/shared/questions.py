"""Questions on their way to a person: asked by host threads, answered by whoever shows them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gpuws.model.host.question import Answer, Question


@dataclass(slots=True)
class _Open:
    question: Question
    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None


class Questions:
    """`changed` is told whenever the list of open questions is another. Asking blocks, all else returns at once.

    No id comes twice, in other processes neither: an answer that comes late must not reach another question."""

    def __init__(self, changed: Callable[[tuple[Question, ...]], None]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._closed = False

    def pending(self) -> tuple[Question, ...]:
        with self._lock:
            return tuple(entry.question for entry in self._open.values())

    def ask(self, host: str, question: Question) -> Answer | None:
        """Wait for a person; None when declined, withdrawn or closed, and where the host asks something else by now:
        it waits for one answer at a time."""
        self.withdraw(host)
        entry = self._enter(host, question)
        if entry is None:
            return None
        self._changed(self.pending())
        entry.done.wait()
        return entry.answer

    def answer(self, question_id: str, answer: Answer | None) -> None:
        with self._lock:
            entry = self._open.pop(question_id, None)
        if entry is not None:
            entry.answer = answer
            entry.done.set()
            self._changed(self.pending())

    def withdraw(self, host: str) -> None:
        """Nobody needs `host`'s answers any more."""
        for question in self.pending():
            if question.host == host:
                self.answer(question.id, None)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            entries = list(self._open.values())
            self._open.clear()
        for entry in entries:
            entry.done.set()

    def _enter(self, host: str, question: Question) -> _Open | None:
        with self._lock:
            if self._closed:
                return None
            entry = _Open(replace(question, id=secrets.token_hex(8), host=host))
            self._open[entry.question.id] = entry
            return entry
