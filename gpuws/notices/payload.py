"""A notice as its receiver gets it: JSON, or a text with parts of it. Holds no secret: what a notice says has none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from gpuws.model.notice.notice import Notice
from gpuws.model.notice.places import filled
from gpuws.model.units import timestamp

Value = str | int | float | bool | None | list[str]


def document(notice: Notice) -> dict[str, Value]:
    """`when` as RFC 3339 in UTC."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "host": notice.host,
        "subject": notice.subject,
        "sentence": notice.sentence,
        "when": timestamp(notice.when),
        "mine": notice.mine,
        "level": notice.level,
        "of": list(notice.of),
    }


def as_json(notice: Notice) -> bytes:
    return json.dumps(document(notice), ensure_ascii=False).encode()


def words(notice: Notice) -> Mapping[str, str]:
    """What stands for `{sentence}` and the like; none of them is taken for an option by a program."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "host": notice.host or "gpuws",
        "subject": notice.subject.lstrip("-") or notice.host or "gpuws",
        "sentence": notice.sentence,
        "level": notice.level,
        "when": datetime.fromtimestamp(notice.when, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
    }


def as_body(notice: Notice, body: Mapping[str, str | int | float | bool]) -> bytes:
    """The same map with parts of the notice in its texts."""
    told = words(notice)
    made = {key: filled(value, told) if isinstance(value, str) else value for key, value in body.items()}
    return json.dumps(made, ensure_ascii=False).encode()
