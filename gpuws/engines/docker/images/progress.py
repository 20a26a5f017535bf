"""The lines of progress of a pull or a build, as a sentence, a fraction and layers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gpuws.model import units
from gpuws.model.placement.plan import Progress
from gpuws.model.text import plain
from gpuws.model.workspace.image import LayerProgress

DONE = frozenset({"Pull complete", "Already exists"})
UNPACKING = frozenset({"Verifying Checksum", "Download complete", "Extracting"})
RETRYING = "Retrying in "
MOST_LAYERS = 1000


@dataclass(slots=True)
class Layers:
    """What is known of a pull's layers. The engine downloads several at a time."""

    layers: dict[str, LayerProgress] = field(default_factory=dict)
    last: str = ""

    def take(self, item: Mapping[str, Any]) -> None:
        status, name = plain(str(item.get("status", "")), 120), str(item.get("id", ""))
        self.last = status
        if not _is_layer(name, status) or (name not in self.layers and len(self.layers) >= MOST_LAYERS):
            return
        known = self.layers.get(name, LayerProgress(name))
        self.layers[name] = _advanced(known, status, item.get("progressDetail"))

    def progress(self, image: str) -> Progress:
        return Progress("pulling", self.text(image), self.fraction(), tuple(self.layers.values()))

    def fraction(self) -> float | None:
        """Of the bytes whose number is known; None until there are any."""
        total = sum(layer.total or 0 for layer in self.layers.values())
        return min(self._bytes() / total, 1.0) if total else None

    def text(self, image: str) -> str:
        if not self.layers:
            return f"{image}: {self.last}" if self.last else image
        done = sum(layer.phase == "done" for layer in self.layers.values())
        stuck = f", {self.last.lower()}" if self.last.startswith(RETRYING) else ""
        return f"{image}: {done} of {len(self.layers)} layers, {units.size(self._bytes())} downloaded{stuck}"

    def _bytes(self) -> int:
        return sum(layer.current for layer in self.layers.values() if layer.total is not None)


def _advanced(layer: LayerProgress, status: str, detail: object) -> LayerProgress:
    """`layer` after a line about it."""
    if layer.phase == "done":
        return layer
    if status in DONE:
        return replace(layer, phase="done", current=layer.total or 0)
    current, total = _counts(detail)
    if status in UNPACKING:
        unpacked = current if status == "Extracting" else layer.unpacked
        return replace(layer, phase="unpacking", current=layer.total or 0, unpacked=unpacked)
    if status == "Downloading" and isinstance(detail, dict):
        return replace(layer, phase="downloading", current=current, total=total or None)
    return layer


def _is_layer(name: str, status: str) -> bool:
    return len(name) == 12 and name.isalnum() and not status.startswith("Pulling from")


def _counts(detail: object) -> tuple[int, int]:
    """Bytes done and in all; an engine that unpacks without counting them tells seconds, which are left out."""
    if not isinstance(detail, dict) or detail.get("units"):
        return 0, 0
    return _count(detail.get("current")), _count(detail.get("total"))


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
