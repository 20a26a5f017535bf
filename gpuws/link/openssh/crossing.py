"""The way through a jump host for ssh: a channel of the link that gpuws has there, so that it is one login for both."""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.link.connect.route import open_route, why_lost
from gpuws.link.openssh import sockets
from gpuws.link.paramiko.channel import SshChannel
from gpuws.link.paramiko.streams import ChannelStream
from gpuws.link.place import Stream
from gpuws.link.resolve.resolve import Resolved
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError

if TYPE_CHECKING:
    from gpuws.link.connect.jumps import Lease
    from gpuws.link.paramiko.ssh import SshLink

CHUNK = 1 << 16  # bytes taken at once
_TAKER = str(Path(__file__).with_name("taker.py"))


class Crossing:
    """Joins a channel to the sshd of a host with the first who comes to a private socket: that host's ssh. As a context
    it is closed where nothing came of it."""

    def __init__(self, resolved: Resolved, lease: Lease) -> None:
        """Waits where too many are on their way through that jump host. Unreachable as of `open_route`."""
        self._lease = lease
        self._lock = threading.Lock()
        self._near: SocketStream | None = None
        self._closed = False
        self._ended = threading.Event()
        self._path = sockets.new_path(os.environ, "w")
        self._listener = socket.socket(socket.AF_UNIX)
        self._undo = contextlib.ExitStack()
        self._undo.callback(self._unlisten)
        self._gate = contextlib.ExitStack()
        try:
            self._gate.enter_context(lease.gate)
            self._route = open_route(resolved, lease)
            self._undo.callback(self._route.close)
            self._listen()
        except BaseException:
            self._gate.close()
            self._undo.close()
            raise

    @property
    def jump(self) -> SshLink:
        """The jump host's link."""
        return self._lease.link

    @property
    def ended(self) -> bool:
        """Nothing comes through any more: the jump host is lost, or the server behind it hung up."""
        return self._ended.is_set()

    @property
    def command(self) -> str:
        """What hands it to ssh: a ProxyCommand with ProxyUseFdpass."""
        return shlex.join([sys.executable, "-IS", _TAKER, self._path]).replace("%", "%%")

    def answered(self) -> None:
        """The server has said a word: the next one may go through. From one thread, any number of times."""
        self._gate.close()

    def why_lost(self, reason: str) -> str:
        """`reason`, or that the jump host is lost."""
        return why_lost(self._lease, self._route, reason)

    def leave(self) -> None:
        """The link that went through it is over: close it, and give back the share of the jump host. Once."""
        self.close()
        self._lease.release()

    def close(self) -> None:
        """From any thread; returns at once."""
        with self._lock:
            self._closed, near, undo = True, self._near, self._undo.pop_all()
        undo.close()
        if near is not None:
            near.close()

    def __enter__(self) -> Crossing:
        return self

    def __exit__(self, *_: object) -> None:
        self._gate.close()
        self.close()

    def _listen(self) -> None:
        self._listener.bind(self._path)
        Path(self._path).chmod(0o600)  # before anybody can come
        self._listener.listen(1)
        threading.Thread(target=self._run, name="through a jump host", daemon=True).start()

    def _unlisten(self) -> None:
        with contextlib.suppress(OSError):  # frees who waits for somebody to come
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        Path(self._path).unlink(missing_ok=True)

    def _run(self) -> None:
        try:
            near = SocketStream(self._listener.accept()[0], "ssh")
        except OSError:
            return
        self._unlisten()
        with self._lock:
            self._near, closed = near, self._closed
        if closed:
            near.close()
            return
        route, what = self._route, "the way through a jump host"
        far: Stream = ChannelStream(route, what) if isinstance(route, SshChannel) else SocketStream(route, what)
        threading.Thread(target=self._bring, args=(far, near), name="through a jump host", daemon=True).start()
        _carry(near, far)
        self.close()

    def _bring(self, far: Stream, near: Stream) -> None:
        _carry(far, near)
        self._ended.set()


def _carry(source: Stream, sink: Stream) -> None:
    """Until either ends."""
    with contextlib.suppress(GpuwsError, OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    sink.shutdown_write()
