"""Both ends of a tunnel, from what was typed: TARGET:PORT, TARGET:SERVICE, TARGET LOCAL:PORT, TARGET --to …. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from gpuws.model.errors import UsageError
from gpuws.model.query.nearest import meant
from gpuws.model.query.target import Target, parse, tcp_port
from gpuws.model.session.service import SERVICES


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
        machine, port = _beyond(to)
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
            f"--bind {text}: not an address", "one of this workstation, or 0.0.0.0 for all that it has"
        ) from None


def open_to_others(bind: str) -> bool:
    """Other machines reach it."""
    return bind != "" and not ip_address(bind).is_loopback


def _beyond(text: str) -> tuple[str, int]:
    """A machine and its port, or the path of a unix socket and 0."""
    if text.startswith("/"):
        return text, 0
    machine, _, port = text.rpartition(":")
    machine = machine.removeprefix("[").removesuffix("]")
    if not machine or machine.startswith("-") or not machine.isprintable() or " " in machine:
        raise UsageError(f"--to {text}: not HOST:PORT", "such as db:5432, or /run/app.sock for a unix socket")
    return machine, tcp_port(port)


def _service(word: str) -> str:
    known = [one.name for one in SERVICES]
    if word in known:
        return word
    remedy = meant(word, known) or f"a port, or one of {', '.join(known)}"
    raise UsageError(f"{word!r} is neither a port nor a service that gpuws knows", remedy)
