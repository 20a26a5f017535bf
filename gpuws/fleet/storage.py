"""What fills a host's disks. Errors are those of `workspaces`."""

from __future__ import annotations

import threading
from typing import Protocol

from gpuws.model.placement.plan import Report
from gpuws.model.workspace.storage import DiskUsage, Mount
from gpuws.model.workspace.workspace import Ref


class Storage(Protocol):
    """An engine that keeps nothing of its own on disks refuses all of it with its reason."""

    def disk_usage(self, host: str, report: Report, cancel: threading.Event) -> DiskUsage:
        """Images, layers of containers, logs, volumes and the build cache, with whose they are, and which are mine.

        Asked of the engine anew, which walks through all its files: seconds, or minutes. `Cancelled` once `cancel` is
        set: then the engine stops, too."""
        ...

    def mounts(self, ref: Ref) -> tuple[Mount, ...]:
        """What of a workspace lies in volumes and in directories of its host, by its place inside."""
        ...

    def remove_volume(self, host: str, name: str) -> None:
        """Refused by the engine where a workspace uses it, even one that does not run. Confirming is the caller's
        duty."""
        ...
