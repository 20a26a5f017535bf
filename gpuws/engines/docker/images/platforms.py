"""For which platforms an image can be had that the host does not have yet: what its registry tells, without a pull."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Refusal
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.images.login import login_for
from gpuws.engines.docker.images.store import split
from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain

PATIENCE = 1.5
"""Seconds: a plan waits no longer for a registry that the host may not even reach."""
KEPT = 600.0
"""Seconds that an answer is good for, also that there was none: a form plans again with every key."""


@dataclass(slots=True)
class Platforms:
    """Used from several threads."""

    client: Client
    _known: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, image: str) -> tuple[str, ...]:
        """As `linux/arm64`; empty where it can't be told."""
        with self._lock:
            at, found = self._known.get(image, (0.0, ()))
            if not at or time.monotonic() - at > KEPT:
                found = self._ask(image)
                self._known[image] = (time.monotonic(), found)
            return found

    def _ask(self, image: str) -> tuple[str, ...]:
        repository, tag = split(image)
        name = image if "@" in image else f"{repository}:{tag}"
        headers = login_for(repository).headers
        try:
            with (
                self.client.errors(),
                self.client.open("GET", f"/distribution/{name}/json", headers=headers, timeout=PATIENCE) as reply,
            ):
                told = [table(row) for row in rows(table(reply.json()).get("Platforms"))]
        except (GpuwsError, Refusal):
            return ()
        return tuple(dict.fromkeys(filter(None, map(_platform, told))))


def _platform(row: Mapping[str, Any]) -> str:
    """ "" of what builders only attest: for no platform at all."""
    system, architecture = str(row.get("os") or ""), str(row.get("architecture") or "")
    known = system and architecture and "unknown" not in (system, architecture)
    return plain(f"{system}/{architecture}", 60) if known else ""
