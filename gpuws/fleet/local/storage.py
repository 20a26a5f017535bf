"""Implements `fleet.storage`: through the engine of each host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from gpuws.model.placement.plan import Report
    from gpuws.model.workspace.storage import DiskUsage, Mount
    from gpuws.model.workspace.workspace import Ref


class LocalStorage(Core):
    def disk_usage(self, host: str, report: Report, cancel: threading.Event) -> DiskUsage:
        from gpuws.model.placement.plan import Progress
        from gpuws.model.workspace.storage import whose

        supervisor = self._hosts.find(host)
        report(Progress("checking", f"the disks of {host}"))
        told = present(supervisor.engine().storage).usage(cancel)
        snapshot = supervisor.snapshot
        return whose(told, snapshot.workspaces, snapshot.me)

    def mounts(self, ref: Ref) -> tuple[Mount, ...]:
        return tuple(present(self._hosts.find(ref.host).engine().storage).mounts(ref.id))

    def remove_volume(self, host: str, name: str) -> None:
        present(self._hosts.writable(host).engine().storage).remove_volume(name)
