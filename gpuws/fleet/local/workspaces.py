"""Implements `fleet.workspaces`: through the engine of each host."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.background.verbs import mark
from gpuws.fleet.local.shared.core import Core
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.model.errors import GpuwsError, HostError, Refused
from gpuws.model.host.naming import labelled
from gpuws.model.placement.plan import Asked, Progress
from gpuws.model.workspace.actions import DONE
from gpuws.model.workspace.aftermath import of_action, of_renaming
from gpuws.model.workspace.workspace import PlaceRef, Ref

if TYPE_CHECKING:
    from gpuws.link.place import Stream
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.placement.follow import Launched
    from gpuws.model.placement.plan import Plan, Report, Want
    from gpuws.model.workspace.actions import Action
    from gpuws.model.workspace.details import Details
    from gpuws.model.workspace.logs import LogWindow
    from gpuws.model.workspace.usage import Counters
    from gpuws.model.workspace.verification import Verification
    from gpuws.model.workspace.workspace import Workspace


class LocalWorkspaces(Core):
    def plan(self, host: str, profile: str, want: Want) -> Plan:
        supervisor = self._hosts.find(host)
        engine, site = supervisor.engine(), self._hosts.site(host)
        there = replace(supervisor.host, user=supervisor.host.user or site.facts.login)  # ${user} in a profile
        environ = want.environ or self._environ
        recipe = self._profiles.load(profile, there, overrides=want.overrides, environ=environ, text=want.recipe)
        plan = engine.plan(recipe, want, site)
        return replace(plan, asked=Asked(host, profile, replace(want, environ={})))

    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Launched:
        from gpuws.fleet.local.shared.bringing import brought

        supervisor = self._hosts.writable(plan.host)

        def recheck() -> None:
            _need_free(plan, supervisor.snapshot)

        recheck()
        plan = _marked(plan)
        try:
            with brought(self._hosts, plan, report, cancel) as fill:
                made = supervisor.engine().launch(plan, report, cancel, recheck, fill)
        finally:
            supervisor.refresh()
        if not plan.want.follow.verify or made.ended is not None:
            return made
        found = self._verified(made.ref, plan.spec.name, len(plan.devices), report, cancel)
        if found.problem:
            raise GpuwsError(f"{labelled(plan.host, plan.spec.name)} runs, but {found.problem}", found.remedy)
        return replace(made, verification=found)

    def verify(self, ref: Ref, report: Report, cancel: threading.Event) -> Verification:
        self._hosts.writable(ref.host)
        workspace = self._hosts.workspace(PlaceRef(ref.host, ref.id))
        name, given = (workspace.name, workspace.gpus) if workspace else (ref.id[:12], None)
        count = None if given is None or "all" in given else len(given)
        return self._verified(ref, name, count, report, cancel)

    def _verified(
        self, ref: Ref, name: str, given: int | None, report: Report, cancel: threading.Event
    ) -> Verification:
        from gpuws.verify.verify import verify

        report(Progress("verifying", f"{name}: torch"))
        return verify(self._hosts.find(ref.host).engine(ref.id).place(ref.id), given, cancel)

    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        supervisor = self._hosts.writable(ref.host)
        engine, before = supervisor.engine(ref.id), self._as_listed(ref)
        try:
            engine.act(ref.id, action, force=force, grace=grace)
        except HostError as error:
            look_up(
                supervisor, error, self._called(ref), DONE[action], lambda: of_action(action, before, self._now(ref))
            )
        finally:
            supervisor.refresh()

    def rename(self, ref: Ref, name: str) -> None:
        supervisor = self._hosts.writable(ref.host)
        engine = supervisor.engine(ref.id)
        try:
            engine.rename(ref.id, name)
        except HostError as error:
            called = self._called(ref)
            look_up(supervisor, error, called, DONE["rename"], lambda: of_renaming(name, self._now(ref)))
        finally:
            supervisor.refresh()

    def _called(self, ref: Ref) -> str:
        one = self._hosts.workspace(PlaceRef(ref.host, ref.id))
        return one.typed if one else ref.id[:12]

    def _as_listed(self, ref: Ref) -> Workspace | None:
        """As it is now, where a list of them is kept true."""
        listing = self._hosts.find(ref.host).listing
        return self._hosts.workspace(PlaceRef(ref.host, ref.id)) if listing else None

    def _now(self, ref: Ref) -> Workspace | None:
        """As its engine has it; None where it is gone."""
        listed = self._hosts.find(ref.host).engine().workspaces()
        return next((one for one in listed if one.id == ref.id), None)

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        return self._hosts.find(ref.host).engine(ref.id).logs(ref.id, window)

    def details(self, ref: Ref) -> Details:
        return present(self._hosts.find(ref.host).engine(ref.id).inspection).details(ref.id)

    def usage(self, host: str, ids: tuple[str, ...]) -> tuple[Counters, ...]:
        return self._hosts.find(host).usage(ids)

    def inspect(self, ref: Ref) -> dict[str, object]:
        return self._hosts.find(ref.host).engine(ref.id).inspect(ref.id)


def _marked(plan: Plan) -> Plan:
    return replace(plan, spec=replace(plan.spec, labels={**plan.spec.labels, **mark()}))


def _need_free(plan: Plan, snapshot: HostSnapshot) -> None:
    """Time passed since the plan: GPUs that were free then must be free now; the others were taken knowingly."""
    from gpuws.model.placement.placement import lost

    if taken := lost(plan, snapshot.gpus):
        raise Refused(f"{plan.host}: taken since it was planned: {'; '.join(taken)}", "plan again")
