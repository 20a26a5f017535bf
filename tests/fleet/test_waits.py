"""One wait: where it looks, when it gives up at once, and a launch that another one forestalled."""

from dataclasses import replace

import pytest

from gpuws.fleet.background.gpu_wait import Wait, launch_there, problems_other_than_gpus
from gpuws.model.errors import GpuwsError, Refused, TargetError, UsageError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Gpu, Holder
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.others import Other
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Check, ContainerSpec, Plan, Want
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.workspace.workspace import Ref

FREE = tuple(Gpu(i, f"GPU-{i}", "H100", memory_used=0, memory_total=80 << 30) for i in range(2))
BUSY = tuple(replace(gpu, held_by=(Holder("process", "train.py", "bob"),), memory_used=9 << 30) for gpu in FREE)


def host(name, when=1.0, gpus=FREE, **changes):
    return replace(HostSnapshot(name, HostState.UP, updated_at=when, gpus=gpus, complete=HOLDERS), **changes)


def plan_for(name, wish, *checks):
    profile = Profile("p", image="i", gpus=wish)
    spec = ContainerSpec("n", "i", None, wish.uuids, None, None, {}, frozenset(), {}, profile)
    return Plan(name, spec, checks, "docker run i", image_present=True)


class Hosts:
    """As much of a fleet as a launch needs."""

    def __init__(self, *snapshots, refuse=()):
        self.shown = snapshots
        self.refuse = list(refuse)
        self.checks = ()
        self.others = ()
        self.planned = []

    def snapshots(self):
        return self.shown

    def plan(self, name, profile, want):
        self.planned.append((name, want.gpus))
        if profile == "broken":
            raise UsageError("no such profile")
        return replace(plan_for(name, want.gpus, *self.checks), others=self.others)

    def run(self, plan):
        if self.refuse:
            raise self.refuse.pop()
        return Launched(Ref(plan.host, "c" * 64))


def free_on(wait, *names):
    for when in (1.0, 3.0):
        shown = [host(name, when) for name in names]
        fits = wait.look(shown)
    return shown, fits


def test_only_the_hosts_that_were_asked_for():
    wait = Wait(GpuWish(count=1), ["bravo"])
    assert [fit.host for fit in free_on(wait, "alpha", "bravo")[1]] == ["bravo"]


def test_a_read_only_host_is_told_of_but_nothing_is_launched_there():
    seen = [host("alpha", when, readonly=True) for when in (1.0, 3.0)]
    looking, launching = Wait(GpuWish(count=1), ["alpha"]), Wait(GpuWish(count=1), ["alpha"], writable=True)
    assert not looking.look(seen[:1])
    assert looking.look(seen[1:])
    with pytest.raises(Refused, match="none of these hosts may be changed"):
        launching.look(seen)


def test_hopeless_only_once_every_host_has_shown_what_it_has():
    wait = Wait(GpuWish(count=4), ["alpha", "bravo"])
    away = host("bravo", gpus=(), state=HostState.CONNECTING, complete=frozenset(), updated_at=None)
    assert wait.look([host("alpha"), away]) == ()
    with pytest.raises(TargetError, match="no host has such GPUs") as caught:
        wait.look([host("alpha"), host("bravo", gpus=())])
    assert caught.value.remedy == "there are alpha: 2 × H100; bravo: no GPU"


def test_a_host_that_is_away_is_waited_for_only_where_no_other_answers():
    away = host("bravo", gpus=(), state=HostState.DOWN, complete=frozenset(), updated_at=None)
    wait = Wait(GpuWish(count=4), ["alpha", "bravo"])
    assert wait.look([replace(away, name="alpha"), away]) == ()
    with pytest.raises(TargetError, match="no host that answers has such GPUs") as caught:
        wait.look([host("alpha"), away])
    assert caught.value.remedy == "there are alpha: 2 × H100; bravo: down"


@pytest.mark.parametrize("owes", [frozenset({"containers"}), frozenset()])
def test_nothing_is_hopeless_while_a_host_has_not_told_its_gpus(owes):
    """As where a driver takes seven seconds to start: the host is up, and shows no GPU yet."""
    wait = Wait(GpuWish(count=4), ["alpha", "bravo"])
    late = host("bravo", gpus=(), complete=owes, telemetry_error=Fault("starting", "waiting for NVML"))
    assert wait.look([host("alpha"), late]) == ()
    assert "bravo: its GPUs" in wait.standing([host("alpha"), late])
    assert "not read yet: waiting for NVML" in wait.standing([late])
    wait.look([host("alpha", 3.0), host("bravo", 3.0, gpus=(*FREE, *FREE))])


def test_gpus_that_can_not_be_read_are_away():
    broken = host(
        "bravo",
        gpus=(),
        complete=frozenset({"containers"}),
        coverage="failed",
        telemetry_error=Fault("reboot-pending", "mismatch"),
    )
    with pytest.raises(TargetError, match="no host that answers") as caught:
        Wait(GpuWish(count=4), ["alpha", "bravo"]).look([host("alpha"), broken])
    assert caught.value.remedy == "there are alpha: 2 × H100; bravo: mismatch"


def test_a_driver_that_is_away_for_a_moment_ends_no_wait():
    wait = Wait(GpuWish(count=2), ["alpha"])
    wait.look([host("alpha", gpus=BUSY)])
    assert wait.look([host("alpha", 3.0, gpus=(), telemetry_error=Fault("starting", "driver reloads"))]) == ()


def test_nothing_to_wait_for():
    with pytest.raises(UsageError):
        Wait(GpuWish(), ["alpha"])


def test_what_it_says_meanwhile_the_nearest_host_first():
    wait = Wait(GpuWish(count=2), ["a", "b", "c", "d"])
    half = (BUSY[0], FREE[1])
    for when in (1.0, 3.0):
        shown = [host("a", when, BUSY), host("b", when, half), host("c", when, ()), host("d", state=HostState.DOWN)]
        wait.look(shown)
    told = wait.standing(shown)
    assert (
        told
        == "b has 1 of 2 (0 bob: train.py 9.0G) · a has 0 of 2 (0 bob: train.py 9.0G; 1 bob: train.py 9.0G) · d is down"
    )


def test_it_says_why_what_is_free_is_not_taken_yet():
    wait = Wait(GpuWish(count=1), ["alpha"])
    assert wait.look([host("alpha", gpus=FREE)]) == ()
    assert wait.standing([host("alpha", gpus=FREE)]) == "alpha has 2 of 2, seen once so far"


def test_it_launches_on_just_the_gpus_that_were_free_long_enough():
    wait = Wait(GpuWish(count=2, policy="pack"), ["alpha", "bravo"], writable=True)
    shown, fits = free_on(wait, "alpha", "bravo")
    fleet = Hosts(*shown)
    plan, made = launch_there(fleet, wait, fits, "p", Want(), fleet.run, pytest.fail)
    assert (plan.host, made.ref.host) == ("alpha", "alpha")
    assert fleet.planned == [(name, GpuWish(uuids=("GPU-0", "GPU-1"), policy="pack")) for name in ("alpha", "bravo")]


def test_beaten_by_another_it_goes_on_and_tries_again_when_something_changed():
    wait = Wait(GpuWish(count=1), ["alpha"], writable=True)
    shown, fits = free_on(wait, "alpha")
    fleet, said = Hosts(*shown, refuse=[Refused("alpha: GPU 0 was taken")]), []
    assert launch_there(fleet, wait, fits, "p", Want(), fleet.run, said.append) is None
    assert said == ["alpha: GPU 0 was taken"]
    assert not any(wait.look([host("alpha", when)]) for when in (5.0, 7.0, 9.0))  # nothing is asked again and again
    wait.look([host("alpha", 11.0, BUSY)])
    for when in (13.0, 15.0):
        fleet.shown = (host("alpha", when, (BUSY[0], FREE[1])),)
        fits = wait.look(fleet.shown)
    assert launch_there(fleet, wait, fits, "p", Want(), fleet.run, said.append)
    assert fleet.planned[-1] == ("alpha", GpuWish(uuids=("GPU-1",)))


def test_a_host_where_a_check_fails_is_passed_over():
    wait = Wait(GpuWish(count=1), ["alpha"], writable=True)
    shown, fits = free_on(wait, "alpha")
    fleet, said = Hosts(*shown), []
    fleet.checks = (Check("volumes", "fail", "/data is not there", "mount it"),)
    assert launch_there(fleet, wait, fits, "p", Want(), fleet.run, said.append) is None
    assert said == ["alpha: /data is not there — mount it"]
    fleet.checks, fleet.others = (), (Other("bob", "GPU 1: bob: train.py 9G."),)  # a variable reaches it
    assert launch_there(fleet, wait, fits, "p", Want(), fleet.run, said.append) is None
    assert said[1].startswith("alpha: GPU 1: bob")


def test_a_wrong_profile_ends_it_and_so_does_a_launch_that_breaks():
    wait = Wait(GpuWish(count=1), ["alpha"], writable=True)
    shown, fits = free_on(wait, "alpha")
    with pytest.raises(UsageError):
        launch_there(Hosts(*shown), wait, fits, "broken", Want(), pytest.fail, pytest.fail)
    fleet = Hosts(*shown, refuse=[GpuwsError("no space left")])
    with pytest.raises(GpuwsError, match="no space left"):
        launch_there(fleet, wait, fits, "p", Want(), fleet.run, pytest.fail)


def test_problems_that_waiting_does_not_mend():
    wish, gpus, data = GpuWish(count=1), Check("gpus", "fail", "0 fit"), Check("volumes", "fail", "no /data")
    assert problems_other_than_gpus([plan_for("a", wish, gpus, data)]) == ["no /data"]
    assert problems_other_than_gpus([plan_for("a", wish, gpus, data), plan_for("b", wish, gpus)]) == []
