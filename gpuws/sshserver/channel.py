"""A channel as the server sees it: what is asked on it goes to its session, and its end is told once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from paramiko import Message
from paramiko.common import cMSG_CHANNEL_FAILURE, cMSG_CHANNEL_SUCCESS

from gpuws.link.paramiko.channel import Carrier, SshChannel
from gpuws.link.paramiko.outgoing import FAILURES

CHUNK = 1 << 18  # bytes taken at once


class ServerCarrier(Carrier):
    """The transport below such a channel."""

    @abstractmethod
    def ends(self, channel: ServerChannel) -> None:
        """Have `gone` called, without waiting."""

    @abstractmethod
    def rests(self, channel: ServerChannel) -> None:
        """Nothing works for it any more."""


class ServerChannel(SshChannel):
    """`asked` answers a request on the channel; it must not wait, since it runs on the transport's thread. `then` is
    called once the request is answered: a program that ends at once must not close the channel before.

    `gone` is called once, on a thread of its own, when the channel ends, whoever ends it. `working`: a thread works for
    it, and for so long it counts as one of the client's, ended or not."""

    transport: ServerCarrier
    working = False

    def __init__(self, chanid: int) -> None:
        super().__init__(chanid)
        self.asked: Callable[[str, Message], bool] = _refused
        self.gone: Callable[[], None] = _nothing
        self.then: Callable[[], None] = _nothing

    def take(self) -> bytes:
        """The next bytes of the client; b"" at its end of file, and when the channel ended."""
        try:
            return self.recv(CHUNK)
        except FAILURES:
            return b""

    def give(self, data: bytes, *, error: bool = False) -> None:
        """Hand the client all of it, on its stdout or stderr. OSError when it takes no more.

        paramiko's own `sendall` spins for ever once the channel has ended."""
        send = self.send_stderr if error else self.send
        view = memoryview(data)
        while view:
            try:
                sent = send(bytes(view[: self.largest]))
            except FAILURES as failure:
                raise BrokenPipeError("the client is gone") from failure
            if not sent:
                raise BrokenPipeError("the client takes no more")
            view = view[sent:]

    def finish(self, status: int | None) -> None:
        """The program has ended: say how, and that nothing more comes. None: no program was there."""
        try:
            if status is not None:
                self._ask("exit-status", False, status & 0xFF)
        except FAILURES:
            return  # nobody is there to be told
        finally:
            self.close()

    def drop(self) -> None:
        """It was never opened."""
        with self.lock:
            super()._set_closed()

    def rest(self) -> None:
        """What worked for it is done."""
        self.working = False
        self.transport.rests(self)

    def _handle_request(self, m: Message) -> None:
        kind, answered = m.get_text(), m.get_boolean()
        try:
            done = self.asked(kind, m)
        except UnicodeDecodeError:  # a variable, say, in another encoding
            done = False
        if answered:
            reply = Message()
            reply.add_byte(cMSG_CHANNEL_SUCCESS if done else cMSG_CHANNEL_FAILURE)
            reply.add_int(self.remote_chanid)
            self._say(reply)
        then, self.then = self.then, _nothing
        then()

    def _set_closed(self) -> None:
        first = not self.closed
        super()._set_closed()
        if first:
            self.transport.ends(self)


def _refused(_kind: str, _message: Message) -> bool:
    return False


def _nothing() -> None:
    return
