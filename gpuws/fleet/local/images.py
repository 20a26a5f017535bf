"""Implements `fleet.images`: through the engine of each host."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.model.errors import HostError, Unanswered
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.aftermath import of_pruning, of_removing

if TYPE_CHECKING:
    from gpuws.model.build.want import BuildPlan, BuildWant
    from gpuws.model.placement.plan import Report
    from gpuws.model.profile.profile import Profile
    from gpuws.model.workspace.image import Image


class LocalImages(Core):
    def images(self, host: str) -> tuple[Image, ...]:
        return tuple(present(self._hosts.find(host).engine().images).listed())

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        present(self._hosts.writable(host).engine().images).pull(reference, report, cancel)

    def plan_build(self, host: str, want: BuildWant) -> BuildPlan:
        profile = self._to_build(host, want)
        return present(self._hosts.find(host).engine().images).plan_build(profile, want.way)

    def build_image(self, host: str, want: BuildWant, report: Report, cancel: threading.Event) -> str:
        profile = self._to_build(host, want)
        return present(self._hosts.writable(host).engine().images).build(profile, want.way, report, cancel)

    def _to_build(self, host: str, want: BuildWant) -> Profile:
        """A profile as it is on that host; of a directory one that says no more than what it builds."""
        from gpuws.config.profiles.build import built_as, of_directory

        environ = want.environ or self._environ
        if not want.profile:
            return of_directory(want, environ)
        known = self._hosts.find(host).host
        there = replace(known, user=known.user or self._hosts.site(host).facts.login)
        profile = self._profiles.load(want.profile, there, overrides=want.overrides, environ=environ)
        return built_as(profile, want, environ)

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
        supervisor = self._hosts.writable(host)
        images = present(supervisor.engine().images)
        report(Progress("removing", image_id))
        try:
            images.remove(image_id, force=force)
        except HostError as error:
            look_up(supervisor, error, image_id, "removed", lambda: of_removing(image_id, self.images(host)))

    def prune_images(self, host: str) -> int:
        supervisor = self._hosts.writable(host)
        try:
            return present(supervisor.engine().images).prune()
        except HostError as error:
            name = f"pruning the images of {host}"
            look_up(supervisor, error, name, "finished", lambda: of_pruning(self.images(host)))
            said = f"{error.message}: the images of {host} that nothing used are gone, how much that freed is not known"
            raise Unanswered(said, f"see what is there: gpuws images ls {host}") from error

    def newer_image(self, host: str, reference: str) -> bool | None:
        return present(self._hosts.find(host).engine().images).newer(reference)
