"""The engines of one host as one: a profile goes to the one that it is for, a workspace to the one that keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.engines.base import Absent, Dial, Files, Fill, Images, Inspection, Orphans, Recheck, Recipes, Site, Storage
from gpuws.engines.parallel import each
from gpuws.model.errors import GpuwsError, Refused
from gpuws.model.placement.placement import claims
from gpuws.model.placement.plan import Check

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.link.place import Place, Stream
    from gpuws.model.placement.follow import Launched
    from gpuws.model.placement.plan import Plan, Report, Want
    from gpuws.model.profile.profile import Profile
    from gpuws.model.workspace.actions import Action
    from gpuws.model.workspace.engine import Caps, EngineInfo
    from gpuws.model.workspace.logs import LogWindow
    from gpuws.model.workspace.workspace import Workspace


def keeper_of(engine: Engine, workspace_id: str) -> Engine:
    """The one of a host's engines that keeps a workspace."""
    return engine.of(workspace_id) if isinstance(engine, Together) else engine


@dataclass(frozen=True, slots=True)
class Member:
    """`mark`, `unfit`: as its kind has them (`engines.registry.Kind`)."""

    engine: Engine
    mark: str
    unfit: Callable[[Profile], str]


class Together:
    """An `Engine`. `members`: at least one, by kind. `missing`: why the host's own is not among them.

    Its parts are those of the host's own engine; whoever has a workspace asks the one that keeps it (`of`)."""

    def __init__(self, host: str, members: Mapping[str, Member], missing: GpuwsError | None = None) -> None:
        self._host = host
        self._missing = missing
        self.members = members

    def of(self, workspace_id: str) -> Engine:
        """The engine that keeps it."""
        marked = (one.engine for one in self.members.values() if one.mark and workspace_id.startswith(one.mark))
        return next(marked, None) or self._own()

    def _own(self) -> Engine:
        """The one that is not beside another, else the only one there is."""
        found = [one.engine for one in self.members.values() if not one.mark]
        if not found and self._missing is not None:
            raise self._missing
        return found[0] if found else next(iter(self.members.values())).engine

    def chosen(self, profile: Profile) -> str:
        """The kind that a profile is for. `Refused`, with what to write, where the host has none that is."""
        called = f"profile {profile.name or 'unsaved'}"
        if profile.engine:
            if profile.engine in self.members:
                return profile.engine
            why = f": {self._missing.message}" if self._missing else ""
            have = ", ".join(self.members)
            text = f"{called} is for {profile.engine}, and {self._host} has {have} for gpuws{why}"
            raise Refused(text, f"choose another host, or write engine: {next(iter(self.members))}")
        whys = {kind: one.unfit(profile) for kind, one in self.members.items()}
        fit = [kind for kind, why in whys.items() if not why]
        if fit:
            return fit[0]
        kind, why = next(iter(whys.items()))
        if self._missing is not None:
            remedy = f"{self._missing.remedy}; or write engine: {kind} into it, and leave that out"
            raise type(self._missing)(self._missing.message, remedy)
        said = f"leave that out, and write engine: {kind}" if self.members[kind].mark else "give it one of them"
        raise Refused(f"{called} is not for {kind} on {self._host}: {why}", said)

    # the core

    @property
    def caps(self) -> Caps:
        return next(iter(self.members.values())).engine.caps

    def info(self) -> EngineInfo:
        own = self._own().info()
        return replace(own, beside={kind: one.engine.caps for kind, one in self.members.items() if one.mark})

    def workspaces(self) -> list[Workspace]:
        kinds = list(self.members)
        lists = each(self._listed, kinds, len(kinds)) if len(kinds) > 1 else [self._listed(kinds[0])]
        return [one for listed in lists for one in listed]

    def _listed(self, kind: str) -> list[Workspace]:
        member = self.members[kind]
        found = member.engine.workspaces()
        return [replace(one, engine=kind) for one in found] if member.mark else found

    def forget(self) -> None:
        for one in self.members.values():
            one.engine.forget()

    def due(self) -> float | None:
        return min((due for one in self.members.values() if (due := one.engine.due()) is not None), default=None)

    def changes(self, stop: threading.Event) -> Iterator[None]:
        """Of the first; the others say when they are `due`."""
        return next(iter(self.members.values())).engine.changes(stop)

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        kind = self.chosen(profile)
        plan = self.members[kind].engine.plan(profile, want, site)
        return self._apart(replace(plan, engine=kind if self.members[kind].mark else ""), kind)

    def _apart(self, plan: Plan, kind: str) -> Plan:
        """A name stands for one workspace of the host, whichever engine keeps it."""
        name = plan.spec.name
        for other, member in self.members.items():
            if other != kind and any(one.name == name for one in member.engine.workspaces()):
                remedy = f"choose another with --name, or remove it: gpuws rm {self._host}/{name}"
                check = Check("name", "fail", f"{self._host} has a {name} of {other} already", remedy)
                return replace(plan, checks=(*plan.checks, check))
        return plan

    def launch(
        self,
        plan: Plan,
        report: Report,
        cancel: threading.Event,
        recheck: Recheck | None = None,
        fill: Fill | None = None,
    ) -> Launched:
        engine = self.members[plan.engine].engine if plan.engine in self.members else self._own()
        others = [one.engine for one in self.members.values() if one.engine is not engine]

        def unclaimed() -> None:
            """Nor given to a workspace of another engine meanwhile."""
            if recheck:
                recheck()
            for other in others:
                other.forget()
                if taken := claims(plan.devices, other.workspaces()):
                    raise Refused(f"{self._host}: taken since it was planned: {'; '.join(taken)}", "plan again")

        return engine.launch(plan, report, cancel, unclaimed, fill)

    def place(
        self, workspace_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        return self.of(workspace_id).place(workspace_id, user=user, cwd=cwd, env=env)

    def address(self, workspace_id: str, port: int) -> tuple[Place, str, int]:
        return self.of(workspace_id).address(workspace_id, port)

    def logs(self, workspace_id: str, window: LogWindow) -> Stream:
        return self.of(workspace_id).logs(workspace_id, window)

    def inspect(self, workspace_id: str) -> dict[str, object]:
        return self.of(workspace_id).inspect(workspace_id)

    def act(self, workspace_id: str, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        self.of(workspace_id).act(workspace_id, action, force=force, grace=grace)

    def rename(self, workspace_id: str, name: str) -> None:
        self.of(workspace_id).rename(workspace_id, name)

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        return tuple(row for one in self.members.values() for row in one.engine.checkup(gpus=gpus))

    # its parts

    @property
    def images(self) -> Images | Absent:
        return self._own().images

    @property
    def recipes(self) -> Recipes | Absent:
        return self._own().recipes

    @property
    def dial(self) -> Dial | Absent:
        return self._own().dial

    @property
    def storage(self) -> Storage | Absent:
        return self._own().storage

    @property
    def inspection(self) -> Inspection | Absent:
        return self._own().inspection

    @property
    def files(self) -> Files | Absent:
        return self._own().files

    @property
    def orphans(self) -> Orphans | Absent:
        return next(iter(self.members.values())).engine.orphans
