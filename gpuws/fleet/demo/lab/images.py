"""Images of the demo's hosts: those its containers run, one that nothing uses, one that lost its name."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from gpuws.fleet.demo.lab.machines import GIB
from gpuws.fleet.demo.launching import IMAGE_SIZE
from gpuws.model import units
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.image import Image, LayerProgress

HOUR = 3600.0
UNUSED = "nvcr.io/nvidia/pytorch:25.03-py3"
LAYERS = (("a3ed95caeb02", 29), ("5f70bf18a086", 410), ("e692418e4cba", 3100), ("9f5834b25059", 4653))  # MiB
MIB = 1 << 20


class ImageStore:
    """Mutable; the fleet's lock guards it."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Image]] = {}

    def of(self, snapshot: HostSnapshot, now: float) -> tuple[Image, ...]:
        known = self._known.setdefault(snapshot.name, _stock(snapshot.name, now))
        for container in snapshot.workspaces:
            known.setdefault(_id(container.oci.image), _image(snapshot.name, container.oci.image, now - 200 * HOUR))
        users = {
            image.id: tuple(c.name for c in snapshot.workspaces if c.oci.image in image.names)
            for image in known.values()
        }
        return tuple(replace(image, used_by=users[image.id]) for image in known.values())

    def names(self, snapshot: HostSnapshot, now: float) -> frozenset[str]:
        """As they are written to run them."""
        return frozenset(name for image in self.of(snapshot, now) for name in image.names)

    def add(self, snapshot: HostSnapshot, reference: str, now: float) -> None:
        """Of one that is there the older stays."""
        self.of(snapshot, now)
        self._known[snapshot.name].setdefault(_id(reference), _image(snapshot.name, reference, now))

    def remove(self, snapshot: HostSnapshot, image: str, now: float) -> None:
        found = self.find(snapshot, image, now)
        if found.used_by:
            raise GpuwsError(f"{found.name} is used by {', '.join(found.used_by)}", "remove the containers first")
        del self._known[snapshot.name][found.id]

    def prune(self, snapshot: HostSnapshot, now: float) -> int:
        loose = [image for image in self.of(snapshot, now) if image.dangling]
        for image in loose:
            del self._known[snapshot.name][image.id]
        return sum(image.size or 0 for image in loose)

    def find(self, snapshot: HostSnapshot, image: str, now: float) -> Image:
        for known in self.of(snapshot, now):
            if image in (known.id, known.short_id, *known.names):
                return known
        raise TargetError(f"{snapshot.name} has no image {image}", f"see: gpuws images ls {snapshot.name}")


def pulling(reference: str) -> tuple[Progress, ...]:
    """The steps of a pull: layer after layer, two at a time."""
    total = sum(size for _, size in LAYERS) * MIB
    return tuple(_step(reference, part / 10, total) for part in range(11))


def copying(reference: str) -> tuple[Progress, ...]:
    """The steps of a copy from another host: the same, in the words of one."""
    return tuple(
        replace(step, stage="copying", text=step.text.replace("downloaded", "read")) for step in pulling(reference)
    )


def _step(reference: str, part: float, total: int) -> Progress:
    layers = tuple(
        _layer(name, size * MIB, part * (1 + 0.5 * index)) for index, (name, size) in enumerate(LAYERS[::-1])
    )
    done = sum(layer.current for layer in layers)
    complete = sum(layer.phase == "done" for layer in layers)
    text = f"{reference}: {complete} of {len(layers)} layers, {units.size(done)} downloaded"
    return Progress("pulling", text, done / total, layers)


def _layer(name: str, size: int, part: float) -> LayerProgress:
    if part >= 1:
        return LayerProgress(name, "done", size, size)
    return LayerProgress(name, "downloading" if part else "waiting", int(size * part), size)


def _stock(host: str, now: float) -> dict[str, Image]:
    unused = _image(host, UNUSED, now - 900 * HOUR)
    loose = Image(host, _id(f"{host}/old"), size=int(IMAGE_SIZE * 0.9), created=now - 2000 * HOUR)
    return {unused.id: unused, loose.id: loose}


def _image(host: str, name: str, created: float) -> Image:
    digest = f"{name.rpartition(':')[0] or name}@{_id(name)}"
    return Image(host, _id(name), (name,), (digest,), IMAGE_SIZE + len(name) * GIB // 16, created)


def _id(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
