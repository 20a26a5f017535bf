"""`[user@]host[:port]`, as `address` and `jump` take it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_USER = re.compile(r"[^\s'\"`;&<>|(){}@:\x00-\x1f\x7f-][^\s'\"`;&<>|(){}@\x00-\x1f\x7f]*\Z")
_HOST = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?\Z")
_EXPECTED = "expected [user@]host[:port]"


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        return f"{user}{host}:{self.port}" if self.port else f"{user}{host}"


def parse_address(text: str) -> Address:
    """ValueError says what was expected; an IPv6 address stands in brackets."""
    user, at, rest = text.rpartition("@")
    if at and not _USER.match(user):
        raise ValueError(_EXPECTED)
    if rest.startswith("["):
        host, bracket, tail = rest[1:].partition("]")
        if not bracket or not _IPV6.match(host) or (tail and not tail.startswith(":")):
            raise ValueError(f"{_EXPECTED}, an IPv6 address in brackets")
        return Address(host, user or None, _port(tail[1:]) if tail else None)
    if rest.count(":") > 1:
        raise ValueError(f"{_EXPECTED}; write an IPv6 address in brackets: [{rest}]")
    host, colon, port = rest.partition(":")
    if not _HOST.match(host):
        raise ValueError(_EXPECTED)
    return Address(host, user or None, _port(port) if colon else None)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 65536 and len(text) < 9):
        raise ValueError(f"{_EXPECTED}, the port from 1 to 65535")
    return int(text)
