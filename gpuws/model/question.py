"""What only a person can answer, on its way up, and the answer on its way down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

QuestionKind = Literal["host-key", "passphrase", "password", "prompt"]


@dataclass(frozen=True, slots=True)
class Question:
    """`host-key`: yes or no to a fingerprint. The others: text, hidden unless `echo`.

    `origin` names who asks (a host, or the jump host in front of it); `text` is one plain line.
    `detail` lines stand under it (key type, SHA256 fingerprint, file and line)."""

    kind: QuestionKind
    origin: str
    text: str
    detail: tuple[str, ...] = ()
    echo: bool = False
    id: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is a secret: kept out of repr. For a host key `accept` alone counts."""

    accept: bool = True
    text: str = field(default="", repr=False)
