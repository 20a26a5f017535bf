"""Implements `fleet.storage`: through the engine of each host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.model.errors import HostError
from gpuws.model.workspace.aftermath import DONE, Aftermath

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
        return tuple(present(self._hosts.find(ref.host).engine(ref.id).storage).mounts(ref.id))

    def remove_volume(self, host: str, name: str) -> None:
        supervisor = self._hosts.writable(host)

        def look() -> Aftermath:
            listed = present(supervisor.engine().storage).volumes()
            return Aftermath("not done", "is still there") if name in {one.name for one in listed} else DONE

        try:
            present(supervisor.engine().storage).remove_volume(name)
        except HostError as error:
            look_up(supervisor, error, name, "removed", look)
