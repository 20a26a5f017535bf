"""Images of a host's engine, and how far a pull of one is. Sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LayerPhase = Literal["waiting", "downloading", "unpacking", "done"]


@dataclass(frozen=True, slots=True)
class LayerProgress:
    """One layer of a pull. `total` None: its size is not known (yet). `current`: downloaded of it.

    `unpacked`: of the same total; None before it began. A layer is unpacked after those below it."""

    id: str
    phase: LayerPhase = "waiting"
    current: int = 0
    total: int | None = None
    unpacked: int | None = None

    @property
    def waits_to_unpack(self) -> bool:
        return self.phase == "unpacking" and self.unpacked is None

    @property
    def fraction(self) -> float | None:
        """How far its phase is; None where nothing is known."""
        if self.phase in ("waiting", "done"):
            return float(self.phase == "done")
        done = self.unpacked if self.phase == "unpacking" else self.current
        return min((done or 0) / self.total, 1.0) if self.total else None


@dataclass(frozen=True, slots=True)
class Image:
    """`names`: REPOSITORY:TAG, none for a dangling image. `digests`: REPOSITORY@sha256:… as registries know it.

    `size` counts layers that other images share. `used_by`: names of the containers made from it."""

    host: str
    id: str
    names: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size: int | None = None
    created: float | None = None  # epoch seconds
    used_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The first of its names, else its short id."""
        return self.names[0] if self.names else self.short_id

    @property
    def short_id(self) -> str:
        return self.id.removeprefix("sha256:")[:12]

    @property
    def dangling(self) -> bool:
        """No name leads to it: a newer image took its tag, or a build left it."""
        return not self.names

    @property
    def loose(self) -> bool:
        """What a prune removes: no name leads to it, no container uses it."""
        return self.dangling and not self.used_by


def short_name(reference: str) -> str:
    """What people call an image: `torch` of `registry:5000/lab/torch:2.8@sha256:…`."""
    return reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
