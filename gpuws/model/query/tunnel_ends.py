"""Both ends of a tunnel, from what was typed: TARGET:PORT, TARGET:SERVICE, TARGET LOCAL:PORT, TARGET --to …. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from ipaddress import ip_address

from gpuws.model.errors import UsageError
from gpuws.model.query.nearest import meant
from gpuws.model.query.target import Target, name_of, no_udp, parse, tcp_port
from gpuws.model.session.service import SERVICES
from gpuws.model.session.tunnel import TunnelTarget


@dataclass(frozen=True, slots=True)
class Ends:
    """`port` there, 0 where `service` must be looked for first, or where `to` is the path of a socket; `local_port`
    None: any. `to`: as of a `TunnelTarget`."""

    target: Target
    port: int = 0
    local_port: int | None = None
    service: str = ""
    to: str = ""


def ends(word: str, ports: str | None, to: str | None) -> Ends:
    target = parse(word)
    if target.suffix is not None and (ports is not None or to is not None):
        raise UsageError(
            f"{word} names a port already", "write TARGET:PORT, TARGET LOCAL:PORT, or TARGET --to HOST:PORT"
        )
    local, colon, there = (ports or "").rpartition(":")
    if to is not None:
        if colon:
            raise UsageError(f"{ports} names a port there, and so does --to", f"write {word} {local} --to {to}")
        machine, port = beyond(to)
        return Ends(target, port, tcp_port(there) if there else None, to=machine)
    if ports is not None and not colon:
        raise UsageError(f"{ports!r} is not LOCAL:PORT", f"write gpuws tunnel {target.word}:{ports}")
    local_port = tcp_port(local) if local else None
    wanted = there if colon else target.suffix
    if wanted is None or wanted[0].isdigit():
        return Ends(target, tcp_port(wanted) if wanted else target.port, local_port)
    return Ends(target, 0, local_port, service=_service(wanted))


def bound(text: str | None) -> str:
    """As a `Tunnel` has it: "" for the loopback."""
    if text in (None, "localhost", "127.0.0.1"):
        return ""
    try:
        return str(ip_address(text or ""))
    except ValueError:
        raise UsageError(
            f"{text} is not an address to bind to", "one of this workstation, or 0.0.0.0 for all that it has"
        ) from None


def beyond(text: str) -> tuple[str, int]:
    """What `--to` names: a machine and its port, or the path of a unix socket and 0."""
    if text.startswith("/"):
        return text, 0
    scheme, is_url, rest = text.partition("://")
    if is_url and scheme.lower() == "udp":
        raise no_udp(text)
    if is_url:
        raise UsageError(f"{text} is a URL, not HOST:PORT", f"such as db:5432; here {rest.partition('/')[0]}")
    machine, _, port = text.rpartition(":")
    machine = machine.removeprefix("[").removesuffix("]")
    if not _is_machine(machine):
        raise UsageError(f"{text} is not HOST:PORT", "such as db:5432, or /run/app.sock for a unix socket")
    return machine, tcp_port(port)


def _is_machine(text: str) -> bool:
    """A name or an address; whether it exists the far side knows."""
    if ":" not in text:
        return bool(text) and text.isprintable() and not text.startswith("-") and not set(" /") & set(text)
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def written(wanted: Ends, bind: str) -> str:
    """The command that opens it, for the keeper to hold."""
    place, local = name_of(wanted.target), str(wanted.local_port or "")
    if wanted.to:
        there = TunnelTarget("", None, wanted.port, to=wanted.to).beyond
        words = [place, *([local] if local else []), "--to", there]
    else:
        words = [place, f"{local}:{wanted.port}"] if local else [f"{place}:{wanted.port}"]
    return shlex.join(["gpuws", "tunnel", *words, *(["--bind", bind] if bind else []), "--keep"])


def _service(word: str) -> str:
    known = [one.name for one in SERVICES]
    if word in known:
        return word
    remedy = meant(word, known) or f"a port, or one of {', '.join(known)}"
    raise UsageError(f"{word!r} is neither a port nor a service that gpuws knows", remedy)
