"""What Linux tells of this machine's network (rtnetlink(7)): whether a way came that was not there before."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from collections.abc import Iterator

GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, _ROUTE, RTMGRP_IPV6_IFADDR, _ROUTE."""
NEW_LINK, GONE_LINK, LIST_LINKS = 16, 17, 18
NEW_ADDRESS, GONE_ADDRESS, LIST_ADDRESSES = 20, 21, 22
NEW_ROUTE, GONE_ROUTE, LIST_ROUTES = 24, 25, 26
ERROR, DONE = 2, 3
REQUEST, MULTI, DUMP = 0x1, 0x2, 0x300
LOOPBACK, LOWER_UP = 0x8, 0x10000
TENTATIVE, UNIVERSE = 0x40, 0  # an address that is being tried; one of the world
MAIN, UNICAST, BY_KERNEL, CLONED = 254, 1, 2, 0x200
OF_CONTAINERS = (b"veth", b"bridge")
"""Interfaces that come and go with containers here: that one has a carrier is no news."""
NO_NEWS = 0  # in the place of a message's kind
MOST = 4096  # ways that are remembered
LARGEST = 1 << 16  # bytes of one answer

Way = tuple[int, int, bytes]
"""The message that brings it, or `NO_NEWS`; its interface; what tells it from the others of that interface."""


class Network:
    """The ways out that are there: interfaces with a carrier, addresses of the world, routes that somebody set."""

    def __init__(self) -> None:
        self._ways: set[Way] = set()

    def heard(self, data: bytes) -> bool:
        """Take what the kernel tells. True: a way came that was not there."""
        new = False
        for kind, flags, body in _messages(data):
            found = _way(kind, body)
            if found is None:
                continue
            way, here = found
            if here:
                listed = flags & MULTI  # it was there before
                new |= way[0] != NO_NEWS and way not in self._ways and not listed
                if len(self._ways) < MOST:
                    self._ways.add(way)
            else:
                self._leave(way)
        return new

    def _leave(self, way: Way) -> None:
        """With an interface or an address routes go, of which the kernel says nothing."""
        kind, index, _ = way
        self._ways.discard(way)
        if kind != NEW_ROUTE:
            self._ways = {one for one in self._ways if one[0] != NEW_ROUTE or one[1] != index}


class Listener:
    """A socket that hears of changes, and what was there before them. OSError where the system has none."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        try:
            self.socket.bind((0, GROUPS))
            self.socket.setblocking(False)
        except OSError:
            self.socket.close()
            raise
        self._network = Network()
        self._to_list = [LIST_LINKS, LIST_ADDRESSES, LIST_ROUTES]
        self._list_next()

    def changed(self) -> bool:
        """Read what there is; never waits."""
        new = False
        while True:
            try:
                data, (port, _) = self.socket.recvfrom(LARGEST)
            except BlockingIOError:
                return new
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # so much happened that some of it was lost
                    raise
                new = True
                continue
            if port == 0:  # the kernel's
                new |= self._network.heard(data)
                if any(kind in (DONE, ERROR) for kind, _, _ in _messages(data)):
                    self._list_next()

    def close(self) -> None:
        self.socket.close()

    def _list_next(self) -> None:
        """One list at a time."""
        if self._to_list:
            kind = self._to_list.pop(0)
            request = struct.pack("=IHHIIB15x", 32, kind, REQUEST | DUMP, 0, 0, socket.AF_UNSPEC)
            with contextlib.suppress(OSError):  # then what was there counts as new, once
                self.socket.send(request)


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and body of each."""
    while len(data) >= 16:
        length, kind, flags = struct.unpack_from("=IHH", data)
        if not 16 <= length <= len(data):
            return
        yield kind, flags, data[16:length]
        data = data[(length + 3) & ~3 :]


def _way(kind: int, body: bytes) -> tuple[Way, bool] | None:
    """What it is about, and whether it is there; None: it leads nowhere."""
    try:
        if kind in (NEW_LINK, GONE_LINK):
            return _link(kind, body)
        if kind in (NEW_ADDRESS, GONE_ADDRESS):
            return _address(kind, body)
        if kind in (NEW_ROUTE, GONE_ROUTE):
            return _route(kind, body)
    except (struct.error, IndexError):  # cut short
        pass
    return None


def _link(kind: int, body: bytes) -> tuple[Way, bool] | None:
    index, flags = struct.unpack_from("=4xiI", body)
    about = _attributes(body[16:])
    inside = flags & LOOPBACK or _attributes(about.get(18, b"")).get(1, b"").rstrip(b"\0") in OF_CONTAINERS
    return (NO_NEWS if inside else NEW_LINK, index, b""), kind == NEW_LINK and bool(flags & LOWER_UP)


def _address(kind: int, body: bytes) -> tuple[Way, bool] | None:
    flags, scope, index = struct.unpack_from("=2xBBI", body)
    about = _attributes(body[8:])
    address = about.get(2) or about.get(1)
    if not address or scope != UNIVERSE or (kind == NEW_ADDRESS and flags & TENTATIVE):
        return None
    return (NEW_ADDRESS, index, address), kind == NEW_ADDRESS


def _route(kind: int, body: bytes) -> tuple[Way, bool] | None:
    family, bits, table, origin, sort, flags = struct.unpack_from("=BBxxBBxBI", body)
    about = _attributes(body[12:])
    if 15 in about:
        (table,) = struct.unpack_from("=I", about[15])
    if table != MAIN or sort != UNICAST or origin == BY_KERNEL or flags & CLONED:
        return None
    (index,) = struct.unpack_from("=i", about.get(4, bytes(4)))
    return (NEW_ROUTE, index, bytes((family, bits)) + about.get(1, b"") + b" " + about.get(5, b"")), kind == NEW_ROUTE


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if not 4 <= length <= len(data):
            break
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found
