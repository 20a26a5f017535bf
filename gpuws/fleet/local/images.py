"""Implements `fleet.images`: through the engine of each host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core
from gpuws.model.placement.plan import Progress

if TYPE_CHECKING:
    from gpuws.model.placement.plan import Report
    from gpuws.model.workspace.image import Image


class LocalImages(Core):
    def images(self, host: str) -> tuple[Image, ...]:
        return tuple(present(self._hosts.find(host).engine().images).listed())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        present(self._hosts.writable(host).engine().images).pull(reference, report, cancel)

    def copy_image(self, source: str, reference: str, host: str, report: Report, cancel: threading.Event) -> None:
        target = present(self._hosts.writable(host).engine().images)
        present(self._hosts.find(source).engine().images).copy(reference, target, report, cancel)

    def remove_image(
        self,
        host: str,
        image_id: str,
        report: Report,
        cancel: threading.Event,  # noqa: ARG002 - an engine that removes can't be stopped
        *,
        force: bool = False,
    ) -> None:
        images = present(self._hosts.writable(host).engine().images)
        report(Progress("removing", image_id))
        images.remove(image_id, force=force)

    def prune_images(self, host: str) -> int:
        return present(self._hosts.writable(host).engine().images).prune()

    def newer_image(self, host: str, reference: str) -> bool | None:
        return present(self._hosts.find(host).engine().images).newer(reference)
