"""Everything the Fleet protocol offers crosses the socket as its annotations say, and comes back equal."""

import inspect
import subprocess
import sys
import threading
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuws.fleet.base import Fleet
from gpuws.fleet.crossing import crossing_of
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.local.fleet import LocalFleet
from gpuws.keeper.client.fleet import KeeperFleet
from gpuws.keeper.server.subscription import Subscription
from gpuws.keeper.wire.messages import Begun, Call, FromClient, FromKeeper, Progressed
from gpuws.keeper.wire.typed import encode
from gpuws.keeper.wire.verbs import STREAMS, verb, verbs
from gpuws.model.errors import Cancelled, UsageError
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.profile.profile import GpuWish
from gpuws.model.timeline import Subject
from gpuws.model.workspace.workspace import PlaceRef, Ref
from tests.keeper.crossing import whole
from tests.keeper.serving import SOON, until


def methods(kind):
    return {name: one for name, one in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


PROTOCOL = methods(Fleet)
VIEW = {name for name, method in PROTOCOL.items() if crossing_of(method).view}


def test_every_method_of_the_protocol_is_a_verb_or_part_of_the_view():
    assert verbs() | VIEW == PROTOCOL.keys()
    assert not verbs() & VIEW
    assert methods(KeeperFleet).keys() == VIEW  # what is not written there is passed on


@pytest.mark.parametrize("kind", [LocalFleet, DemoFleet])
@pytest.mark.parametrize("name", sorted(PROTOCOL))
def test_every_fleet_takes_what_the_protocol_says(kind, name):
    assert inspect.signature(methods(kind)[name]) == inspect.signature(PROTOCOL[name])


@pytest.mark.parametrize("name", sorted(VIEW))
def test_the_view_takes_what_the_protocol_says(name):
    assert inspect.signature(methods(KeeperFleet)[name]) == inspect.signature(PROTOCOL[name])


@pytest.mark.parametrize("name", sorted(PROTOCOL))
def test_every_method_says_what_it_means(name):
    assert inspect.getdoc(PROTOCOL[name])


def test_kinds_are_told_by_the_annotations():
    kinds = {name: verb(name).kind for name in verbs()}
    assert {name for name, kind in kinds.items() if kind == "long"} == {
        *("build_image", "copy_files", "copy_image", "disk_usage", "follow_task", "launch", "pull_image", "recreate"),
        *("remove_image", "try_host", "verify"),
    }  # fmt: skip
    assert {name: kind for name, kind in kinds.items() if kind not in ("plain", "long")} == {
        "logs": "stream", "task_log": "stream", "dial_engine": "stream", "dial_port": "stream",
        "popen": "process", "read_files": "process", "write_files": "process",
        "interactive": "terminal", "attach": "terminal",
    }  # fmt: skip
    assert verb("launch").takes.keys() == {"plan"}
    assert verb("launch").progress is Progress


def test_arguments_are_those_of_any_call():
    given, local = verb("act").bind((Ref("alpha", "c"), "stop"), {"grace": 2.0}, {})
    assert (given, local) == ({"ref": Ref("alpha", "c"), "action": "stop", "force": False, "grace": 2.0}, {})
    cancel = threading.Event()
    given, local = verb("pull_image").bind(("alpha", "busybox", print, cancel), {}, {})
    assert (given, local) == ({"host": "alpha", "reference": "busybox"}, {"report": print, "cancel": cancel})
    assert verb("add_hosts").bind((["a", "b"],), {}, {}) == ({"names": ("a", "b")}, {})
    with pytest.raises(TypeError):
        verb("act").bind((Ref("alpha", "c"),), {}, {})
    with pytest.raises(TypeError):
        verb("run").bind((PlaceRef("alpha"), ["true"]), {"more": 1}, {})


# what crosses comes back equal

slow = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


CROSSING = {
    str(type_): type_
    for called in map(verb, verbs())
    for type_ in (*called.takes.values(), *({called.gives} - {*STREAMS}), called.progress or str)
}


@pytest.mark.parametrize("type_", [CROSSING[name] for name in sorted(CROSSING)], ids=sorted(CROSSING))
@given(data=st.data())
@slow
def test_what_verbs_take_and_give_comes_back_equal(type_, data):
    sent = data.draw(whole(type_))
    found = msgspec.msgpack.decode(encode(sent), type=type_)
    assert (found, type(found)) == (sent, type(sent))


@pytest.mark.parametrize("message", [*FromClient.__args__, *FromKeeper.__args__])
@given(data=st.data())
@slow
def test_messages_come_back_equal(message, data):
    sent = data.draw(whole(message))
    assert msgspec.msgpack.decode(encode(sent), type=FromClient | FromKeeper) == sent


def test_a_plan_comes_back_as_it_was():
    plan = DemoFleet(tick=0).plan("alpha", "pytorch-2.8-cu128", Want())
    assert verb("plan").value(encode(plan)) == plan
    assert verb("launch").arguments(encode({"plan": plan})) == {"plan": plan}


@given(st.sampled_from(sorted(verbs())), st.binary(max_size=100))
def test_arguments_that_make_no_sense_are_told_apart(name, data):
    try:
        found = verb(name).arguments(data)
    except msgspec.DecodeError:
        return
    assert set(found) == set(verb(name).takes)


def test_missing_and_unknown_arguments_are_refused():
    with pytest.raises(msgspec.DecodeError):
        verb("history").arguments(encode({}))
    with pytest.raises(msgspec.DecodeError):
        verb("history").arguments(encode({"host": "alpha", "subject": [None, None, None], "window": "5m", "more": 1}))


@pytest.mark.parametrize("name", ["close", "snapshots", "nothing", "_is_protocol", "__init__"])
def test_what_is_no_verb_is_not_called(name):
    with pytest.raises(KeyError):
        verb(name)
    with pytest.raises(AttributeError):
        KeeperFleet.__getattr__(object.__new__(KeeperFleet), name)


def loaded(code):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_who_only_looks_loads_no_verbs():
    modules = loaded("import gpuws.keeper.client.fleet")
    assert (
        modules & {"gpuws.fleet.base", "gpuws.keeper.wire.verbs", "gpuws.model.placement.plan", "gpuws.link"} == set()
    )


def test_a_verb_is_derived_when_it_is_called_and_not_before():
    asked = "from gpuws.keeper.wire.verbs import verb; verb('history'); assert verb.cache_info().currsize == 1"
    modules = loaded(f"import gpuws.keeper.client.calls; {asked}")
    assert not [name for name in modules if name.startswith(("gpuws.engines", "gpuws.fleet.local"))]


# through a keeper


def test_values_come_back_as_the_fleet_gave_them(keeper):
    client, fleet = keeper.client(), keeper.fleet
    ref = next(c.ref for s in fleet.snapshots() for c in s.workspaces if c.name == "torch-dev")
    assert client.configured() == fleet.configured()
    assert client.profiles() == fleet.profiles()
    gpu = Subject(fleet.snapshots()[0].gpus[0].uuid)
    assert fleet.history("alpha", gpu, "1h").of("power").peak
    assert client.history("alpha", gpu, "1h") == fleet.history("alpha", gpu, "1h")
    assert client.images("alpha") == fleet.images("alpha")
    assert client.inspect(ref) == fleet.inspect(ref)
    assert client.capture(ref, compose=True) == fleet.capture(ref)
    assert client.drift(ref) == fleet.drift(ref)
    assert client.plan("alpha", "base", Want(name="x", environ={"A": "b"})) == fleet.plan(
        "alpha", "base", Want(name="x")
    )
    assert client.run(PlaceRef("alpha"), ["echo", "hi"]).stdout == b"hi\n"
    name = fleet.images("alpha")[0].name
    assert client.newer_image("alpha", name) == fleet.newer_image("alpha", name)


def test_a_plan_is_made_with_the_programs_own_environment(serve):
    wanted = []

    class Noting(DemoFleet):
        def plan(self, host, profile, want):
            wanted.append(want.environ)
            return super().plan(host, profile, want)

    serving = serve(Noting(tick=0))
    client = KeeperFleet(serving.dialer(), environ={"TOKEN": "mine"})
    client.plan("alpha", "base", Want())
    client.plan("alpha", "base", Want(environ={"TOKEN": "given"}))
    assert wanted == [{"TOKEN": "mine"}, {"TOKEN": "given"}]


def test_progress_comes_while_it_works_and_cancelling_stops_it(serve):
    serving = serve(DemoFleet(tick=0.02))
    client = serving.client(start=False)
    plan = client.plan("alpha", "pytorch-2.7-cu118", Want(name="new", gpus=GpuWish(indices=(3,))))
    seen = []
    ref = client.launch(plan, seen.append, threading.Event()).ref
    assert list(dict.fromkeys(one.stage for one in seen)) == ["checking", "pulling", "creating", "starting", "done"]
    assert ref.host == "alpha"
    cancel = threading.Event()
    plan = client.plan("alpha", "base", Want(name="never"))
    with pytest.raises(Cancelled):
        client.launch(plan, lambda _: cancel.set(), cancel)
    with pytest.raises(UsageError, match="known profiles"):
        client.plan("alpha", "nope", Want())
    assert not any(c.name == "never" for s in serving.fleet.snapshots() for c in s.workspaces)


def test_a_launch_goes_on_without_the_program_that_began_it(serve):
    serving = serve(DemoFleet(tick=0.1))
    client = serving.client(start=False)
    plan = client.plan("alpha", "base", Want(name="anyway"))
    wire = serving.greeted("launcher")
    wire.send(Call("launch", msgspec.Raw(encode({"plan": plan}))))
    assert isinstance(wire.receive(SOON), Begun)
    assert isinstance(wire.receive(SOON), Progressed)
    wire.close()
    until(lambda: serving.fleet.tasks()[-1].state == "done", "its end")
    assert any(c.name == "anyway" for s in serving.fleet.snapshots() for c in s.workspaces)


def test_a_program_that_does_not_listen_stalls_no_task(serve):
    """One that was stopped in its terminal, its socket full."""
    fleet = DemoFleet(tick=0)
    serving = serve(fleet)

    class Chatty:
        def __call__(self, report, cancel):
            for number in range(3000):
                report(Progress("building", f"{number} {'x' * 900}"))
            return Ref("alpha", "new")

    fleet._work_of = lambda call: Chatty()
    plan = fleet.plan("alpha", "base", Want(name="new"))
    wire = serving.greeted("stopped")
    wire.send(Call("launch", msgspec.Raw(encode({"plan": plan}))))
    until(lambda: [one.state for one in fleet.tasks()][-1:] == ["done"], "its end")
    wire.close()


def test_a_value_too_large_to_send_is_an_error_with_a_reason(serve, monkeypatch):
    from gpuws.model.errors import GpuwsError

    monkeypatch.setattr("gpuws.quick.framing.LARGEST", 1000)

    class Loud(DemoFleet):
        def capture(self, ref, *, compose=False):
            return "x" * 5000

    client = serve(Loud(tick=0)).client(start=False)
    with pytest.raises(GpuwsError, match="too large"):
        client.capture(Ref("alpha", "c"))


# what was done is seen


@pytest.fixture
def slow_news(monkeypatch):
    """News that would come after the verb's answer."""
    send = Subscription._send
    monkeypatch.setattr(Subscription, "_send", lambda self, snapshot: (time.sleep(0.1), send(self, snapshot)))


def states(fleet):
    return {container.name: container.status for container in fleet.snapshots()[0].workspaces}


def test_what_a_verb_did_is_seen_when_it_returns(keeper, slow_news):
    client = keeper.client()
    box = next(one for one in client.snapshots()[0].workspaces if one.enterable)
    for action, state in (("stop", "exited"), ("start", "running")):
        client.act(Ref("alpha", box.id), action)
        assert states(client)[box.name] == states(keeper.fleet)[box.name] == state
    client.new_session(PlaceRef("alpha"), "fresh")
    client.rename_session(PlaceRef("alpha"), "fresh", "older")
    assert "older" in {session.name for session in client.snapshots()[0].sessions}
    assert client.read_sessions("alpha")


def test_who_does_not_look_waits_for_no_news(keeper):
    client = keeper.client(start=False)
    told = []
    client._view.tell = told.append
    client.new_session(PlaceRef("alpha"), "fresh")
    assert told == []


def test_a_keeper_that_goes_holds_nobody_up(keeper):
    """Between its answer and the news of it."""
    client = keeper.client()
    client._view.tell = lambda message: keeper.server.close()
    began = time.monotonic()
    client._view.catch_up(SOON)
    assert time.monotonic() - began < SOON / 2
