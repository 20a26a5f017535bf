"""ssh's control socket, spoken to as OpenSSH's PROTOCOL.mux describes it."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct

HELLO, ALIVE, PROXY = 0x00000001, 0x10000004, 0x1000000F
IS_ALIVE, IS_PROXY = 0x80000005, 0x8000000F
VERSION = 4
PATIENCE = 3.0  # seconds for an answer: it comes from this machine
LONGEST = 1 << 18  # bytes of a message


class NoMaster(Exception):
    """No ssh answers there; its argument says why."""


class Control:
    """A connection to the ssh that listens at `path`. NoMaster where there is none."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(PATIENCE)
            _need_mine(path)
            self._socket.connect(path)
            self._send(HELLO, VERSION)
            kind, version = self._receive(2)
            if (kind, version) != (HELLO, VERSION):
                raise NoMaster(f"it speaks version {version} of ssh's control protocol")
        except BaseException as error:
            self._socket.close()
            if isinstance(error, OSError | ValueError):  # a path may be too long, too
                raise NoMaster(getattr(error, "strerror", None) or str(error) or "no answer") from error
            raise

    def pid(self) -> int:
        """The process that listens."""
        self._send(ALIVE, 0)
        kind, _, pid = self._receive(3)
        if kind != IS_ALIVE:
            raise NoMaster("it does not say that it is alive")
        return pid

    def proxied(self) -> socket.socket:
        """From now on the messages of SSH's channels go over the socket, which is the caller's. ssh 7.4 or newer."""
        self._send(PROXY, 1)
        kind, _ = self._receive(2)
        if kind != IS_PROXY:
            raise NoMaster("this ssh is too old: OpenSSH 7.4 is the first one that hands its channels on")
        self._socket.settimeout(None)
        return self._socket

    def await_end(self) -> None:
        """Returns when the other ssh is gone, or this was closed."""
        self._socket.settimeout(None)
        with contextlib.suppress(OSError):
            while self._socket.recv(4096):
                pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, *numbers: int) -> None:
        try:
            self._socket.sendall(struct.pack(f">I{len(numbers)}I", 4 * len(numbers), *numbers))
        except OSError as error:
            raise NoMaster(error.strerror or "no answer") from error

    def _receive(self, count: int) -> tuple[int, ...]:
        """The first `count` numbers of a message."""
        try:
            (size,) = struct.unpack(">I", self._exactly(4))
            if not 4 * count <= size <= LONGEST:
                raise NoMaster("it does not speak ssh's control protocol")
            return struct.unpack(f">{count}I", self._exactly(size)[: 4 * count])
        except OSError as error:
            raise NoMaster(error.strerror or "no answer") from error

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise NoMaster("it hung up")
            data += part
        return data


def running(path: str) -> int | None:
    """The process of the ssh that listens at `path`, as `ssh -O check` finds it; None: there is none."""
    try:
        with Control(path) as control:
            return control.pid()
    except NoMaster:
        return None


def _need_mine(path: str) -> None:
    """What somebody else put there would see all that goes over it."""
    found = os.stat(path)  # noqa: PTH116 - it may be a link
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise NoMaster("it is no socket of mine")
