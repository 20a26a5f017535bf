"""Implements `fleet.images`: through the engine of each host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from gpuws.model.image import Image
    from gpuws.model.plan import Report


class LocalImages(Core):
    def images(self, host: str) -> tuple[Image, ...]:
        return tuple(self._hosts.find(host).engine().images())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        self._hosts.writable(host).engine().pull_image(reference, report, cancel)

    def remove_image(self, host: str, image_id: str, *, force: bool = False) -> None:
        self._hosts.writable(host).engine().remove_image(image_id, force)

    def prune_images(self, host: str) -> int:
        return self._hosts.writable(host).engine().prune_images()

    def newer_image(self, host: str, reference: str) -> bool | None:
        return self._hosts.find(host).engine().newer_image(reference)
