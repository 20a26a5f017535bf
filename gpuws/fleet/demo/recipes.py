"""Implements `fleet.recipes`: what the demo's containers would be written down as."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import threading
from dataclasses import replace

from gpuws.fleet.demo.core import DemoCore, workspace_on
from gpuws.fleet.demo.lab.machines import GIB, ME
from gpuws.fleet.events import HostUpdated
from gpuws.model import units
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Asked, Plan, Progress, Report, Want
from gpuws.model.profile.captured import Difference
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.workspace.workspace import Ref, Workspace


class DemoRecipes(DemoCore):
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
            container = self._workspace(ref)
            return differences(container, self._hosts.get(ref.host).recipe(container))

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        for stage in ("creating", "stopping", "starting"):
            report(Progress(stage))
            if cancel.wait(self._tick / 4):
                raise Cancelled("cancelled: the container is as it was")
        with self._lock:
            host = self._hosts.up(ref.host, writing=True)
            container = workspace_on(host, ref.id)
            differences(container, host.recipe(container))  # refused where it was made from no profile
            made = host.recreate(container)
            events = [HostUpdated(host.snapshot())]
        self._emit(events)
        return made

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        from gpuws.fleet.demo import launching
        from gpuws.model.placement.data import rows

        with self._lock:
            source = self._workspace(ref)
            recipe = self._hosts.get(ref.host).recipe(source) or Profile(source.profile or source.name)
            snapshot = self._hosts.up(host, writing=True).snapshot()
            images = self._images.names(snapshot, self._clock())
            data = tuple(one for one in self._volumes.mounts(source) if one.path in want.data)
            data = self._volumes.placed(snapshot, data, self._clock())
        wish = want.gpus or GpuWish(count=len(source.gpus))
        profile = replace(recipe, image=source.oci.image, mem_limit=source.memory_limit, build=None)
        asked = Asked(host, profile.name, replace(want, environ={}), ref)
        want = replace(want, name=want.name or source.name, gpus=wish)
        plan = launching.make_plan(snapshot, profile, want, images)
        checks = (*plan.checks, *rows(data, f"{ref.host}/{source.name}", runs=source.enterable))
        return replace(plan, asked=asked, data=data, checks=checks)


def captured(container: Workspace) -> str:
    lines = [f"description: captured from {container.ref.host}/{container.name}", f"image: {container.oci.image}"]
    lines += [f"gpus: {len(container.gpus)}"] if container.gpus else []
    lines += [f"mem_limit: {container.memory_limit // GIB}g"] if container.memory_limit else []
    lines += ["volumes: [~/work:/workspace]"] if container.owner == ME else []
    return "".join(f"{line}\n" for line in lines)


def differences(container: Workspace, recipe: Profile | None) -> tuple[Difference, ...]:
    """The demo's containers are as their profiles say, but for the memory that some were given."""
    if recipe is None:
        raise GpuwsError(f"{container.name} on {container.ref.host} was not made from a profile")
    if container.memory_limit != recipe.mem_limit:
        return (Difference("mem_limit", units.size(recipe.mem_limit), units.size(container.memory_limit)),)
    return ()
