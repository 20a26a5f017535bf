"""What gpuws ran on a host, as its log has it: one line each, without secrets, repetitions counted. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, get_args

Means = Literal["login", "command", "terminal", "forward", "request", "lost"]
"""By what it came there: a login, a program, a program on a PTY (none: the login shell), a connection made from there,
a call of the container engine. `lost`: lines that could not be written."""

DAYS = 30
"""For which lines are kept, where the file has room for them."""
FAR = 1e11
"""More than any figure of a line, and a time that still can be printed."""
CLOSED, GONE, UNTOLD = "ended by gpuws", "gpuws ended", "its end was not told"
ENDED = (CLOSED, GONE, UNTOLD)
"""Said instead of a status where something ran, and was ended or cut off."""
TRIED = " (test)"
"""What is added to the name of a host that is only tried out."""


@dataclass(frozen=True, slots=True)
class Ran:
    """`at`: epoch seconds when it began. `user`: as whom, there. `status`: of its end, as a shell has it, or of an
    answer, as HTTP has it. `seconds`: that it took. `error`: why nothing came of it. `run`: what began under the same
    word ends with this line, `begun`: it has not yet. `times`: so often since, the last time at `until`."""

    at: float
    host: str
    user: str
    means: Means
    what: str
    status: int | None = None
    seconds: float | None = None
    error: str = ""
    run: str = ""
    begun: bool = False
    times: int = 1
    until: float | None = None

    @property
    def kind(self) -> tuple[object, ...]:
        """Those alike in this are one thing that happened again."""
        return (self.host, self.user, self.means, self.what, self.status, self.error)


# a line of the file

_USUAL = {field.name: field.default for field in fields(Ran)}
_KINDS: dict[str, tuple[type, ...]] = {
    "at": (int, float), "seconds": (int, float), "until": (int, float), "status": (int,), "times": (int,),
    "begun": (bool,),
}  # fmt: skip


def line_of(ran: Ran) -> str:
    """JSON, without what is as usual."""
    found = {name: value for name, usual in _USUAL.items() if (value := getattr(ran, name)) != usual}
    return json.dumps(found, separators=(",", ":"))


def from_line(line: str | bytes) -> Ran | None:
    """None: it is none of ours, or half of one."""
    try:
        told = json.loads(line)
        if not isinstance(told, dict) or told.get("means") not in get_args(Means):
            return None
        known = {name: value for name, value in told.items() if name in _USUAL}
        return Ran(**known) if all(_fits(name, value) for name, value in known.items()) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _fits(name: str, value: object) -> bool:
    if isinstance(value, int | float) and not 0 <= value < FAR:
        return False
    return isinstance(value, _KINDS.get(name, (str,))) and isinstance(value, bool) == (name == "begun")


def joined(lines: Iterable[Ran]) -> list[Ran]:
    """What began and ended as one, in the order in which it began."""
    found: dict[object, Ran] = {}
    for number, ran in enumerate(lines):
        began = found.get(ran.run) if ran.run else None
        key: object = ran.run or number
        found[key] = ran if began is None else replace(ran, at=began.at)
    return sorted(found.values(), key=lambda ran: ran.at)


def about(host: str, ran: Ran) -> bool:
    """Whether that line is of `host`, tried out or in use; what was lost may be of any."""
    return ran.means == "lost" or ran.host in (host, f"{host}{TRIED}")


def old_file(path: Path) -> Path:
    """Where the older lines of the log at `path` are."""
    return path.with_name(f"{path.name}.old")
