"""Logs as an engine gives them, for tests of what reads them."""

from gpuws.model.errors import Unreachable
from gpuws.model.workspace.log_messages import Message, epoch_of, framed, stamp_of

BEGAN = 1_800_000_000.0


def message(number, output="stdout", at=None):
    return Message(output, stamp_of(BEGAN + (number if at is None else at)), f"{number}\n".encode())


class Log:
    """What an engine keeps, given as Docker gives it: the last ones are counted first. `cuts`: after how many bytes
    each stream breaks off; None: at its end, as one that is not followed. `size`: bytes that come at once."""

    def __init__(self, messages, cuts=(), size=4096):
        self.size = size
        self.messages = list(messages)
        self.cuts = list(cuts)
        self.asked = []
        self.grows = []
        """Written before each further stream is opened."""

    def __call__(self, window):
        if self.asked and self.grows:
            self.messages += self.grows.pop(0)
        self.asked.append(window)
        last = self.messages if window.tail is None else self.messages[len(self.messages) - window.tail :]
        if window.tail is not None and window.tail >= len(self.messages):
            last = self.messages
        wanted = [
            one
            for one in last
            if (window.since is None or epoch_of(one.stamp) >= window.since)
            and (window.until is None or epoch_of(one.stamp) <= window.until)
        ]
        return Given(b"".join(map(framed, wanted)), self.cuts.pop(0) if self.cuts else None, self.size)


class Given:
    def __init__(self, data, cut=None, size=4096):
        self.size = size
        self.data = data if cut is None else data[:cut]
        self.cut = cut is not None
        self.closed = False

    def recv(self, limit=65536):
        data, self.data = self.data[: self.size], self.data[self.size :]
        if not data and self.cut:
            raise Unreachable("the link is lost")
        return data

    def close(self):
        self.closed = True
