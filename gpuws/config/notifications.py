"""`notifications:` of config.yaml: what is told, and where to. Only my own file has it: what others wrote never runs
here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from gpuws.config import unknown_settings
from gpuws.config.paths import absolute
from gpuws.config.yaml.fields import Duration, Line, Lines, Section
from gpuws.config.yaml.nodes import Location
from gpuws.model.notice.notice import Kind
from gpuws.model.notice.places import PLACES, places
from gpuws.model.notice.wishes import (
    CHANNELS,
    SCREEN_ONLY,
    Command,
    Quiet,
    Receiver,
    Rule,
    Webhook,
    Wishes,
)
from gpuws.model.session.shells import SHELLS

EXPECTED = "a program and its arguments, such as [notify-send, gpuws, '{sentence}']"
HOURS = "expected hours such as 22:00-07:00"
_ID = re.compile(r"[a-z][a-z0-9-]{0,30}")
_HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])-([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 120.0
"""Seconds that a receiver may take."""


def _known_places(text: str) -> None:
    for name in places(text):
        if name not in PLACES:
            known = ", ".join(f"{{{one}}}" for one in PLACES)
            raise ValueError(f"there is no {{{name}}}; expected one of {known}")


def _argv(argv: list[str]) -> list[str]:
    if not argv:
        raise ValueError(f"expected {EXPECTED}")
    if len(argv) == 1 and " " in argv[0] and not argv[0].startswith("/"):
        raise ValueError(f"no shell takes it apart: expected {EXPECTED}")
    if "{" in argv[0]:
        raise ValueError("the program itself must be named")
    for argument in argv[1:]:
        _known_places(argument)
    if any(map(places, _scripts(argv))):
        raise ValueError(
            'a shell would run what a host calls its things: write "$1" in the script, and the place as its argument'
        )
    if any(map(places, _behind_ssh(argv))):
        raise ValueError(
            "a shell there would run what a host calls its things: name a program there that reads the notice on its "
            "stdin"
        )
    return argv


def _scripts(argv: list[str]) -> list[str]:
    """What a shell reads as its program, wherever it stands: behind env, timeout and the like, too."""
    if not any(PurePath(word).name in SHELLS for word in argv):
        return []
    return [after for before, after in pairwise(argv) if before in ("-c", "-lc", "-ic")]


def _behind_ssh(argv: list[str]) -> list[str]:
    """ssh makes one line of its words, for the login's shell there."""
    return next((argv[at:] for at, word in enumerate(argv) if PurePath(word).name == "ssh"), [])


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
        _ = parts.port
    except ValueError:
        raise ValueError("expected an address such as https://ntfy.sh/my-topic") from None
    if not parts.hostname or parts.scheme not in ("http", "https") or " " in url or not url.isascii():
        raise ValueError("expected an address such as https://ntfy.sh/my-topic")
    if not secure:
        raise ValueError("expected https: anybody on the way could read it; http is for this machine only")
    if parts.username or parts.password:
        raise ValueError("write the password into token_file or headers, not into the address")
    return url


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{name!r} is no header's name")
        if not value.isascii():
            raise ValueError(f"the header {name} can hold plain letters only: what has others belongs into body")
    return headers


def _body(body: dict[str, Any]) -> dict[str, Any]:
    for value in body.values():
        if isinstance(value, str):
            _known_places(value)
    return body


def _timeout(seconds: float) -> float:
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"expected more than 0 and at most {LONGEST:.0f} seconds")
    return seconds


def _hours(lines: list[str]) -> list[str]:
    for line in lines:
        if not _HOURS.fullmatch(line):
            raise ValueError(f"{HOURS}, not {line!r}")
    return lines


def _ids(receivers: dict[str, Any]) -> dict[str, Any]:
    for name in receivers:
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r}: expected an id of small letters, digits and dashes")
        if name in CHANNELS:
            raise ValueError(f"{name} is what screens do themselves: call the receiver otherwise")
    return receivers


def _switch(value: Any) -> Any:
    """`true`: as without the key; `false`: nothing."""
    return ({} if value else {"rules": []}) if isinstance(value, bool) else value


Timeout = Annotated[Duration, AfterValidator(_timeout)]


class ReceiverSection(Section):
    """Where notices go beyond the screen: a program of mine, or an address on the web."""

    INSTEAD = unknown_settings.RECEIVER

    command: Annotated[Lines, AfterValidator(_argv)] | None = None
    """The program and its arguments, with {host}, {sentence}, {kind} and the like; it gets the notice as JSON on its
    stdin, and never runs through a shell."""
    webhook: Annotated[Line, AfterValidator(_url)] | None = None
    """An https address that takes a POST."""
    body: Annotated[dict[str, str | int | float | bool], AfterValidator(_body)] | None = None
    """What is posted, as a map whose texts may have {sentence} and the like; without it the whole notice as JSON."""
    headers: Annotated[dict[str, Line], AfterValidator(_headers)] = Field(default_factory=dict)
    """More headers of the POST."""
    token_file: Line | None = None
    """A file with the bearer token for the POST."""
    timeout: Timeout | None = None
    """How long it may take: 20s for a program, 10s for an address."""


class RuleSection(Section):
    """What goes where."""

    INSTEAD = unknown_settings.RULE

    to: Annotated[Lines, Field(min_length=1)]
    """toast, bell, osc9, osc777 of the screen, or receivers by their names."""
    kinds: list[Kind] = Field(default_factory=list)
    """Which kinds of notices; all without this key."""
    hosts: Lines = Field(default_factory=list)
    """Of which hosts, patterns too; all without this key."""
    mine: bool = True
    """Not what is somebody else's."""
    watch: bool | None = None
    """Whether the background process stays for this rule and watches its hosts; without this key where it goes beyond
    the screen."""
    always: bool = False
    """In quiet hours, too."""


class NotificationsSection(Section):
    """What I am told, and where."""

    INSTEAD = unknown_settings.NOTIFICATIONS

    rules: list[RuleSection] | None = None
    """What goes where; without this key screens tell what is mine."""
    receivers: Annotated[dict[str, ReceiverSection], AfterValidator(_ids), Field(max_length=32)] = Field(
        default_factory=dict
    )
    """Programs and addresses, by an id each."""
    quiet_hours: Annotated[Lines, AfterValidator(_hours)] = Field(default_factory=list)
    """Hours in which nothing rings; what happens then is told together when they end."""
    most: Annotated[int, Field(ge=1, le=1000)] = 10
    """So many a minute to a receiver; the rest goes as one."""


Notifications = Annotated[
    NotificationsSection, BeforeValidator(_switch, json_schema_input_type=bool | NotificationsSection)
]


def broken_rules(section: NotificationsSection) -> Iterator[tuple[Location, str]]:
    """Receivers that are both or neither, and rules that lead nowhere."""
    for name, one in section.receivers.items():
        at: Location = ("notifications", "receivers", name)
        if (one.command is None) == (one.webhook is None):
            yield at, "expected either a command or a webhook"
        elif one.webhook is None and (one.body or one.headers or one.token_file):
            yield at, "body, headers and token_file are for a webhook"
    known = [*CHANNELS, *section.receivers]
    for number, rule in enumerate(section.rules or ()):
        for name in rule.to:
            if name not in known:
                at = ("notifications", "rules", number, "to")
                yield at, f"there is no receiver {name!r}; expected one of {', '.join(known)}"


def wishes(section: NotificationsSection, folder: Path, environ: Mapping[str, str]) -> Wishes:
    """`folder`: where relative paths start."""
    rules = SCREEN_ONLY if section.rules is None else tuple(map(_rule, section.rules))
    receivers = {name: _receiver(one, folder, environ) for name, one in section.receivers.items()}
    return Wishes(rules, receivers, tuple(map(_quiet, section.quiet_hours)), section.most)


def _rule(one: RuleSection) -> Rule:
    beyond = any(name not in CHANNELS for name in one.to)
    return Rule(
        to=tuple(one.to), kinds=tuple(one.kinds), hosts=tuple(one.hosts), mine=one.mine,
        watch=beyond if one.watch is None else one.watch, always=one.always,
    )  # fmt: skip


def _receiver(one: ReceiverSection, folder: Path, environ: Mapping[str, str]) -> Receiver:
    if one.command is not None:
        usual = Command(tuple(one.command))
        return usual if one.timeout is None else replace(usual, timeout=one.timeout)
    token = absolute(one.token_file, environ, folder) if one.token_file else None
    hook = Webhook(one.webhook or "", one.body, dict(one.headers), token)
    return hook if one.timeout is None else replace(hook, timeout=one.timeout)


def _quiet(hours: str) -> Quiet:
    found = _HOURS.fullmatch(hours)
    assert found is not None  # as was checked
    begin, begin_minute, end, end_minute = map(int, found.groups())
    return Quiet(begin * 3600.0 + begin_minute * 60.0, end * 3600.0 + end_minute * 60.0)
