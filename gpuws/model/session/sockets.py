"""Which process has which listening TCP socket, by what a host's /proc shows to my login. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from gpuws.model.session.service import mentions, usual
from gpuws.model.session.tunnel import LOOPBACK


@dataclass(frozen=True, slots=True)
class Socket:
    """`address`: 0.0.0.0 or :: for all that the place has."""

    port: int
    inode: int
    address: str = "0.0.0.0"

    @property
    def everywhere(self) -> bool:
        return ip_address(self.address).is_unspecified


@dataclass(frozen=True, slots=True)
class SocketsSeen:
    """`sockets`: in the network of the place; `of_host`: inodes of those in the host's own. `holders`: inode → pid, as
    far as I may look; `processes`: pid → argv, of a workspace all, of a host those that may have one."""

    sockets: tuple[Socket, ...] = ()
    of_host: frozenset[int] = frozenset()
    holders: Mapping[int, int] = field(default_factory=dict)
    processes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listener:
    """A port and its process; `pid` None: which one can't be told. `alone`: that process has no other port.

    `address`: the only one that it is reached at, or the first of several; "": all that the place has."""

    port: int
    pid: int | None = None
    argv: tuple[str, ...] = ()
    address: str = ""
    alone: bool = True


def listeners(seen: SocketsSeen, *, inside: bool) -> tuple[Listener, ...]:
    """One a port, in their order. `inside`: only a workspace's are meant; on the host's own network, those of which its
    processes are known to have them."""
    ports: dict[int, list[Socket]] = {}
    for socket in seen.sockets:
        ports.setdefault(socket.port, []).append(socket)
    ports = {port: sorted(sockets, key=_nearness) for port, sockets in ports.items()}
    owners = {port: _owner(port, sockets, seen) for port, sockets in ports.items()}
    told = list(owners.values())
    return tuple(
        Listener(
            port,
            owner,
            seen.processes.get(owner, ()) if owner is not None else (),
            "" if any(one.everywhere for one in sockets) else sockets[0].address,
            alone=owner is None or told.count(owner) == 1,
        )
        for port, sockets in sorted(ports.items())
        if (owner := owners[port]) is not None or not (inside and _shared(sockets, seen))
    )


def _nearness(socket: Socket) -> tuple[bool, str]:
    """The loopback that a tunnel is led to first, then others."""
    return socket.address != LOOPBACK, socket.address


def _shared(sockets: list[Socket], seen: SocketsSeen) -> bool:
    return any(one.inode in seen.of_host for one in sockets)


def _owner(port: int, sockets: list[Socket], seen: SocketsSeen) -> int | None:
    """The process that has one of them open; else what was told this port, or has it by custom: of a program and the
    one that started it, the younger."""
    for socket in sockets:
        if socket.inode in seen.holders:
            return seen.holders[socket.inode]
    taken = set(seen.holders.values())
    others = {pid: argv for pid, argv in seen.processes.items() if pid not in taken}
    told = [pid for pid, argv in others.items() if mentions(argv, port)]
    return max(told or [pid for pid, argv in others.items() if usual(argv) == port], default=None)
