"""What may be typed as an ssh destination. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuws.model.errors import UsageError

_HOST = re.compile(r"[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*\Z")
_USER = re.compile(r"[^\s'\"`;&<>|(){}\x00-\x1f\x7f-][^\s'\"`;&<>|(){}\x00-\x1f\x7f]*\Z")


@dataclass(frozen=True, slots=True)
class Destination:
    """`[user@]host[:port]` or `ssh://[user@]host[:port]`; an IPv6 address with a port stands in brackets."""

    host: str
    user: str | None = None
    port: int | None = None


def parse(written: str) -> Destination:
    """UsageError for what ssh would not take either."""
    user, _, rest = written.strip().removeprefix("ssh://").removesuffix("/").rpartition("@")
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", rest)
    if bracketed:
        host, port = bracketed[1], bracketed[2]
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    else:
        host, port = rest, None
    if not valid_host(host) or (user and not valid_user(user)) or not valid_port(port):
        raise UsageError(f"{written!r} is not an ssh destination", "write [user@]host[:port]")
    return Destination(host, user or None, int(port) if port else None)


def valid_host(host: str) -> bool:
    return bool(_HOST.match(host))


def valid_user(user: str) -> bool:
    return bool(_USER.match(user))


def valid_port(port: str | None) -> bool:
    return port is None or (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
