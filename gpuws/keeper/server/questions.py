"""Questions go to every client that sees the host. One answer counts; it is declined when nobody is left who might."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gpuws.fleet.base import Fleet
from gpuws.fleet.events import Event, QuestionsChanged
from gpuws.keeper.server.clients import Clients
from gpuws.model.host.question import Answer, Question


class SharedQuestions:
    """`fleet` gives the one whose questions these are."""

    def __init__(self, fleet: Callable[[], Fleet], clients: Clients) -> None:
        self._fleet = fleet
        self._clients = clients
        self._lock = threading.Lock()
        self._declined: dict[str, set[str]] = {}

    def open_for(self, client: str, person: bool, sees: Callable[[str], bool]) -> tuple[Question, ...]:
        """What this client may still answer."""
        if not person:
            return ()
        with self._lock:
            return tuple(
                question
                for question in self._fleet().questions()
                if sees(question.host) and client not in self._declined.get(question.id, ())
            )

    def reply(self, client: str, question_id: str, answer: Answer | None) -> None:
        if answer is not None:
            self._fleet().answer(question_id, answer)
            return
        with self._lock:
            self._declined.setdefault(question_id, set()).add(client)
        self.review()

    def on_event(self, event: Event) -> None:
        if isinstance(event, QuestionsChanged):
            self.review()

    def review(self) -> None:
        """Decline what nobody can answer any more, so that no server waits for nobody."""
        pending = self._fleet().questions()
        with self._lock:
            self._declined = {q.id: self._declined[q.id] for q in pending if q.id in self._declined}
            hopeless = [q.id for q in pending if not self._clients.viewers(q.host) - self._declined.get(q.id, set())]
        for question_id in hopeless:
            self._fleet().answer(question_id, None)
