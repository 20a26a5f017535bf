"""What happened in the demo in the last week, and where its notices would go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gpuws.model.notice.notice import Notice, said
from gpuws.model.notice.record import SCREEN, Delivery, NoticePlan, Told
from gpuws.model.notice.wishes import Rule

HOUR = 3600.0
PLAN = NoticePlan(
    (
        Rule(("toast", "bell"), ("container", "oom", "command", "waiting", "gpu", "host")),
        Rule(("phone",), ("container", "oom", "gpu"), watch=True),
    ),
    (("phone", "webhook ntfy.sh"), ("desktop", "command notify-send")),
    ("22:00-07:00",),
    10,
)
_PAST = (
    Notice("host-demo1", "host", "delta", "", "delta is lost: no route to host", 61.0, None, "bad"),
    Notice("host-demo2", "host", "delta", "", "delta is back", 60.2, None, "good"),
    Notice("oom-demo1", "oom", "bravo", "llama-sft", "llama-sft was killed: out of memory", 26.5, True, "bad"),
    Notice(
        "command-demo1", "command", "alpha", "torch-dev:main", "python in torch-dev:main exited 0", 9.0, True, "good"
    ),
    Notice(
        "waiting-demo1",
        "waiting",
        "alpha",
        "torch-dev:agent",
        "torch-dev:agent waits for you",
        2.0,
        True,
    ),
)
"""Without their host in the sentence; `when`: hours ago."""


def past_notices(hosts: Collection[str], now: float) -> tuple[Told, ...]:
    """Oldest first; of these hosts only."""
    return tuple(_told(one, now - one.when * HOUR) for one in _PAST if one.host in hosts)


def _told(one: Notice, when: float) -> Told:
    notice = replace(one, sentence=said("" if one.kind == "host" else one.host, one.sentence), when=when)
    phone = (Delivery("phone", when + 0.4),) if one.kind in ("oom", "container", "gpu") else ()
    return Told(notice, ("toast", "bell"), (Delivery(SCREEN, when + 0.3), *phone))
