"""Images of a host's engine. Errors are those of `workspaces`."""

from __future__ import annotations

import threading
from typing import Protocol

from gpuws.fleet.crossing import with_environ
from gpuws.model.build.want import BuildPlan, BuildWant
from gpuws.model.placement.plan import Report
from gpuws.model.workspace.image import Image


class Images(Protocol):
    """An engine that keeps no images refuses all of it with its reason."""

    def images(self, host: str) -> tuple[Image, ...]:
        """All that have a name, and dangling ones, with who uses each."""
        ...

    def pull_image(self, host: str, reference: str, report: Report, cancel: threading.Event) -> None:
        """With the login that `docker login` left on this workstation for the image's registry.

        `report` is called meanwhile; `Cancelled` once `cancel` is set."""
        ...

    @with_environ("want")
    def plan_build(self, host: str, want: BuildWant) -> BuildPlan:
        """What `build_image` would do; nothing is sent. UsageError where there is nothing to build from."""
        ...

    @with_environ("want")
    def build_image(self, host: str, want: BuildWant, report: Report, cancel: threading.Event) -> str:
        """What the image is called then. What is built from is read anew, on this workstation.

        `report` is told each line of output; `Cancelled` once `cancel` is set."""
        ...

    def copy_image(self, source: str, reference: str, host: str, report: Report, cancel: threading.Event) -> None:
        """From the host `source` to `host`, without a registry. Layers that are there, of whatever image, are not sent;
        so what arrived before it broke off is not sent again. What has its name there loses it.

        Compared by the image's id at the end. `Cancelled` once `cancel` is set."""
        ...

    def remove_image(
        self, host: str, image_id: str, report: Report, cancel: threading.Event, *, force: bool = False
    ) -> None:
        """By id, or by a name: an image with others keeps them. One that a workspace uses is refused; `force`:
        only where that one runs. Once the engine was asked, `cancel` comes too late.

        Confirming is the caller's duty."""
        ...

    def prune_images(self, host: str) -> int:
        """Remove dangling images that no workspace uses; how many bytes that freed. `Unanswered` where that was lost,
        whether they are known to be gone or not."""
        ...

    def newer_image(self, host: str, reference: str) -> bool | None:
        """Whether the registry has another image by that name; None: it can't be told."""
        ...
