"""Everything that can go wrong, as data a person can act on.

GpuwsError                      exit 1: the action failed
├── EngineMissing               this host has no container engine: not a fault of the host
├── NoRoom                      its server opens no more programs over this connection
├── UsageError                  exit 2: the command or a file is wrong
├── EngineShut                  exit 3: its engine may not be used by me, or does not run
├── Swallows                    exit 3: the login there runs no commands
├── HostError                   exit 3: a host could not be reached, or refused
│   ├── Unreachable             nothing answers, or the link was lost
│   │   ├── TurnedAway          it answers and hangs up: it wants to be left alone for a while
│   │   ├── Silent              it takes the connection and says nothing
│   │   └── Unanswered          it was asked to do something, and no answer came: it may have been done
│   ├── AuthFailed              the server refused every login offered
│   ├── HostKeyChanged          the host key is not the one known: never overridden
│   ├── HostKeyUnknown          nobody was there to confirm a new host key
│   ├── NeedsPerson             nobody answered, or a login that needs a person was lost
│   └── Blocked                 revoked host key, or refused by policy
├── TargetError                 exit 4: no such target, or more than one
│   └── Ambiguous               several servers are there: which one is for a person to say
├── Refused                     exit 5: preflight, read-only, not confirmed
└── Cancelled                   exit 130: the user stopped it
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class GpuwsError(Exception):
    """One clear sentence (`message`) and how to fix it (`remedy`, may be empty). Under the sentence `lines` that a
    program wrote may stand."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "", lines: Iterable[str] = ()) -> None:
        self.message = "\n".join([message, *(f"  {line}" for line in lines)])
        self.remedy = remedy
        super().__init__(self.message)

    @property
    def brief(self) -> str:
        """In one line, where there is room for no more: of the lines under the sentence the last, which says most."""
        sentence, _, lines = self.message.partition("\n")
        last = lines.rpartition("\n")[2].strip()
        told = f"{sentence}: {last}" if last else sentence
        return f"{told} — {self.remedy}" if self.remedy else told

    def __str__(self) -> str:
        if not self.remedy:
            return self.message
        sentence, found, lines = self.message.partition("\n")
        return f"{sentence} — {self.remedy}{found}{lines}"


class EngineMissing(GpuwsError):
    pass


class NoRoom(GpuwsError):
    pass


class EngineShut(GpuwsError):
    exit_code = 3


class UsageError(GpuwsError):
    exit_code = 2


class Swallows(GpuwsError):
    exit_code = 3


class HostError(GpuwsError):
    """`asks`: the next attempt would ask a person again, so it is theirs to make. `login`: whose login it was, the
    host's or that of a jump host before it; who waits for it is told when somebody is logged in there. `known`: whether
    another host key became known since one was refused, by other hands; cheap to ask."""

    exit_code = 3
    asks = False
    login: object = None
    known: Callable[[], bool] | None = None


class Unreachable(HostError):
    """Worth trying again: nothing was refused."""


class TurnedAway(Unreachable):
    """`wait`: seconds for which it is not tried again, whoever waits for it: a server adds to what keeps us out."""

    def __init__(self, message: str, remedy: str = "", wait: float = 5.0) -> None:
        super().__init__(message, remedy)
        self.wait = wait


class Silent(Unreachable):
    """Tried again less often: a server that goes on counts those who did not wait."""


class Unanswered(Unreachable):
    """`within`: seconds from now for which what was asked may still be at work there."""

    def __init__(self, message: str, remedy: str = "", within: float = 0.0) -> None:
        super().__init__(message, remedy)
        self.within = within


class AuthFailed(HostError):
    """Never tried again without a user's action: servers ban for it."""


class HostKeyChanged(HostError):
    pass


class HostKeyUnknown(HostError):
    pass


class NeedsPerson(HostError):
    """Never tried again without a user's action: it may send a code to somebody's phone."""


class Blocked(HostError):
    pass


class TargetError(GpuwsError):
    exit_code = 4


class Ambiguous(TargetError):
    pass


class Refused(GpuwsError):
    exit_code = 5


class Cancelled(GpuwsError):
    exit_code = 130
