"""Implements `fleet.storage`: disks that are filled by what lives on the demo's hosts."""

from __future__ import annotations

import threading

from gpuws.fleet.demo.core import DemoCore
from gpuws.model.errors import Cancelled
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.storage import DiskUsage, Mount, whose
from gpuws.model.workspace.workspace import Ref


class DemoStorage(DemoCore):
    def disk_usage(self, host: str, report: Report, cancel: threading.Event) -> DiskUsage:
        report(Progress("checking", f"the disks of {host}"))
        if cancel.wait(min(self._tick / 4, 0.2)):
            raise Cancelled("cancelled")
        with self._lock:
            snapshot, now = self._hosts.up(host).snapshot(), self._clock()
            told = self._volumes.usage(snapshot, self._images.of(snapshot, now), now)
        return whose(told, snapshot.workspaces, snapshot.me)

    def mounts(self, ref: Ref) -> tuple[Mount, ...]:
        with self._lock:
            return self._volumes.mounts(self._workspace(ref))

    def remove_volume(self, host: str, name: str) -> None:
        with self._lock:
            self._volumes.remove(self._hosts.up(host, writing=True).snapshot(), name)
