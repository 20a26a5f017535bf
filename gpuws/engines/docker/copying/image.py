"""An image brought from one host's engine to another's, layer by layer, so that what arrived need not be sent again.

An engine reads no layer from an archive that it has already on top of the same ones below it (moby,
`image/tarexport/load.go`). So each layer is loaded by itself, as an image without a name that has it and those below
it; the last archive brings no layer any more, but the image and its name. What a copy that broke had loaded is found by
those nameless images, which go once the image is there. Only the reading begins anew: an engine gives all of an image
or nothing."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling, Reply, request
from gpuws.engines.docker.copying.archive import Pack, Part, below, parts
from gpuws.engines.docker.copying.faults import of, received
from gpuws.engines.docker.copying.spool import Spool
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.images import store
from gpuws.model.errors import Cancelled, GpuwsError, TargetError
from gpuws.model.meter import Meter
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.model.workspace.image import LayerPhase, LayerProgress

LABEL = "gpuws.copy"
"""On the images that hold the layers of one that is being copied: its id."""
CONTAINERD = "io.containerd.snapshotter"
"""How the driver of an engine begins that keeps images as registries do, not by layers."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The image as its host has it. `names`: what it will be called. `layers`: the lowest first."""

    reference: str
    inspected: Mapping[str, Any]
    id: str
    names: tuple[str, ...]
    layers: tuple[str, ...]
    size: int | None


def copy(source: Client, target: Client, reference: str, report: Report, cancel: threading.Event) -> None:
    """Cancelled, or broken off: the layers that arrived are kept for the next time."""
    report(Progress("checking", reference))
    wanted = _wanted(source, target, reference)
    try:
        with Cancelling(cancel) as cancelling:
            if store.details(target, wanted.id) is not None:
                _name(target, wanted)
            elif _by_content(source) or _by_content(target):
                _whole(source, target, wanted, report, cancelling)
            else:
                _LayerByLayer(source, target, wanted, report, cancelling).run()
    except Cancelled:
        raise Cancelled(f"cancelled: {target.host} keeps what came of {reference} for the next time") from None
    _verify(target, wanted)
    report(Progress("done", reference, 1.0))


def _wanted(source: Client, target: Client, reference: str) -> Wanted:
    found = store.details(source, reference)
    if found is None:
        raise TargetError(f"{source.host} has no image {reference}", f"see: gpuws images ls {source.host}")
    if platform := store.foreign(found, target.server):
        raise store.made_elsewhere(reference, platform, target.host, target.server)
    identity, size = str(found.get("Id") or ""), found.get("Size")
    layers = tuple(str(layer) for layer in rows(table(found.get("RootFS")).get("Layers")))
    names = _names(reference, identity, rows(found.get("RepoTags")))
    return Wanted(reference, found, identity, names, layers, size if isinstance(size, int) and size > 0 else None)


def _names(reference: str, identity: str, tags: list[Any]) -> tuple[str, ...]:
    """As it was asked for; all that it has where that was an id or a digest."""
    digits = reference.removeprefix("sha256:")
    if "@" in reference or identity.removeprefix("sha256:").startswith(digits):
        return tuple(str(tag) for tag in tags)
    return (":".join(store.split(reference)),)


def _by_content(client: Client) -> bool:
    with client.errors():
        told = table(client.call("GET", "/info"))
    return any(CONTAINERD in str(word) for pair in rows(told.get("DriverStatus")) for word in rows(pair))


def _name(target: Client, wanted: Wanted) -> None:
    """It is there already."""
    for name in wanted.names:
        repository, tag = store.split(name)
        with target.errors():
            target.call("POST", f"/images/{wanted.id}/tag", query={"repo": repository, "tag": tag})


def _verify(target: Client, wanted: Wanted) -> None:
    """The same image by its id; where the engines name images in different ways, by its layers."""
    for name in wanted.names or (wanted.id,):
        found = store.details(target, name) or {}
        layers = tuple(rows(table(found.get("RootFS")).get("Layers")))
        if found.get("Id") != wanted.id and (layers != wanted.layers or not layers):
            raise GpuwsError(f"{name} on {target.host} is not the image that was sent", "try again")


def _read(source: Client, name: str, cancelling: Cancelling) -> Reply:
    with of(source):
        return source.open("GET", f"/images/{name}/get", timeout=None, cancelling=cancelling)


def _load(target: Client, pieces: Iterator[bytes], length: int | None, cancelling: Cancelling) -> None:
    with of(target):
        reply = request(
            target.dial, "POST", target.target("/images/load", {"quiet": True}),
            headers={"Content-Type": "application/x-tar"}, body=pieces, length=length, cancelling=cancelling,
        )  # fmt: skip
        with reply:
            for item in reply.objects():
                if error := item.get("error"):
                    raise GpuwsError(f"Docker on {target.host} can't take the image: {plain(str(error), 300)}")


def _whole(source: Client, target: Client, wanted: Wanted, report: Report, cancelling: Cancelling) -> None:
    """In one archive, as an engine with containerd's store has it: it can't be had in parts."""
    meter = Meter(report, lambda text, part: Progress("copying", f"{wanted.reference}: {text}", part), wanted.size)
    with _read(source, (wanted.names or (wanted.id,))[0], cancelling) as reply:
        _load(target, meter.counted(received(source, reply)), None, cancelling)


@dataclass(slots=True)
class _LayerByLayer:
    """Layers come in any order and are loaded from the lowest on: what comes too early waits on this machine's disk.

    `_done`: how many of the lowest ones are there. `_holding`: the image there that holds them."""

    source: Client
    target: Client
    wanted: Wanted
    report: Report
    cancelling: Cancelling
    _done: int = 0
    _holding: str = ""
    _config: bytes = b""
    _spool: Spool = field(default_factory=Spool)
    _phases: dict[int, LayerProgress] = field(default_factory=dict)
    _meter: Meter = field(init=False)

    def run(self) -> None:
        self._meter = Meter(self.report, self._progress, self.wanted.size)
        self._done = _shared(self.target, self.wanted.layers)
        self._meter.tell()
        try:
            self._take_all()
            self._finish()
        finally:
            self._spool.close()
        self._tidy()

    def _take_all(self) -> None:
        wanted, source = self.wanted, self.source
        with _read(source, wanted.id, self.cancelling) as reply:
            pieces = self._meter.counted(received(source, reply))
            for part in parts(pieces, wanted.id, wanted.layers):
                if part.config:
                    self._config = b"".join(part.pieces())
                else:
                    self._take(part)
                if self._config and self._done == len(wanted.layers):
                    return

    def _take(self, part: Part) -> None:
        """Sent on at once where it is the next, kept where its turn will come."""
        missing = self.wanted.layers[self._done :]
        if part.digest is not None and part.digest not in missing:
            return
        if part.digest == (missing or ("",))[0] and missing.count(part.digest) == 1:
            self._send(part.size, part.pieces())
        elif missing:
            digest = self._spool.keep(part.pieces())
            if digest not in missing:
                self._spool.drop(digest)
        self._send_kept()

    def _send_kept(self) -> None:
        layers = self.wanted.layers
        while self._done < len(layers) and (size := self._spool.size(layers[self._done])) is not None:
            digest = layers[self._done]
            self._send(size, self._spool.pieces(digest))
            if digest not in layers[self._done :]:
                self._spool.drop(digest)

    def _send(self, size: int, pieces: Iterator[bytes]) -> None:
        """The next layer, with an image that holds it and those below it."""
        layers = self.wanted.layers[: self._done + 1]
        config = below(self.wanted.inspected, layers, {LABEL: self.wanted.id})
        pack = Pack(config, _digest(config), layers)
        self._phase("downloading", 0, size)
        _load(self.target, pack.pieces(size, self._on_the_way(pieces, size)), pack.length(size), self.cancelling)
        self._phase("done", size, size)
        self._done += 1
        before, self._holding = self._holding, pack.image
        self._drop(before)
        self._meter.tell()

    def _on_the_way(self, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
        sent = 0
        for piece in pieces:
            yield piece
            sent += len(piece)
            self._phase("downloading" if sent < size else "unpacking", sent, size)
        self._meter.tell()

    def _finish(self) -> None:
        """All layers are there: the image itself."""
        wanted = self.wanted
        if self._done < len(wanted.layers) or _digest(self._config) != wanted.id:
            raise GpuwsError(f"{self.source.host} did not give all of {wanted.reference}", "try again")
        pack = Pack(self._config, wanted.id, wanted.layers, wanted.names)
        _load(self.target, pack.pieces(), pack.length(None), self.cancelling)

    def _tidy(self) -> None:
        """The images that held its layers, of an earlier copy that broke too."""
        filters = {"label": [f"{LABEL}={self.wanted.id}"], "dangling": ["true"]}
        with suppress(GpuwsError), self.target.errors():
            for row in rows(self.target.call("GET", "/images/json", query={"filters": filters})):
                self._drop(str(table(row).get("Id") or ""))

    def _drop(self, image: str) -> None:
        if image:
            with suppress(GpuwsError):
                store.remove(self.target, image)

    def _phase(self, phase: LayerPhase, current: int, size: int) -> None:
        self._phases[self._done] = LayerProgress(_short(self.wanted.layers[self._done]), phase, current, size)

    def _progress(self, text: str, fraction: float | None) -> Progress:
        names = [_short(layer) for layer in self.wanted.layers]
        held = ["done" if number < self._done else "waiting" for number in range(len(names))]
        layers = tuple(
            self._phases.get(number, LayerProgress(name, "done" if held[number] == "done" else "waiting"))
            for number, name in enumerate(names)
        )
        said = f"{self.wanted.reference}: {self._done} of {len(names)} layers, {text} read"
        return Progress("copying", said, fraction, layers)


def _shared(target: Client, layers: tuple[str, ...]) -> int:
    """How many of the lowest layers it has, of whatever image."""
    with target.errors():
        found = rows(target.call("GET", "/images/json", query={"all": True}))
    most = 0
    for identity in (str(table(row).get("Id") or "") for row in found):
        told = store.details(target, identity) or {}
        there = rows(table(told.get("RootFS")).get("Layers"))
        most = max(most, _alike(there, layers))
    return most


def _alike(there: list[Any], layers: tuple[str, ...]) -> int:
    pairs = zip(there, layers, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(there), len(layers)))


def _digest(config: bytes) -> str:
    return f"sha256:{hashlib.sha256(config).hexdigest()}"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
