"""What a warm keeper does for commands that are done in a blink, with as little as can be loaded: no model, no types of
messages. Where it takes more than that, nothing is done here, and the command goes the long way."""

from __future__ import annotations

import _socket
import os
import sys

from gpuws import __version__
from gpuws.model import errors
from gpuws.quick.endpoint import dial
from gpuws.quick.greeting import PROTOCOL
from gpuws.quick.packing import packed, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gpuws.quick.streams import End

LARGEST = 64 << 20  # bytes of an answer
PATIENCE = 3.0  # seconds; a keeper that is slower is asked the long way
MOST_DESCRIPTORS = 2


class Short:
    """One connection, for one request. It is closed by whoever made it."""

    def __init__(self, sock: _socket.socket) -> None:
        self._sock = sock
        self._descriptors: list[int] = []

    def ask(self, request: dict[str, Any]) -> None:
        """Said in one breath with the hello. OSError where nobody listens any more."""
        agent = os.environ.get("SSH_AUTH_SOCK", "")
        hello = {
            "type": "Hello",
            "protocol": PROTOCOL,
            "version": __version__,
            "client": f"short-{os.getpid()}",
            "environ": {"SSH_AUTH_SOCK": agent} if agent else {},
        }
        self._sock.sendall(_frame(hello) + _frame(request))

    def welcomed(self) -> bool:
        """False: no keeper of this version, or none that answers soon. It does nothing of what it was asked for then:
        of another version it declines, and one that wakes later finds this connection closed."""
        self._sock.settimeout(PATIENCE)
        try:
            welcome = self.receive()
            return (welcome.get("protocol"), welcome.get("version")) == (PROTOCOL, __version__)
        except (OSError, EOFError, ValueError):
            return False
        finally:
            self._sock.settimeout(None)

    def send(self, message: dict[str, Any]) -> None:
        self._sock.sendall(_frame(message))

    def receive(self) -> dict[str, Any]:
        """OSError, EOFError or ValueError where none comes, TimeoutError among them."""
        size = int.from_bytes(self._read(4), "big")
        if size > LARGEST:
            raise ValueError("the message is too large")
        message = unpacked(self._read(size))
        if not isinstance(message, dict):
            raise ValueError("no message")
        return message

    def sockets(self) -> list[_socket.socket]:
        """Those that came with the last message."""
        found, self._descriptors = self._descriptors, []
        return [_socket.socket(fileno=descriptor) for descriptor in found]

    # as `streams.Beside`

    def resize(self, columns: int, rows: int) -> None:
        try:
            self.send({"type": "Resize", "size": {"columns": columns, "rows": rows}})
        except OSError as error:
            raise errors.Unreachable("the keeper is gone") from error

    def ended(self, timeout: float | None) -> End | None:
        from gpuws.quick.streams import End

        try:
            _wait(self._sock, timeout)
            message = self.receive()
        except TimeoutError:
            raise
        except (OSError, EOFError, ValueError):
            return None
        failure = message.get("failure")
        return End(message.get("status"), failed(failure) if isinstance(failure, dict) else None)

    def close(self) -> None:
        try:
            self._sock.shutdown(_socket.SHUT_RDWR)  # frees a thread that receives
        except OSError:
            pass
        finally:
            self._sock.close()

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            room = _socket.CMSG_SPACE(4 * MOST_DESCRIPTORS)
            chunk, beside, _, _ = self._sock.recvmsg(min(size - len(data), 1 << 20), room)
            for level, kind, carried in beside:
                if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
                    self._descriptors += [
                        int.from_bytes(carried[at : at + 4], sys.byteorder) for at in range(0, len(carried) - 3, 4)
                    ]
            if not chunk:
                raise EOFError
            data += chunk
        return bytes(data)


def ready_text(path: str, hosts: Sequence[str], tags: Sequence[str]) -> str | None:
    """What `gpuws gpus --json` prints. None where no keeper of this version lives, or it has to wait first."""
    sock = dial(path)
    if sock is None:
        return None
    short = Short(sock)
    try:
        short.ask({"type": "Prepare", "hosts": hosts, "tags": tags})
        if not short.welcomed():
            return None
        sock.settimeout(PATIENCE)
        text = short.receive().get("text")
    except (OSError, EOFError, ValueError):
        return None
    finally:
        short.close()
    return text if isinstance(text, str) else None


def failed(failure: dict[str, Any]) -> errors.GpuwsError:
    """A `Failure` of the keeper as the error that it was there."""
    kind = getattr(errors, str(failure.get("kind")), errors.GpuwsError)
    known = isinstance(kind, type) and issubclass(kind, errors.GpuwsError)
    return (kind if known else errors.GpuwsError)(str(failure.get("message", "")), str(failure.get("remedy", "")))


def _frame(message: dict[str, Any]) -> bytes:
    data = packed(message)
    return len(data).to_bytes(4, "big") + data


def _wait(sock: _socket.socket, timeout: float | None) -> None:
    """TimeoutError where nothing comes. Not the socket's own time limit, which would end a sender in another thread."""
    import select

    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    if not poll.poll(None if timeout is None else timeout * 1000):
        raise TimeoutError
