"""What a person wants to be told, and where to: `notifications:` of config.yaml. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, get_args

from gpuws.model.notice.notice import Kind, Notice

Channel = Literal["toast", "bell", "osc9", "osc777"]
"""What a screen does in its own terminal."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)
LOUD = frozenset(CHANNELS) - {"toast"}
EVERYTHING = ("container", "oom", "command", "waiting", "gpu", "host", "limit", "asked", "several", "test")
"""What a screen tells without any rule: of tasks it tells what it began anyway, and GPUs come free all day."""
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Command:
    """A program of mine. The notice is on its stdin as JSON; `argv` may name parts of it, as `{sentence}`."""

    argv: tuple[str, ...]
    timeout: float = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Webhook:
    """`body` None: the notice as JSON; else this map, whose texts may name parts of it. `token_file`: what lies there
    is the bearer token."""

    url: str = field(repr=False)
    body: Mapping[str, str | int | float | bool] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token_file: Path | None = None
    timeout: float = 10.0  # seconds


Receiver = Command | Webhook


@dataclass(frozen=True, slots=True)
class Rule:
    """`kinds`, `hosts` () : all; hosts may be patterns, as `gpu*`. `mine`: not what is known to be somebody else's.

    `to`: channels and names of receivers. `watch`: hosts are watched for it although nobody looks. `always`: in quiet
    hours, too."""

    to: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    hosts: tuple[str, ...] = ()
    mine: bool = True
    watch: bool = False
    always: bool = False

    def names(self, host: str) -> bool:
        return not self.hosts or any(fnmatchcase(host, pattern) for pattern in self.hosts)

    def tells(self, kinds: Iterable[Kind]) -> bool:
        """One of them."""
        return not self.kinds or bool({*kinds} & {*self.kinds})

    def fits(self, notice: Notice) -> bool:
        if not self.tells([notice.kind]):
            return False
        return (not notice.host or self.names(notice.host)) and not (self.mine and notice.mine is False)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in seconds since midnight here; `start` after `end`: over midnight."""

    start: float
    end: float

    def holds(self, second: float) -> bool:
        if self.start <= self.end:
            return self.start <= second < self.end
        return second >= self.start or second < self.end

    def left(self, second: float) -> float:
        """Seconds until they end."""
        return (self.end - second) % DAY


SCREEN_ONLY = (Rule(("toast",), EVERYTHING),)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Wishes:
    """`rules`: without any, screens tell what is mine. `most`: so many a minute to a receiver, the rest as one."""

    rules: tuple[Rule, ...] = SCREEN_ONLY
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    quiet: tuple[Quiet, ...] = ()
    most: int = 10

    @property
    def watches(self) -> bool:
        """A rule needs the hosts to be watched although nobody looks."""
        return any(rule.watch for rule in self.rules)

    def watched(self, hosts: Iterable[str], *kinds: Kind) -> frozenset[str]:
        """Those of `hosts` that a rule watches, for one of `kinds` where any is named."""
        watching = [rule for rule in self.rules if rule.watch and (not kinds or rule.tells(kinds))]
        return frozenset(host for host in hosts if any(rule.names(host) for rule in watching))

    def goes_to(self, notice: Notice) -> tuple[str, ...]:
        """Channels and receivers, each once. What was asked for goes everywhere."""
        if notice.kind in ("asked", "test"):
            named = [name for rule in self.rules for name in rule.to]
            return tuple(dict.fromkeys(["toast", *named, *self.receivers]))
        return tuple(dict.fromkeys(name for rule in self.rules if rule.fits(notice) for name in rule.to))

    def at_any_hour(self, notice: Notice, receiver: str) -> bool:
        """Quiet hours do not hold it back."""
        if notice.kind in ("asked", "test"):
            return True
        return any(rule.always and receiver in rule.to and rule.fits(notice) for rule in self.rules)

    def quiet_for(self, second: float) -> float:
        """Seconds until the quiet hours end; 0: it is none. `second`: of the day, here."""
        return max((one.left(second) for one in self.quiet if one.holds(second)), default=0.0)


SILENT = Wishes(rules=())
