"""keyboard-interactive (RFC 4256): a server's prompts, taken within bounds. It may ask anything, and without an end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from paramiko import Message
from paramiko.common import cMSG_USERAUTH_INFO_RESPONSE

from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.paramiko.typed import TypedAuthHandler

ROUNDS = 12  # of one login, those without a prompt too
PROMPTS = 8  # of one round

Answering = Callable[[str, str, Sequence[tuple[str, bool]]], list[str]]
"""(title, instructions, (prompt, its answer may be seen)) → the answers; on the transport's own thread."""


class _PromptHandler(TypedAuthHandler):
    def _parse_userauth_info_request(self, m: Message) -> None:
        """paramiko: takes as many prompts as the server says there are, whether or not they are there, and ends the
        connection for a letter that is not UTF-8."""
        title, instructions, _, count = _text(m), _text(m), m.get_binary(), m.get_int()
        prompts = [(_text(m), m.get_boolean()) for _ in range(min(count, PROMPTS + 1))]
        answers = self.interactive_handler(title, instructions, prompts)
        reply = Message()
        reply.add_byte(cMSG_USERAUTH_INFO_RESPONSE)
        reply.add_int(len(answers))
        for answer in answers:
            reply.add_string(answer)
        self.transport._send_message(reply)


def authenticate(transport: SshTransport, user: str, answering: Answering) -> list[str]:
    """What the server wants next, if anything; errors as of the transport's own `auth_interactive`."""
    answered = threading.Event()
    handler = _PromptHandler(transport)
    transport.auth_handler = handler
    handler.auth_interactive(user, answering, answered)
    return handler.wait_for_response(answered)


def _text(m: Message) -> str:
    return m.get_binary().decode(errors="replace")
