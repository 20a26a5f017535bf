"""Implements `fleet.recipes`: what an engine tells of a workspace that exists, written down, compared, made again."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.background.verbs import mark
from gpuws.fleet.local.shared.core import Core
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.host.naming import labelled
from gpuws.model.placement.plan import Asked
from gpuws.model.workspace.workspace import PlaceRef, Ref

if TYPE_CHECKING:
    from gpuws.model.placement.plan import Plan, Report, Want
    from gpuws.model.profile.captured import Captured, Difference
    from gpuws.model.workspace.workspace import Workspace


class LocalRecipes(Core):
    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        recipes, site = present(self._hosts.find(ref.host).engine(ref.id).recipes), self._hosts.site(ref.host)
        return recipes.compose_file(ref.id) if compose else written(recipes.capture(ref.id, site), ref.host)

    def save_captured(self, ref: Ref, name: str) -> str:
        return str(self._desk.save_text(name, self.capture(ref)))

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        supervisor, site, workspace = self._hosts.find(ref.host), self._hosts.site(ref.host), self._listed(ref)
        if workspace.profile is None:
            remedy = f"write one down: gpuws profiles capture {labelled(ref.host, workspace.name)}"
            raise GpuwsError(f"{workspace.name} on {ref.host} was not made from a profile", remedy)
        there = replace(supervisor.host, user=supervisor.host.user or site.facts.login)
        profile = self._profiles.load(workspace.profile, there, environ=self._environ)
        return present(supervisor.engine(ref.id).recipes).drift(ref.id, profile, site)

    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        supervisor = self._hosts.writable(ref.host)
        try:
            return present(supervisor.engine(ref.id).recipes).recreate(ref.id, report, cancel, mark())
        finally:
            supervisor.refresh()

    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        """Its secrets are those of the workspace: whoever may use that engine can read them there already."""
        from gpuws.fleet.local.shared import bringing
        from gpuws.model.placement.data import rows

        source, target = self._hosts.find(ref.host), self._hosts.find(host)
        source_site, site = self._hosts.site(ref.host), self._hosts.site(host)
        captured, listed = present(source.engine(ref.id).recipes).capture(ref.id, source_site), self._listed(ref)
        data = bringing.wanted(self._hosts, ref, host, want.data)
        profile = replace(captured.profile, name=listed.profile or captured.profile.name, source=None)
        profile = bringing.made_there(profile, data)
        environ = {**(want.environ or self._environ), **captured.secrets}
        asked = Asked(host, profile.name, replace(want, environ={}), ref)
        want = replace(want, name=want.name or captured.profile.name, environ=environ)
        plan = target.engine().plan(profile, want, site)
        data = bringing.placed(self._hosts, plan.spec, host, data)
        checks = (*plan.checks, *rows(data, labelled(ref.host, listed.name), runs=listed.enterable))
        return replace(plan, asked=asked, data=data, checks=checks)

    def _listed(self, ref: Ref) -> Workspace:
        workspace = self._hosts.workspace(PlaceRef(ref.host, ref.id))
        if workspace is None:
            raise TargetError(f"no container {ref.id[:12]} on {ref.host}", "see gpuws ps -a")
        return workspace


def written(captured: Captured, host: str) -> str:
    """A profile file, without secrets; what it can't say stands at its head."""
    from gpuws.config.profiles.yaml import profile_to_yaml

    captured = captured.shareable()
    lost = [f"# A profile does not say of {labelled(host, captured.profile.name)}:"] if captured.notes else []
    lost += [f"#   {note}" for note in captured.notes]
    return "".join(f"{line}\n" for line in lost) + profile_to_yaml(captured.profile)
