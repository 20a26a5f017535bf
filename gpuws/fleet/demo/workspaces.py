"""Implements `fleet.workspaces`: launches that animate, containers that change at once."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
from dataclasses import replace

from gpuws.fleet.demo.core import DemoCore, workspace_on
from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.fleet.events import HostUpdated
from gpuws.link.place import Stream
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.follow import HEALTHY, Launched
from gpuws.model.placement.plan import Asked, Plan, Progress, Report, Want
from gpuws.model.workspace import workspace
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.details import Details
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.usage import Counters
from gpuws.model.workspace.verification import Verification
from gpuws.model.workspace.workspace import Ref, Workspace

ENDED = {"stop": "stopped, exited 143", "kill": "stopped, exited 137"}
DEMO_ENVIRONMENT = ["HF_HOME=/cache/huggingface", "HF_TOKEN=hf_madeUpForTheDemo", "CUDA_DEVICE_ORDER=PCI_BUS_ID"]


class DemoWorkspaces(DemoCore):
    def plan(self, host: str, profile: str, want: Want) -> Plan:
        from gpuws.fleet.demo import launching

        with self._lock:
            snapshot = self._hosts.up(host, writing=True).snapshot()
            images = self._images.names(snapshot, self._clock())
        if want.recipe:
            found = launching.read(host, want.recipe, want)
        else:
            found = launching.overridden(launching.find_profile(profile, self._profiles), host, want)
        plan = launching.make_plan(snapshot, found, want, images)
        return replace(plan, asked=Asked(host, profile, replace(want, environ={})))

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Launched:
        from gpuws.fleet.demo import launching
        from gpuws.fleet.demo.lab.volumes import filling

        *before, last = launching.stages(plan)
        for stage in (*before, *filling(plan.data), last):
            report(stage)
            if cancel.wait(self._tick / 4):
                raise Cancelled(f"the launch of {plan.spec.name} was cancelled")
        if plan.spec.profile.build is not None:
            raise launching.build_failure(plan.host, plan.spec.image)
        with self._lock:
            host = self._hosts.up(plan.host, writing=True)
            launching.check_again(plan, host.snapshot())
            container = launching.container_of(plan, self._clock())
            self._images.add(host.snapshot(), plan.spec.image, self._clock())
            host.add(container, plan.spec.profile)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)
        if ready := plan.want.follow.ready:
            what = ready if ready == HEALTHY else f"port {ready}"
            report(Progress("waiting", f"{plan.spec.name}: for {what} · it is still loading"))
        found = self._verified(plan, container.ref, report, cancel) if plan.want.follow.verify else None
        report(Progress("done", f"{plan.host}/{plan.spec.name}", 1.0))
        return Launched(container.ref, verification=found)

    def _verified(self, plan: Plan, ref: Ref, report: Report, cancel: threading.Event) -> Verification:
        found = self.verify(ref, report, cancel)
        if found.problem:
            raise GpuwsError(f"{plan.host}/{plan.spec.name} runs, but {found.problem}", found.remedy)
        return found

    def verify(self, ref: Ref, report: Report, cancel: threading.Event) -> Verification:
        from gpuws.fleet.demo.lab import verifying

        with self._lock:
            container = self._workspace(ref)
            gpus = self._hosts.up(ref.host).snapshot().gpus
        report(Progress("verifying", f"{container.name}: torch"))
        if cancel.wait(self._tick / 4):
            raise Cancelled("cancelled: torch was not tried to its end")
        return verifying.verified(container, gpus)

    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        with self._lock:
            host = self._hosts.up(ref.host, writing=True)
            self._change(host, workspace_on(host, ref.id), action, force)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

    def _change(self, host: DemoHost, container: Workspace, action: Action, force: bool) -> None:
        if action in ("pause", "unpause"):
            self._hold(host, container, action)
            return
        if action == "remove":
            if container.enterable and not force:
                raise GpuwsError(f"{container.name} is running", "stop it first, or force its removal")
            host.remove(container)
            return
        if action == "kill" and not container.enterable:
            raise GpuwsError(f"{container.name} is not running")
        if container.enterable and action != "start":
            host.halt(container)
        oci = replace(container.oci, health=None)  # a check of its health begins anew with it
        if action in ENDED and container.enterable:
            host.containers[container.id] = replace(
                container,
                state="exited",
                status="exited",
                actions=workspace.ENDED,
                reason=ENDED[action],
                out_of_memory=None,
                started=None,
                oci=oci,
            )
        elif action == "restart" or (action == "start" and not container.enterable):
            host.begin(
                replace(
                    container, state="running", status="running", actions=workspace.RUNNING, reason=None, failed=False,
                    out_of_memory=None,
                    oci=oci,
                )
            )  # fmt: skip

    def _hold(self, host: DemoHost, container: Workspace, action: Action) -> None:
        """What runs in it stays as it is."""
        if not container.allows(action):
            raise GpuwsError(f"{container.name} is {container.status}: nothing to {action}")
        status, actions = ("paused", workspace.PAUSED) if action == "pause" else ("running", workspace.RUNNING)
        host.containers[container.id] = replace(container, status=status, actions=actions)

    def rename(self, ref: Ref, name: str) -> None:
        with self._lock:
            host = self._hosts.up(ref.host, writing=True)
            container = workspace_on(host, ref.id)
            if any(one.name == name for one in host.containers.values()):
                raise GpuwsError(f"{ref.host} has a container {name!r}", "choose another name")
            host.rename(container, name)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        from gpuws.fleet.demo.streams import DemoLog, LogStream

        beat = self._tick or 1.0
        with self._lock:
            log = self._logs.get(ref) or DemoLog(self._workspace(ref).name, self._clock, beat)
            self._logs[ref] = log
        return LogStream(log, window, beat)

    def details(self, ref: Ref) -> Details:
        from gpuws.fleet.demo.lab import closely

        with self._lock:
            return closely.details(self._workspace(ref), self._clock())

    def usage(self, host: str, ids: tuple[str, ...]) -> tuple[Counters, ...]:
        from gpuws.fleet.demo.lab import closely

        with self._lock:
            there = self._hosts.up(host)
            snapshot = there.snapshot()
            found = [one for one in snapshot.workspaces if one.id in ids and one.enterable]
            return tuple(closely.counters(one, snapshot.memory_total, self._clock()) for one in found)

    def inspect(self, ref: Ref) -> dict[str, object]:
        with self._lock:
            found = self._workspace(ref)
        return {
            "Id": found.id,
            "Name": f"/{found.name}",
            "State": {"Status": found.status, "Running": found.enterable},
            "Config": {"Image": found.oci.image, "Labels": dict(found.labels), "Env": DEMO_ENVIRONMENT},
            "HostConfig": {"Memory": found.memory_limit or 0, "Binds": list(found.oci.mounts)},
        }
