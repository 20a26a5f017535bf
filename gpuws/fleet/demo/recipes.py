"""Implements `fleet.recipes`: what the demo's containers would be written down as."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
from dataclasses import replace

from gpuws.fleet.demo.lab.machines import GIB, ME
from gpuws.fleet.demo.workspaces import DemoWorkspaces
from gpuws.model import units
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Plan, Progress, Report, Want
from gpuws.model.profile.captured import Difference
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.workspace.workspace import Ref, Workspace


class DemoRecipes(DemoWorkspaces):
    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        with self._lock:
            return captured(self._workspace(ref))

    def save_captured(self, ref: Ref, name: str) -> str:
        from gpuws.fleet.demo import launching

        with self._lock:
            source = self._workspace(ref)
            self._profiles = (*self._profiles, launching.captured(name, source, self._profiles))
        return f"the demo's profile {name}"

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        with self._lock:
            return differences(self._workspace(ref))

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        for stage in ("creating", "stopping", "starting"):
            report(Progress(stage))
            if cancel.wait(self._tick / 4):
                raise Cancelled("cancelled: the container is as it was")
        self.act(ref, "restart")
        return ref

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        from gpuws.fleet.demo import launching

        with self._lock:
            source = self._workspace(ref)
            snapshot = self._hosts.up(host, writing=True).snapshot()
        wish = want.gpus or GpuWish(count=len(source.gpus))
        profile = Profile(source.profile or source.name, image=source.oci.image, mem_limit=source.memory_limit)
        return launching.make_plan(snapshot, profile, replace(want, name=want.name or source.name, gpus=wish))


def captured(container: Workspace) -> str:
    lines = [f"description: captured from {container.ref.host}/{container.name}", f"image: {container.oci.image}"]
    lines += [f"gpus: {len(container.gpus)}"] if container.gpus else []
    lines += [f"mem_limit: {container.memory_limit // GIB}g"] if container.memory_limit else []
    lines += ["volumes: [~/work:/workspace]"] if container.owner == ME else []
    return "".join(f"{line}\n" for line in lines)


def differences(container: Workspace) -> tuple[Difference, ...]:
    """The demo's containers are as their profiles say, but for one that was given more memory."""
    if container.profile is None:
        raise GpuwsError(f"{container.name} on {container.ref.host} was not made from a profile")
    if container.memory_limit and container.memory_limit > 64 * GIB:
        return (Difference("mem_limit", "64G", units.size(container.memory_limit)),)
    return ()
