"""A notice: something that happened, in one sentence, told once. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

from gpuws.model.secret import masked
from gpuws.model.text import plain

Kind = Literal[
    "container", "oom", "task", "command", "waiting", "free", "gpu", "host", "limit", "asked", "several", "test"
]
"""`container`: one ended. `oom`: memory ran out in one. `task`: work in the background, or a wait, ended.
`command`: what ran in a tmux session ended. `waiting`: a session waits for an answer. `free`: GPUs came free. `gpu`:
one was lost, came back, or has a fault. `host`: likewise. `limit`: something is nearly full. `asked`: what "tell me
when it ends" was said of. `several`: many notices as one. `test`: somebody tries where notices go."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Level = Literal["good", "plain", "bad"]
LONGEST = 300
"""Characters of a sentence."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`id`: the same whoever sees it happen, and however often it is sent. `subject`: the name of what it happened to,
    "" where that is the host itself. `sentence`: begins with the host's name. Neither holds a secret, or steers a
    terminal. `when`: epoch seconds.

    `mine` None: it is nobody's. `of`: the ids that one for several stands for."""

    id: str
    kind: Kind
    host: str
    subject: str
    sentence: str
    when: float
    mine: bool | None = None
    level: Level = "plain"
    of: tuple[str, ...] = ()


def identity(kind: Kind, *parts: object) -> str:
    """`parts`: what tells this event from every other of its kind."""
    told = "\0".join(map(str, parts))
    return f"{kind}-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:16]}"


def named(subject: str) -> str:
    """The name of what it happened to."""
    return plain(masked(subject), LONGEST)


def said(host: str, text: str) -> str:
    """The sentence: names come from hosts, where anybody may have chosen them."""
    return plain(masked(f"{host}: {text}" if host else text), LONGEST)
