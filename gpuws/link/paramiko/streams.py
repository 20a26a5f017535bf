"""The streams, processes and terminals that are made of a channel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from paramiko import SSHException

from gpuws.link.paramiko.channel import RequestRefused, SshChannel
from gpuws.link.paramiko.outgoing import FAILURES
from gpuws.link.streams import StreamBroken
from gpuws.model.session.terminal import Size

STATUS_TIMEOUT = 2.0  # seconds between the end of the output and the exit status


class ChannelStream:
    """A forwarded connection as a Stream."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def recv(self, limit: int = 65536) -> bytes:
        data = receive(self._channel.recv, limit, self._what)
        if not data and self._channel.broken:
            raise StreamBroken(f"{self._what}: the connection broke")
        return data

    def sendall(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def shutdown_write(self) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.shutdown_write()

    def settimeout(self, seconds: float | None) -> None:
        self._channel.settimeout(seconds)

    def close(self) -> None:
        self._channel.close()


class SshProcess:
    """A program without a PTY on the other side. Closing it ends its stdin and sends it SIGTERM."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def read(self, limit: int = 65536) -> bytes:
        return self._unbroken(receive(self._channel.recv, limit, self._what))

    def read_stderr(self, limit: int = 65536) -> bytes:
        return self._unbroken(receive(self._channel.recv_stderr, limit, self._what))

    def write(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def close_stdin(self) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.shutdown_write()

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._channel.status_event.wait(timeout):
            raise TimeoutError
        return self._channel.status()

    def settimeout(self, seconds: float | None) -> None:
        self._channel.settimeout(seconds)

    def close(self) -> None:
        self._channel.end()

    def _unbroken(self, data: bytes) -> bytes:
        if not data and self._channel.broken and self._channel.status() is None:
            raise StreamBroken(f"{self._what}: the connection was lost")
        return data


class SshTerminal:
    """A program on a PTY of the other side."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def recv(self, limit: int = 65536) -> bytes:
        with contextlib.suppress(StreamBroken):
            return receive(self._channel.recv, limit, self._what)
        return b""

    def sendall(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def resize(self, size: Size) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.resize_pty(size.columns, size.rows)

    def exit_status(self) -> int | None:
        self._channel.status_event.wait(STATUS_TIMEOUT)
        return self._channel.status()

    def close(self) -> None:
        self._channel.close()


def receive(read: Callable[[int], bytes], limit: int, what: str) -> bytes:
    """Reading sends, too: it makes room for more."""
    try:
        return read(limit)
    except TimeoutError:
        raise
    except FAILURES as error:
        raise StreamBroken(f"{what}: the connection was lost") from error


def send_all(channel: SshChannel, data: bytes, what: str) -> None:
    """paramiko's own `sendall` spins for ever once our own end of file was sent."""
    view = memoryview(data)
    while view:
        try:
            sent = channel.send(bytes(view[: channel.largest]))
        except TimeoutError:
            raise
        except FAILURES as error:
            raise StreamBroken(f"{what}: the other side closed the connection") from error
        if sent == 0:
            raise StreamBroken(f"{what}: the other side closed the connection")
        view = view[sent:]


def start(channel: SshChannel, command: str, environment: Sequence[tuple[str, str]] = ()) -> None:
    """Run `command` by the login shell; "" is the login shell itself. RequestRefused, also of what was asked before."""
    try:
        for name, value in environment:
            channel.set_environment_variable(name, value)
        if command:
            channel.exec_command(command)
        else:
            channel.invoke_shell()
    except SSHException as error:
        raise RequestRefused if channel.refused else error from error
