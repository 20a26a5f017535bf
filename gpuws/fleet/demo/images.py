"""Implements `fleet.images`: pulls and copies that animate."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading

from gpuws.fleet.demo.core import DemoCore
from gpuws.fleet.demo.lab.images import UNUSED, copying, pulling
from gpuws.model.build.want import BuildPlan, BuildWant
from gpuws.model.errors import Cancelled
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.image import Image


class DemoImages(DemoCore):
    def images(self, host: str) -> tuple[Image, ...]:
        with self._lock:
            return self._images.of(self._hosts.up(host).snapshot(), self._clock())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        with self._lock:
            snapshot = self._hosts.up(host, writing=True).snapshot()
        for step in pulling(reference):
            report(step)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"the pull of {reference} was cancelled")
        with self._lock:
            self._images.add(snapshot, reference, self._clock())
        report(Progress("done", reference, 1.0))

    def plan_build(self, host: str, want: BuildWant) -> BuildPlan:
        from gpuws.fleet.demo.lab import building

        with self._lock:
            snapshot = self._hosts.up(host).snapshot()
            images = self._images.names(snapshot, self._clock())
        return building.plan(host, building.to_build(want, self._profiles), images)

    def build_image(self, host: str, want: BuildWant, report: Report, cancel: threading.Event) -> str:
        from gpuws.fleet.demo.lab import building

        profile = building.to_build(want, self._profiles)
        with self._lock:
            snapshot = self._hosts.up(host, writing=True).snapshot()
        for step in building.steps(profile):
            report(step)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"the build of {profile.image} was cancelled")
        if error := building.failure(host, profile):
            raise error
        image = str(profile.image)
        with self._lock:
            self._images.add(snapshot, image, self._clock())
        report(Progress("done", image, 1.0))
        return image

    def copy_image(self, source: str, reference: str, host: str, report: Report, cancel: threading.Event) -> None:
        with self._lock:
            image = self._images.find(self._hosts.up(source).snapshot(), reference, self._clock())
            snapshot = self._hosts.up(host, writing=True).snapshot()
        for step in copying(image.name):
            report(step)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"cancelled: {host} keeps what came of {image.name} for the next time")
        with self._lock:
            self._images.add(snapshot, image.name, self._clock())
        report(Progress("done", image.name, 1.0))

    def remove_image(
        self, host: str, image_id: str, report: Report, cancel: threading.Event, *, force: bool = False
    ) -> None:
        report(Progress("removing", image_id))
        with self._lock:
            self._images.remove(self._hosts.up(host, writing=True).snapshot(), image_id, self._clock())

    def prune_images(self, host: str) -> int:
        with self._lock:
            return self._images.prune(self._hosts.up(host, writing=True).snapshot(), self._clock())

    def newer_image(self, host: str, reference: str) -> bool | None:
        with self._lock:
            self._images.find(self._hosts.up(host).snapshot(), reference, self._clock())
        return reference == UNUSED
