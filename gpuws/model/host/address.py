"""`[user@]host[:port]`, as `address` and `jump` take it, and as ssh would. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import unquote

from gpuws.model.host import naming

_EXPECTED = "expected [user@]host[:port]"
_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::(.*))?\Z")


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
    """ValueError says what was expected. What stands before the last @ is the user, `me@lab.example` too; an IPv6
    address with a port stands in brackets; `ssh://` may be in front."""
    url = text.lower().startswith("ssh://")
    written = text[6:].removesuffix("/") if url else text
    user, at, rest = written.rpartition("@")
    user = unquote(user) if url else user
    if at and naming.refused_user(user):
        raise ValueError(_EXPECTED)
    if (found := _BRACKETED.match(rest)) is not None:
        host, port = found[1], found[2]
    elif is_ipv6(rest):
        host, port = rest, None
    elif rest.count(":") > 1:
        raise ValueError(f"{_EXPECTED}; write an IPv6 address in brackets: [{rest}]")
    else:
        host, colon, behind = rest.partition(":")
        port = behind if colon else None
    wrong = naming.refused(host) or any(sign in host for sign in "[]@*?") or (url and "/" in host)
    if wrong or (":" in host and not is_ipv6(host)):
        raise ValueError(_EXPECTED if found is None else f"{_EXPECTED}, an IPv6 address in brackets")
    return Address(host, user or None, None if port is None else _port(port))


def is_ipv6(text: str) -> bool:
    """An address of IPv6, with its zone if it has one (`fe80::1%eth0`)."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return not text.endswith("%")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 65536 and len(text) < 9):
        raise ValueError(f"{_EXPECTED}, the port from 1 to 65535")
    return int(text)
