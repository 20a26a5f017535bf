"""Asking the server whether it would take a key, before a person is asked to unlock or to touch it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from paramiko import AuthenticationException, Message
from paramiko.common import MSG_USERAUTH_PK_OK, cMSG_USERAUTH_REQUEST

from gpuws.link.paramiko.key_files import PublicKey
from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.paramiko.typed import TypedAuthHandler


class _OfferHandler(TypedAuthHandler):
    """RFC 4252, 7: a publickey request without a signature; paramiko only knows the one with."""

    def __init__(self, transport: SshTransport, user: str, key: PublicKey, answered: threading.Event) -> None:
        super().__init__(transport)
        self.username, self.user, self.key = user, user, key
        self.auth_method, self.auth_event = "publickey", answered
        self.taken = False

    def begin(self) -> None:
        with self.transport.lock:
            self._request_auth()

    def _parse_service_accept(self, m: Message) -> None:  # noqa: ARG002
        request = Message()
        request.add_byte(cMSG_USERAUTH_REQUEST)
        for word in (self.user, "ssh-connection", "publickey"):
            request.add_string(word)
        request.add_boolean(False)
        request.add_string(self._finalize_pubkey_algorithm(self.key.type))
        request.add_string(self.key.blob)
        self.transport._send_message(request)

    def _parse_taken(self, m: Message) -> None:  # noqa: ARG002
        self.taken = True
        self.abort()

    @property
    def _client_handler_table(self) -> dict[int, Callable[[Message], None]]:
        return {**super()._client_handler_table, MSG_USERAUTH_PK_OK: self._parse_taken}


def would_take(transport: SshTransport, user: str, key: PublicKey) -> bool:
    """Whatever the server answers but yes is no."""
    answered = threading.Event()
    handler = _OfferHandler(transport, user, key, answered)
    transport.auth_handler = handler
    handler.begin()
    try:
        handler.wait_for_response(answered)
    except AuthenticationException:
        if not answered.is_set():  # not an answer but none
            raise
    return handler.taken
