"""paramiko's Channel with its faults cured."""

from __future__ import annotations

import signal
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from paramiko import Message, SSHException
from paramiko.common import cMSG_CHANNEL_FAILURE, cMSG_CHANNEL_REQUEST, cMSG_CHANNEL_WINDOW_ADJUST

from gpuws.link.paramiko.buffer import ChannelBuffer
from gpuws.link.paramiko.outgoing import Outgoing
from gpuws.link.paramiko.typed import TypedChannel, TypedTransport

REQUEST_TIMEOUT = 15.0  # seconds for the answer to a pty, exec or shell request


class RequestRefused(Exception):
    """The server refused a request (pty, exec, shell) on an open channel."""


class Carrier(TypedTransport):
    """The transport below a channel. `gives_terminals`: its server did so before."""

    gives_terminals: bool
    outgoing: Outgoing

    @abstractmethod
    def free(self) -> bool:
        """Nobody is sending, and a small packet would not have to wait."""


class SshChannel(TypedChannel):
    """Sends in one order, closes without waiting for the peer, knows how it ended, keeps the exit signal, bounds what a
    server sends.

    Each message gets its place among those that are sent under the channel's lock, and none once the close has its own:
    paramiko lets go of the lock first, so another thread's close may overtake it, and sshd ends the whole connection
    for data, a request or an end of file on a channel that is closed. Waiting is done without the lock."""

    transport: Carrier
    closed_here = False
    refused = False
    exit_signal: str | None = None
    _unheeded = 0  # requests whose answer nobody waits for

    def __init__(self, chanid: int) -> None:
        super().__init__(chanid)
        self.in_buffer, self.in_stderr_buffer = ChannelBuffer(), ChannelBuffer()

    def close(self) -> None:
        """paramiko: waits for a dead peer, because it sends two messages itself."""
        self._close(())

    def end(self) -> None:
        """Close, and have sshd end the program's process group first (RFC 4254 §6.9): without a PTY it would live on.

        sshd does so for ordinary users; before OpenSSH 9.8 not for root."""
        self._close(() if self.status_event.is_set() else (self._request("signal", False, "TERM"),))

    def _close(self, before: tuple[Message, ...]) -> None:
        with self.lock:
            first = self.active and not self.closed
            self.closed_here = self.closed_here or first
            if first:
                self._post(*before, *self._close_internal())

    def shutdown(self, how: int) -> None:
        """paramiko: sends the end of file after it let go of the lock, so that the answer to a close may overtake it.
        sshd ends the whole connection for an end of file on a channel that is closed."""
        if how in (0, 2):
            super().shutdown(0)
        if how in (1, 2):
            with self.lock:
                self._post(self._send_eof())

    def _handle_close(self, m: Message) -> None:  # noqa: ARG002
        """As paramiko does, in order with what else is sent of this channel."""
        with self.lock:
            messages = self._close_internal()
            self.transport._unlink_channel(self.chanid)
            self._post(*messages)

    def _post(self, *messages: Message | None) -> None:
        """Under the lock: send without ever waiting."""
        for message in messages:
            if message is not None:
                self.transport.outgoing.put(message, waited=False)
        self.transport.outgoing.push()

    def _say(self, message: Message) -> None:
        """Send, unless it was closed."""
        with self.lock:
            if self.closed or not self.active:
                return
            queued = self.transport.outgoing.put(message)
        self.transport.outgoing.wait(queued)

    def _ask(self, kind: str, answered: bool, *fields: str | bytes | int) -> None:
        """Send a request; `answered`: `_wait_for_event` follows."""
        with self.lock:
            if self.closed or not self.active:
                raise SSHException("the channel is closed")
            if answered:
                self._event_pending()
            queued = self.transport.outgoing.put(self._request(kind, answered, *fields))
        self.transport.outgoing.wait(queued)

    def _request(self, kind: str, answered: bool, *fields: str | bytes | int) -> Message:
        request = Message()
        request.add_byte(cMSG_CHANNEL_REQUEST)
        request.add_int(self.remote_chanid)
        request.add_string(kind)
        request.add_boolean(answered)
        for item in fields:
            if isinstance(item, int):
                request.add_int(item)
            else:
                request.add_string(item)
        return request

    def _send(self, s: bytes, m: Message) -> int:
        """`m`: as far as it is made for `s`. Returns how much of it the peer's window took, 0 after our end of file."""
        with self.lock:
            if self.closed:
                raise OSError("the channel is closed")
            size = self._wait_for_send_window(len(s))
            if size == 0:
                return 0
            m.add_string(s[:size])
            queued = self.transport.outgoing.put(m)
        self.transport.outgoing.wait(queued)
        return size

    def _check_add_window(self, n: int) -> int:
        """Tell the peer that there is room again, and paramiko that nothing is left to tell."""
        if room := super()._check_add_window(n):
            message = Message()
            message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(self.remote_chanid)
            message.add_int(room)
            self._say(message)
        return 0

    @property
    def largest(self) -> int:
        """Bytes that go into one packet."""
        return max(self.out_max_packet_size - 64, 1)  # as paramiko reckons

    @property
    def broken(self) -> bool:
        """It ended neither by the other side's end of file nor by our closing: the link broke, or the server cut it."""
        return self.closed and not self.eof_received and not self.closed_here

    def _feed(self, m: Message | bytes) -> None:
        super()._feed(m)
        self._check_window()

    def _feed_extended(self, m: Message) -> None:
        super()._feed_extended(m)
        self._check_window()

    def _check_window(self) -> None:
        """paramiko: a server that ignores the window fills our memory."""
        if len(self.in_buffer) + len(self.in_stderr_buffer) > 2 * self.in_window_size:
            self.close()

    def _handle_request(self, m: Message) -> None:
        """paramiko: `exit-signal` is thrown away."""
        kind, answered = m.get_text(), m.get_boolean()
        if kind == "exit-status":
            self.exit_status = m.get_int()
            self.status_event.set()
        elif kind == "exit-signal":
            self.exit_signal = m.get_text()
            self.status_event.set()
        if answered:
            reply = Message()
            reply.add_byte(cMSG_CHANNEL_FAILURE)
            reply.add_int(self.remote_chanid)
            self._say(reply)

    def get_pty(
        self,
        term: Any = "vt100",
        width: int = 80,
        height: int = 24,
        width_pixels: int = 0,
        height_pixels: int = 0,
    ) -> None:
        """paramiko: waits for the answer, a round trip. A server that gave one terminal gives the next: there the
        program is asked for in the same breath. Of one that refuses nothing more is asked: it would run without a
        terminal."""
        first = not self.transport.gives_terminals
        if not first:
            self._unheeded += 1
        fields = (term, width, height, width_pixels, height_pixels, b"")  # no modes
        self._ask("pty-req", True, *fields)
        if first:
            self._wait_for_event()
            self.transport.gives_terminals = True

    def exec_command(self, command: Any) -> None:
        self._ask("exec", True, command)
        self._wait_for_event()

    def invoke_shell(self) -> None:
        self._ask("shell", True)
        self._wait_for_event()

    def set_environment_variable(self, name: Any, value: Any) -> None:
        self._ask("env", False, name, value)

    def resize_pty(self, width: int = 80, height: int = 24, width_pixels: int = 0, height_pixels: int = 0) -> None:
        self._ask("window-change", False, width, height, width_pixels, height_pixels)

    def _request_success(self, m: Message) -> None:
        """Answers come in the order of their requests."""
        if self._unheeded:
            self._unheeded -= 1
        else:
            super()._request_success(m)

    def _request_failed(self, m: Message) -> None:  # noqa: ARG002
        self.refused = True
        with self.lock:
            self._post(*self._close_internal())

    def _wait_for_event(self) -> None:
        """paramiko: no time limit, and the reason may be another channel's."""
        if not self.event.wait(REQUEST_TIMEOUT):
            self.close()
            raise TimeoutError
        if not self.event_ready:
            raise RequestRefused

    def status(self) -> int | None:
        """Exit status, 128 + signal, or None when it was never told."""
        if self.exit_signal is not None:
            number = getattr(signal, f"SIG{self.exit_signal}", None)
            return 128 + number if isinstance(number, int) else 255
        return self.exit_status if self.exit_status >= 0 else None


def told_to(channel: type[SshChannel]) -> dict[int, Callable[..., None]]:
    """What a transport calls for each message of a channel. paramiko: its own table names the methods of its base
    class, whatever the channel's class overrides."""
    table = TypedTransport._channel_handler_table
    return {message: getattr(channel, handler.__name__) for message, handler in table.items()}
