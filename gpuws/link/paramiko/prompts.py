"""keyboard-interactive (RFC 4256): a server's prompts, taken within bounds. It may ask anything, and without an end."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paramiko import Message
from paramiko.common import cMSG_USERAUTH_INFO_RESPONSE

from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.paramiko.typed import TypedAuthHandler

ROUNDS = 12  # of one login, those without a prompt too
PROMPTS = 8  # of one round
GLANCE = 0.2  # seconds

Answering = Callable[[str, str, Sequence[tuple[str, bool]]], list[str]]
"""(title, instructions, (prompt, its answer may be seen)) → the answers."""


@dataclass(frozen=True, slots=True)
class _Round:
    title: str
    instructions: str
    prompts: Sequence[tuple[str, bool]]


class _Outcome(threading.Event):
    """Of the login; also put behind the rounds, so that one queue tells both."""

    def __init__(self, rounds: queue.SimpleQueue[_Round | None]) -> None:
        super().__init__()
        self._rounds = rounds

    def set(self) -> None:
        super().set()
        self._rounds.put(None)


class _PromptHandler(TypedAuthHandler):
    rounds: queue.SimpleQueue[_Round | None]

    def _parse_userauth_info_request(self, m: Message) -> None:
        """paramiko: takes as many prompts as the server says there are, whether or not they are there, ends the
        connection for a letter that is not UTF-8, and hears nothing of the server until a person has answered."""
        title, instructions, _, count = _text(m), _text(m), m.get_binary(), m.get_int()
        prompts = [(_text(m), m.get_boolean()) for _ in range(min(count, PROMPTS + 1))]
        self.rounds.put(_Round(title, instructions, prompts))

    def answer(self, answers: Sequence[str]) -> None:
        reply = Message()
        reply.add_byte(cMSG_USERAUTH_INFO_RESPONSE)
        reply.add_int(len(answers))
        for answer in answers:
            reply.add_string(answer)
        self.transport._send_message(reply)


def authenticate(transport: SshTransport, user: str, answering: Answering, patience: float) -> list[str]:
    """What the server wants next, if anything; errors as of the transport's own `auth_interactive`, and whatever
    `answering` raises. `patience`: seconds for each answer of the server."""
    handler = _PromptHandler(transport)
    handler.rounds = queue.SimpleQueue()
    outcome = _Outcome(handler.rounds)
    transport.auth_handler = handler
    handler.auth_interactive(user, _unused, outcome)
    while (asked := _next(transport, handler.rounds, patience)) is not None:
        handler.answer(answering(asked.title, asked.instructions, asked.prompts))
    transport.auth_timeout = 0.1  # all the time there is was given above
    return handler.wait_for_response(outcome)


def _next(transport: SshTransport, rounds: queue.SimpleQueue[_Round | None], patience: float) -> _Round | None:
    """None: there is an outcome, or there will be none. paramiko tells the end of a transport to the handler that it
    had when it began to end, so it is looked at, too."""
    deadline = time.monotonic() + patience
    while transport.alive and (left := deadline - time.monotonic()) > 0:
        try:
            return rounds.get(timeout=min(left, GLANCE))
        except queue.Empty:
            continue
    return None


def _unused(*_: object) -> list[str]:
    return []


def _text(m: Message) -> str:
    return m.get_binary().decode(errors="replace")
