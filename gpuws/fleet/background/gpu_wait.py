"""Waiting until GPUs are free on some host, and launching there: one wait, whoever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gpuws.fleet.looking import Looking
from gpuws.fleet.workspaces import Workspaces
from gpuws.model.errors import GpuwsError, Refused, TargetError, UsageError
from gpuws.model.host.completeness import HOLDERS, final, shortfall
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import one_each
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Want
from gpuws.model.placement.queued_wait import WaitOrder
from gpuws.model.placement.ranking import rank
from gpuws.model.placement.wait import Fit, Observed, best_first, fitting, in_the_way, observed, possible
from gpuws.model.profile.profile import GpuWish
from gpuws.model.text import about

Say = Callable[[str], None]
Run = Callable[[Plan], Launched]
Picture = tuple[object, ...]
UNSEEN, NEVER = -1, -2  # beside how many GPUs are free


class Wait:
    """Looked at by one thread. `writable`: only hosts where something may be launched count."""

    def __init__(self, wish: GpuWish, hosts: Collection[str], *, writable: bool = False) -> None:
        if wish.none:
            raise UsageError("there is nothing to wait for", "say how many GPUs: --gpus 2")
        self.wish = wish
        self._hosts = frozenset(hosts)
        self._writable = writable
        self._seen: dict[str, Observed] = {}
        self._looked: dict[str, tuple[HostSnapshot, Fit | None]] = {}
        self._aside: dict[str, Picture] = {}
        self._hope = False
        self._begun = False

    def look(self, snapshots: Iterable[HostSnapshot]) -> tuple[Fit, ...]:
        """Where such GPUs are free, the best first. Raises `TargetError` where no host has such GPUs at all.

        In the beginning the hosts that answer are compared: the first to answer is not the best."""
        mine = self._mine(snapshots)
        self._check_hope(mine)
        found = {one.name: self._at(one) for one in mine}
        answering = [seen for seen in self._seen.values() if seen.samples]
        self._begun = self._begun or (bool(answering) and all(seen.enough for seen in answering))
        if not self._begun:
            return ()
        fits = [fit for one in mine if (fit := found[one.name]) and one.name not in self._aside]
        return best_first(self.wish, fits)

    def _at(self, one: HostSnapshot) -> Fit | None:
        """Hosts without news are not looked at again."""
        known = self._looked.get(one.name)
        if known is not None and known[0] is one:
            return known[1]
        if self._aside.get(one.name) != _picture(one):
            self._aside.pop(one.name, None)
        seen = self._seen[one.name] = observed(self._seen.get(one.name, Observed()), one)
        fit = fitting(self.wish, one, seen)
        self._looked[one.name] = one, fit
        return fit

    def set_aside(self, host: str) -> None:
        """Launching there did not succeed: it counts again when something has changed."""
        if host in self._looked:
            self._aside[host] = _picture(self._looked[host][0])
        self._seen.pop(host, None)

    def hurry(self, fleet: Looking) -> None:
        """Have those tried often that are away: it may be they that are waited for."""
        for one in self._mine(fleet.snapshots()):
            if one.state is not HostState.UP:
                fleet.hurry(one.name)

    def standing(self, snapshots: Iterable[HostSnapshot]) -> str:
        """Of each host, the nearest to what is wanted first: how many are free, and who has the others."""
        told = sorted((self._of_host(one) for one in self._mine(snapshots)), key=lambda pair: -pair[0])
        useful = [text for free, text in told if free != NEVER] or [text for _, text in told]
        return " · ".join(useful)

    def _mine(self, snapshots: Iterable[HostSnapshot]) -> list[HostSnapshot]:
        ours = one_each([one for one in snapshots if one.name in self._hosts])
        return [one for one in ours if not (self._writable and one.readonly)]

    def _of_host(self, one: HostSnapshot) -> tuple[int, str]:
        if one.state is not HostState.UP:
            return UNSEEN, f"{one.name} is {one.state}"
        if short := shortfall(one, HOLDERS):
            return UNSEEN, short.message
        if not possible(self.wish, one.gpus):
            return NEVER, f"{one.name} has none such"
        free, held = in_the_way(self.wish, one.gpus)
        enough = not self.wish.explicit and free >= self.wish.count
        once = ", seen once so far" if enough and self._seen.get(one.name, Observed()).samples == 1 else ""
        return free, f"{one.name} has {free} of {free + len(held)}{once}" + (f" ({'; '.join(held)})" if held else "")

    def _check_hope(self, mine: Sequence[HostSnapshot]) -> None:
        """Once some host had such GPUs they may come back. Hosts that are away count only while no other answers."""
        self._hope = self._hope or any(possible(self.wish, one.gpus) for one in mine if one.gpus)
        if not mine:
            raise Refused("none of these hosts may be changed", "drop `readonly` from hosts.yaml or --readonly")
        if self._hope or not any(map(_told, mine)) or not all(_told(one) or _away(one) for one in mine):
            return
        have = "; ".join(f"{one.name}: {_inventory(one)}" for one in mine)
        who = "host" if all(map(_told, mine)) else "host that answers"
        raise TargetError(f"no {who} has such GPUs, however long one waits", f"there are {have}")


def wanted(order: WaitOrder, wish: GpuWish, environ: Mapping[str, str]) -> Want:
    """What is launched in the end. `environ`: of whoever asked."""
    return Want(order.name, wish, order.overrides, recipe=order.recipe, environ=environ)


def launch_there(
    fleet: Workspaces,
    wait: Wait,
    fits: Sequence[Fit],
    profile: str,
    want: Want,
    run: Callable[[Plan], Launched],
    say: Say,
) -> tuple[Plan, Launched] | None:
    """Launch on the best of `fits`, with just those GPUs. None: it can't be done there now, the wait goes on.

    `UsageError` where the profile is wrong; what breaks in the middle of a launch is raised, too."""
    plans = []
    for fit in fits:
        asked = GpuWish(uuids=tuple(device.uuid for device in fit.devices), policy=wait.wish.policy)
        try:
            plan = fleet.plan(fit.host, profile, replace(want, gpus=asked))
            _need_good(plan)
        except UsageError:
            raise
        except GpuwsError as error:
            wait.set_aside(fit.host)
            say(about(fit.host, str(error)))
        else:
            plans.append(plan)
    if not plans:
        return None
    plan = rank(plans)[0].plan
    try:
        return plan, run(plan)
    except Refused as error:  # somebody was faster
        wait.set_aside(plan.host)
        say(str(error))
        return None


def problems_other_than_gpus(plans: Iterable[Plan]) -> list[str]:
    """What waiting for GPUs does not mend; empty where some host has no such problem."""
    found = [[check.detail for check in plan.problems if check.name != "gpus"] for plan in plans]
    return [] if not all(found) else [problems[0] for problems in found]


def _need_good(plan: Plan) -> None:
    shared = [device.label for device in plan.devices if device.shared]
    if shared:
        raise Refused(f"{plan.host}: GPU {', '.join(shared)} was taken meanwhile")
    if plan.others:
        raise Refused(f"{plan.host}: {plan.others[0].detail}", "a wait takes GPUs only that nobody is on")
    if plan.problems:
        raise Refused(f"{plan.host}: {plan.problems[0].detail}", plan.problems[0].remedy)


def _picture(one: HostSnapshot) -> Picture:
    """Another one where something was done on the host."""
    gpus = tuple((gpu.uuid, tuple(holder.name for holder in gpu.held_by)) for gpu in one.gpus)
    return one.generation, gpus, tuple((container.id, container.status) for container in one.workspaces)


def _told(one: HostSnapshot) -> bool:
    """It has shown all its GPUs, or that it has none."""
    return "telemetry" in one.complete


def _away(one: HostSnapshot) -> bool:
    """Only somebody's hand, there or here, brings its GPUs."""
    unable = one.state.reached and not _told(one) and final(one, HOLDERS)
    return unable or one.state.final or one.state in (HostState.DOWN, HostState.ASKING)


def _inventory(one: HostSnapshot) -> str:
    if not one.gpus:
        return str(one.telemetry_error or "") or one.error or ("no GPU" if _told(one) else str(one.state))
    names = [gpu.name for gpu in one.gpus]
    return ", ".join(f"{names.count(name)} × {name}" for name in dict.fromkeys(names))
