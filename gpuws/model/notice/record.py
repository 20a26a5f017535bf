"""What is kept of notices: each with where it went, and what is still to be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from gpuws.model.notice.notice import Notice
from gpuws.model.notice.seen import Seen
from gpuws.model.notice.watch import Watch
from gpuws.model.notice.wishes import CHANNELS, Receiver, Rule, Webhook, Wishes

KEPT = 7 * 86400.0
"""Seconds that a notice is kept."""
MOST = 2000
"""Notices that are kept."""
SCREEN = "screen"
"""Who tells what goes to toast, bell or the terminal's own notices: whichever screen is first."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """To one receiver, or to the screens. `at` None: not yet; epoch seconds. `error`: why it did not arrive, last.

    `given_up`: it is not tried again. `within`: the id of the notice for several with which it went."""

    to: str
    at: float | None = None
    error: str = ""
    given_up: bool = False
    within: str = ""

    @property
    def open(self) -> bool:
        return self.at is None and not self.given_up


@dataclass(frozen=True, slots=True)
class Told:
    """`channels`: of the screen that tells it."""

    notice: Notice
    channels: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    def delivered(self, changed: Delivery) -> Told:
        kept = tuple(changed if one.to == changed.to else one for one in self.deliveries)
        return replace(self, deliveries=kept)

    def waits_for(self, receiver: str) -> bool:
        return any(one.to == receiver and one.open for one in self.deliveries)


def told(notice: Notice, to: Iterable[str]) -> Told:
    """It happened, and is to go to these."""
    names = tuple(to)
    channels = tuple(name for name in names if name in CHANNELS)
    receivers = [name for name in names if name not in CHANNELS]
    return Told(notice, channels, tuple(map(Delivery, [SCREEN] * bool(channels) + receivers)))


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """`receivers`: name and what it is, as `notify-send`, `ntfy.sh`. `quiet`: hours, as `22:00-07:00`."""

    rules: tuple[Rule, ...] = ()
    receivers: tuple[tuple[str, str], ...] = ()
    quiet: tuple[str, ...] = ()
    most: int = 0


def plan_of(wishes: Wishes) -> NoticePlan:
    """Without what may be secret: of an address the host's name only."""
    receivers = tuple((name, _called(one)) for name, one in wishes.receivers.items())
    quiet = tuple(f"{_clock(one.start)}-{_clock(one.end)}" for one in wishes.quiet)
    return NoticePlan(wishes.rules, receivers, quiet, wishes.most)


def _called(one: Receiver) -> str:
    if isinstance(one, Webhook):
        return f"webhook {urlsplit(one.url).hostname}"
    return f"command {one.argv[0]}"


def _clock(second: float) -> str:
    return f"{int(second // 3600):02d}:{int(second % 3600 // 60):02d}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is written down; the rest is None. `seen`: the parts of it that changed on `host`. `salt`: makes
    the ids of this book its own; `born`: when it was begun, epoch seconds."""

    salt: str | None = None
    born: float | None = None
    told: Told | None = None
    delivered: tuple[str, Delivery] | None = None
    host: str | None = None
    seen: Seen | None = None
    begun: Watch | None = None
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """All that was written down, in order. `seen`: each host as it was judged last."""

    salt: str = ""
    born: float = 0.0
    told: Mapping[str, Told] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    watches: Mapping[str, Watch] = field(default_factory=dict)

    def entries(self) -> tuple[Entry, ...]:
        """What brings such a book about."""
        return (
            Entry(salt=self.salt, born=self.born),
            *(Entry(told=one) for one in self.told.values()),
            *(Entry(host=host, seen=seen) for host, seen in self.seen.items()),
            *(Entry(begun=watch) for watch in self.watches.values()),
        )


def trimmed(book: Book, now: float) -> Book:
    """Without what is older than a week, and no more than so many."""
    young = [one for one in book.told.values() if now - one.notice.when < KEPT][-MOST:]
    return replace(book, told={one.notice.id: one for one in young})
