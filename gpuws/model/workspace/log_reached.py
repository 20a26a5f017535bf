"""How far a log was read, so that another reading of it goes on there: nothing lost, nothing twice. Pure.

The messages of one output come in the order of their times. Docker copies the two outputs side by side, so among both
the times may be out of order, by far less than `SLACK`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gpuws.model.workspace.log_messages import Message, Output, epoch_of, stamp_of

SLACK = 1.0  # seconds


class Reached:
    """What was read without a gap, from some message on."""

    def __init__(self) -> None:
        self._first = ""
        self._last: dict[Output, tuple[str, int]] = {}

    def take(self, message: Message) -> None:
        """The next one."""
        if not message.stamp:
            return
        self._first = self._first or message.stamp
        stamp, so_many = self._last.get(message.output, ("", 0))
        self._last[message.output] = (message.stamp, so_many + 1 if message.stamp == stamp else 1)

    @property
    def last(self) -> str:
        """The newest time; "" where nothing was read."""
        return max((stamp for stamp, _ in self._last.values()), default="")

    def overlap(self) -> Overlap:
        """For another reading, which begins somewhere before here."""
        return Overlap(self._first, self.last, dict(self._last))


class Overlap:
    """Tells what is new in that reading."""

    def __init__(self, first: str, last: str, ends: Mapping[Output, tuple[str, int]]) -> None:
        self._ends = ends
        self._floor = max(first, stamp_of(epoch_of(last) - SLACK)) if last else ""
        self._last = last
        self._met: Counter[Output] = Counter()

    def beyond(self, message: Message) -> bool:
        """A reading that begins with it may have left some out."""
        return bool(message.stamp) and message.stamp > self._last

    def new(self, message: Message) -> bool:
        """Asked once of each message, in order."""
        if not message.stamp:
            return True
        end = self._ends.get(message.output)
        if end is None:  # this output was silent then: what it wrote near there came too late to be read
            return message.stamp >= self._floor
        if message.stamp != end[0]:
            return message.stamp > end[0]
        self._met[message.output] += 1
        return self._met[message.output] > end[1]
