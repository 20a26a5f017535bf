"""A launch that somebody else's overtook is planned anew, a few times."""

from __future__ import annotations

from typing import Any

import pytest

from gpuws.cli.launch import launch as launching
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import Refused
from gpuws.model.ownership.others import Other
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Check, ContainerSpec, Plan
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Ref


def plan(number: int, *checks: Check, others: tuple[Other, ...] = ()) -> Plan:
    spec = ContainerSpec(str(number), "i", None, (), "hook", None, {}, frozenset(), {}, Profile("p", image="i"))
    return Plan("alpha", spec, checks, "", True, others=others)


class Busy:
    """Refuses the first plans."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.asked: list[str] = []

    def launch(self, plan: Plan, report: Any, cancel: Any) -> Launched:
        self.asked.append(plan.spec.name)
        if len(self.asked) <= self.refusals:
            raise Refused("alpha: taken since it was planned: GPU 3: bob's eval", "plan again")
        return Launched(Ref("alpha", "1" * 64))


def test_it_is_planned_again(capsys):
    fleet: Any = Busy(2)
    more = iter([plan(1), plan(2)])
    made, launched = launching._launch(fleet, plan(0), lambda: next(more), Options(), force=False)
    assert (made.spec.name, launched.ref.host, fleet.asked) == ("2", "alpha", ["0", "1", "2"])
    assert capsys.readouterr().err.count("taken since it was planned") == 2


def test_it_ends_where_nothing_fits_any_more():
    fleet: Any = Busy(1)
    full = plan(1, Check("gpus", "fail", "1 wanted, 0 fit", "wait"))
    with pytest.raises(Refused, match="1 wanted, 0 fit"):
        launching._launch(fleet, plan(0), lambda: full, Options(), force=False)
    assert fleet.asked == ["0"]


def test_it_does_not_go_on_for_ever():
    fleet: Any = Busy(1000)
    with pytest.raises(Refused, match="taken since"):
        launching._launch(fleet, plan(0), lambda: plan(1), Options(), force=False)
    assert len(fleet.asked) == launching.ATTEMPTS


def test_who_is_on_its_gpus_is_asked_once_and_anew_where_that_is_another():
    bob, carol = Other("bob", "GPU 0: bob: x 9G."), Other("carol", "GPU 1: carol: y 9G.")
    fleet: Any = Busy(2)
    same = iter([plan(1, others=(bob,)), plan(2, others=(bob,))])
    first, options = plan(0, others=(bob,)), Options(yes_not_mine="bob")
    made, _ = launching._launch(fleet, first, lambda: next(same), options, force=True)
    assert made.spec.name == "2"
    fleet = Busy(1)
    with pytest.raises(Refused, match="does not fit"):
        launching._launch(fleet, first, lambda: plan(1, others=(carol,)), options, force=True)
    assert fleet.asked == ["0"]
