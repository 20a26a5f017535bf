"""Implements `fleet.tasks`: what the demo does in the background."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading

from gpuws.fleet.background.facet import BookedTasks
from gpuws.fleet.demo.recipes import DemoRecipes
from gpuws.fleet.demo.workspaces import DemoWorkspaces
from gpuws.model.placement.plan import Report
from gpuws.model.task import Task
from gpuws.model.workspace.workspace import Ref


class DemoTasks(DemoRecipes, DemoWorkspaces, BookedTasks):
    def _need_writable(self, host: str) -> None:
        with self._lock:
            self._hosts.up(host, writing=True)

    def _look_for(self, task: Task, report: Report, cancel: threading.Event) -> Ref:
        from gpuws.fleet.background.traces import found_of

        return found_of(task, [one for host in self.snapshots() for one in host.workspaces])
