"""The lines of progress of a pull or a build, as a sentence and a fraction. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuws.model import units
from gpuws.model.text import plain

DONE = frozenset({"Pull complete", "Already exists"})
MOST_LAYERS = 1000


@dataclass(slots=True)
class Layer:
    """Bytes downloaded, of how many, and whether it is unpacked."""

    current: int = 0
    total: int = 0
    done: bool = False


@dataclass(slots=True)
class Layers:
    """What is known of a pull's layers. The engine downloads several at a time."""

    layers: dict[str, Layer] = field(default_factory=dict)
    last: str = ""

    def take(self, item: Mapping[str, Any]) -> None:
        status, name = plain(str(item.get("status", "")), 120), str(item.get("id", ""))
        self.last = status
        if not _is_layer(name, status) or (name not in self.layers and len(self.layers) >= MOST_LAYERS):
            return
        layer = self.layers.setdefault(name, Layer())
        detail = item.get("progressDetail")
        if status == "Downloading" and isinstance(detail, dict):
            layer.current, layer.total = _count(detail.get("current")), _count(detail.get("total"))
        elif status == "Download complete":
            layer.current = layer.total
        layer.done = layer.done or status in DONE

    def fraction(self) -> float | None:
        """Of the bytes whose number is known; None until there are any."""
        total = sum(layer.total for layer in self.layers.values())
        return min(self._bytes() / total, 1.0) if total else None

    def text(self, image: str) -> str:
        if not self.layers:
            return f"{image}: {self.last}" if self.last else image
        done = sum(layer.done for layer in self.layers.values())
        return f"{image}: {done} of {len(self.layers)} layers, {units.size(self._bytes())} downloaded"

    def _bytes(self) -> int:
        return sum(layer.total if layer.done else layer.current for layer in self.layers.values())


def build_line(item: Mapping[str, Any]) -> str | None:
    """What a line of a build's progress says; None for empty ones."""
    if isinstance(stream := item.get("stream"), str):
        return plain(stream, 200) or None
    if isinstance(status := item.get("status"), str):
        name = str(item.get("id", ""))
        return plain(f"{name}: {status}" if name else status, 200)
    return None


def _is_layer(name: str, status: str) -> bool:
    return len(name) == 12 and not status.startswith("Pulling from")


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
