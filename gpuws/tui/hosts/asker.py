"""Questions of the fleet, one dialog at a time, newest first: its server waits longest still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.host.question import Answer, Question

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase
    from gpuws.tui.hosts.question import QuestionScreen


class Asker:
    """A question declined or answered once is not shown again. Nothing is shown while the terminal is handed over:
    the loop stands still then."""

    def __init__(self, app: AppBase) -> None:
        self._app = app
        self._waiting: tuple[Question, ...] = ()
        self._done: set[str] = set()
        self._open: QuestionScreen | None = None

    def update(self, questions: Sequence[Question]) -> None:
        self._waiting = tuple(questions)
        ids = {question.id for question in questions}
        self._done &= ids
        if self._open is not None and self._open.question.id not in ids:
            self._open.withdraw()
        self._next()

    def ask_again(self, host: str) -> bool:
        """Show the question of that host, although it was put aside; False: it has none."""
        mine = {question.id for question in self._waiting if question.host == host}
        self._done -= mine
        self._next()
        return bool(mine)

    def _next(self) -> None:
        if self._open is not None:
            return
        question = next((q for q in reversed(self._waiting) if q.id not in self._done), None)
        if question is None:
            return
        from gpuws.tui.hosts.question import QuestionScreen

        self._open = QuestionScreen(question)
        self._app.push_screen(self._open, lambda answer: self._answered(question, answer))

    def _answered(self, question: Question, answer: Answer | None) -> None:
        self._open = None
        self._done.add(question.id)
        if any(waiting.id == question.id for waiting in self._waiting):
            self._app.fleet.answer(question.id, answer)
        self._next()
