"""launch without a host: the hosts are shown, best first, and a person chooses."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence

from gpuws.cli.toolkit.tables import cut
from gpuws.model.errors import GpuwsError, Refused, TargetError
from gpuws.model.placement.ranking import Ranked
from gpuws.model.text import plain
from gpuws.model.units import count

MOST = 12  # hosts that are listed, and as many again of those that can't be chosen: more fit no screen
SAY = "say -H HOST, --tag TAG or --anywhere"


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def asked(ranked: Sequence[Ranked], left_out: Mapping[str, GpuwsError]) -> Ranked:
    """The one that a person chose, by its number or its host's name; Enter takes the best, where it would go there.
    Refused where nobody chose.

    `left_out`: why others can't be chosen."""
    width = shutil.get_terminal_size().columns
    for line in lines(ranked, left_out):
        sys.stderr.write(f"{cut(line, width)}\n")
    offered = f", Enter for {plain(ranked[0].plan.host)}" if _goes(ranked[0]) else ""
    sys.stderr.write(f"Number or host{offered}: ")
    sys.stderr.flush()
    reply = ""
    try:
        reply = sys.stdin.readline()
    finally:
        if not reply:  # ctrl+c, ctrl+d: what comes next begins on a line of its own
            sys.stderr.write("\n")
    if not reply or not (reply.strip() or offered):
        raise Refused("no host was chosen", SAY)
    return chosen(ranked, reply.strip())


def _goes(one: Ranked) -> bool:
    return not one.plan.problems


def lines(ranked: Sequence[Ranked], left_out: Mapping[str, GpuwsError]) -> list[str]:
    """One a host, with why it stands there; those that can't be chosen have no number."""
    able = [
        (str(number), one.plan.host, ("" if _goes(one) else "✗ ") + one.why) for number, one in enumerate(ranked, 1)
    ]
    others = [("–", host, error.message.removeprefix(f"{host}: ")) for host, error in left_out.items()]
    rows = [*able[:MOST], *others[:MOST]]
    width = max(len(plain(host)) for _, host, _ in rows)
    left = len(able) + len(others) - len(rows)
    return [
        "Where? Best first." if _goes(ranked[0]) else "Where? It can go nowhere now.",
        *(f"{mark:>3}  {plain(host):<{width}}  {plain(why)}" for mark, host, why in rows),
        *([f"     and {count(left, 'host')} more, to be named"] if left else []),
    ]


def chosen(ranked: Sequence[Ranked], reply: str) -> Ranked:
    """What `reply` means. TargetError where it means none."""
    by_reply = {"": ranked[0]} | {str(number): one for number, one in enumerate(ranked, 1)}
    by_reply |= {one.plan.host: one for one in ranked}  # a host named 2 is meant by its name
    if reply not in by_reply:
        raise TargetError(f"{reply!r} is not in the list", SAY)
    return by_reply[reply]
