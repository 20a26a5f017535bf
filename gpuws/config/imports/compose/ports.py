"""`ports` and `expose` of a service as a profile's ports. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gpuws.config.imports.compose.service import Service, as_items, as_text, text_at, wrong
from gpuws.config.yaml.nodes import Entry, MapNode, Position

EVERYWHERE = "0.0.0.0"
MOST = 200
NOT_TCP = "a profile publishes TCP ports only"
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9A-Fa-f:.%]+\]|[0-9.]+):)?(?P<published>[0-9]*(?:-[0-9]+)?):)?"
    r"(?P<target>[0-9]+(?:-[0-9]+)?)(?:/(?P<protocol>[A-Za-z]+))?\Z"
)


@dataclass(frozen=True, slots=True)
class Published:
    """Ports that are given away. `host_ip` "": all addresses of the host. `published` "": any that is free there."""

    mark: Position
    written: str
    host_ip: str
    published: str
    target: str
    protocol: str = "tcp"
    name: str = ""


def ports(service: Service, entry: Entry) -> None:
    for index, item in enumerate(as_items("ports", entry.mark, entry.node)):
        key = f"ports[{index}]"
        one = _long(key, item) if isinstance(item, MapNode) else short(key, item.mark, as_text(key, item.mark, item))
        say(service, key, one)


def expose(service: Service, entry: Entry) -> None:
    for item in as_items("expose", entry.mark, entry.node):
        text = as_text("expose", item.mark, item)
        say(service, "expose", short("expose", item.mark, text))


def short(key: str, mark: Position, text: str) -> Published:
    """`[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`."""
    match = _PORT.match(text) if len(text) < 100 else None
    if match is None:
        wrong(mark, key, 'a port such as "8000:8000" or "127.0.0.1:8000:8000/tcp"')
    ip, published = (match["ip"] or "").strip("[]"), match["published"]
    return Published(mark, text, ip, published or "", match["target"], (match["protocol"] or "tcp").lower())


def _long(key: str, node: MapNode) -> Published:
    if not text_at(node, "target"):
        wrong(node.mark, f"{key}.target", "the port in the container")
    published, target = text_at(node, "published"), text_at(node, "target")
    protocol, ip = text_at(node, "protocol", "tcp").lower(), text_at(node, "host_ip")
    written = ":".join(filter(None, (ip, published, target))) + ("" if protocol == "tcp" else f"/{protocol}")
    return Published(node.mark, written, ip, published, target, protocol, text_at(node, "name"))


def say(service: Service, key: str, port: Published) -> None:
    """In a profile a port without `published` is a tunnel's target."""
    if port.protocol != "tcp":
        service.lose(port.written, port.mark, NOT_TCP)
        return
    pairs = list(_pairs(key, port))
    for published, target in pairs:
        said: dict[str, Any] = {"target": target}
        if published is not None:
            said |= {"published": published, "host_ip": port.host_ip or EVERYWHERE}
        service.draft.add("ports", said | ({"name": port.name} if port.name else {}), port.mark)
    if pairs and not port.published and key != "expose":
        why = "Compose publishes it on a port that it chooses; here a tunnel leads there"
        service.lose(port.written, port.mark, why)


def _pairs(key: str, port: Published) -> Iterator[tuple[int | None, int]]:
    """Each port of the two ranges with its partner; one that is published on any of several is on the first."""
    targets, published = _range(key, port, port.target), _range(key, port, port.published)
    if len(published) > 1 and len(targets) == 1:
        published = published[:1]
    if published and len(published) != len(targets):
        wrong(port.mark, key, f"two ranges of the same length: {port.written}")
    for index, target in enumerate(targets):
        yield (published[index] if published else None), target


def _range(key: str, port: Published, text: str) -> range:
    if not text:
        return range(0)
    first, dash, last = text.partition("-")
    found = (
        range(int(first), int(last if dash else first) + 1) if first.isdecimal() and (last or not dash) else range(0)
    )
    if not found or len(found) > MOST or found[0] < 1 or found[-1] > 65535:
        wrong(port.mark, key, f"ports between 1 and 65535, at most {MOST} of them: {port.written}")
    return found
