"""Everything the Fleet protocol offers crosses the socket, under the same names; nothing else does."""

import inspect
import re
import threading
import time
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.fleet.base import Fleet
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.local.fleet import LocalFleet
from gpuws.keeper.client.fleet import KeeperFleet
from gpuws.keeper.server.subscription import Subscription
from gpuws.keeper.wire.framing import encode
from gpuws.keeper.wire.messages import Call, Progressed
from gpuws.keeper.wire.verbs import SHOWN, VERBS, arguments, value_decoder
from gpuws.model.errors import Cancelled, UsageError
from gpuws.model.logs import LogWindow
from gpuws.model.plan import Want
from gpuws.model.profile import GpuWish
from gpuws.model.workspace import PlaceRef, Ref
from tests.keeper.serving import SOON, until

OWN_MESSAGES = {
    "start", "close", "snapshots", "subscribe", "questions", "answer", "reconnect", "watch", "tunnels", "waits",
}  # fmt: skip
"""What the connection that looks brings or takes, without an answer of its own."""

LOCAL_TO_THE_CALL = {"self", "report", "cancel"}


def methods(kind):
    return {name: one for name, one in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


PROTOCOL = methods(Fleet)


def test_every_method_of_the_protocol_crosses_and_nothing_else():
    assert set(VERBS) == set(PROTOCOL) - OWN_MESSAGES
    assert set(VERBS) > SHOWN


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_names_of_what_it_takes_are_the_protocols(verb):
    words = [name for name in inspect.signature(PROTOCOL[verb]).parameters if name not in LOCAL_TO_THE_CALL]
    assert set(VERBS[verb].takes) == set(words)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_kind_is_what_the_protocol_gives(verb):
    parameters = inspect.signature(PROTOCOL[verb]).parameters
    gives = PROTOCOL[verb].__annotations__["return"]
    kind = VERBS[verb].kind
    assert (kind == "long") == ("cancel" in parameters)
    assert {"Terminal": "terminal", "Process": "process", "Stream": "stream"}.get(gives) == (
        kind if kind in ("terminal", "process", "stream") else None
    )


@pytest.mark.parametrize("kind", [KeeperFleet, LocalFleet, DemoFleet])
@pytest.mark.parametrize("name", sorted(PROTOCOL))
def test_every_fleet_takes_what_the_protocol_says(kind, name):
    assert inspect.signature(methods(kind)[name]) == inspect.signature(PROTOCOL[name])


@pytest.mark.parametrize("verb", sorted(name for name in VERBS if VERBS[name].kind in ("plain", "long")))
def test_the_type_it_gives_is_the_protocols(verb):
    promised = PROTOCOL[verb].__annotations__["return"]
    given = VERBS[verb].gives
    name = given.__name__ if isinstance(given, type) and not get_args(given) else str(given)
    assert re.sub(r"\w+\.", "", name.replace("NoneType", "None")) == promised


def test_arguments_arrive_as_they_were():
    given = {
        "ref": Ref("alpha", "c" * 64),
        "window": LogWindow(tail=3, follow=True),
    }
    assert arguments("logs", encode(given)) == given
    want = Want("n", GpuWish(indices=(1, 2)), ("mem_limit=2g",), True, {"HOME": "/root"})
    given = {"host": "alpha", "profile": "base", "want": want}
    assert arguments("plan", encode(given)) == given


def test_a_plan_comes_back_as_it_was():
    plan = DemoFleet(tick=0).plan("alpha", "pytorch-2.8-cu128", Want())
    assert value_decoder("plan").decode(encode(plan)) == plan
    assert arguments("launch", encode({"plan": plan})) == {"plan": plan}


@given(st.sampled_from(sorted(VERBS)), st.binary(max_size=100))
def test_arguments_that_make_no_sense_are_told_apart(verb, data):
    try:
        found = arguments(verb, data)
    except msgspec.DecodeError:
        return
    assert set(found) == set(VERBS[verb].takes)


def test_missing_and_unknown_arguments_are_refused():
    with pytest.raises(msgspec.DecodeError):
        arguments("history", encode({}))
    with pytest.raises(msgspec.DecodeError):
        arguments("history", encode({"host": "alpha", "more": 1}))
    with pytest.raises(KeyError):
        arguments("close", encode({}))


# through a keeper


def test_values_come_back_as_the_fleet_gave_them(keeper):
    client, fleet = keeper.client(), keeper.fleet
    ref = next(c.ref for s in fleet.snapshots() for c in s.workspaces if c.name == "torch-dev")
    assert client.candidates() == fleet.candidates()
    assert client.profiles() == fleet.profiles()
    assert client.history("alpha") == fleet.history("alpha")
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
    client = KeeperFleet(serving.door(), environ={"TOKEN": "mine"})
    client.plan("alpha", "base", Want())
    client.plan("alpha", "base", Want(environ={"TOKEN": "given"}))
    assert wanted == [{"TOKEN": "mine"}, {"TOKEN": "given"}]


def test_progress_comes_while_it_works_and_cancelling_stops_it(serve):
    serving = serve(DemoFleet(tick=0.02))
    client = serving.client(start=False)
    plan = client.plan("alpha", "pytorch-2.7-cu118", Want(name="new", gpus=GpuWish(indices=(3,))))
    seen = []
    ref = client.launch(plan, seen.append, threading.Event())
    assert list(dict.fromkeys(one.stage for one in seen)) == ["checking", "pulling", "creating", "starting", "done"]
    assert ref.host == "alpha"
    cancel = threading.Event()
    plan = client.plan("alpha", "base", Want(name="never"))
    with pytest.raises(Cancelled):
        client.launch(plan, lambda _: cancel.set(), cancel)
    with pytest.raises(UsageError, match="known profiles"):
        client.plan("alpha", "nope", Want())
    assert not any(c.name == "never" for s in serving.fleet.snapshots() for c in s.workspaces)


def test_a_launch_ends_with_the_program_that_watched_it(serve):
    serving = serve(DemoFleet(tick=0.4))
    client = serving.client(start=False)
    plan = client.plan("alpha", "base", Want(name="never"))
    wire = serving.greeted("launcher")
    wire.send(Call("launch", msgspec.Raw(encode({"plan": plan}))))
    assert isinstance(wire.receive(SOON), Progressed)
    wire.close()
    until(lambda: not any(thread.name == "launch" for thread in threading.enumerate()), "its end")
    assert not any(c.name == "never" for s in serving.fleet.snapshots() for c in s.workspaces)


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
    assert "fresh" in {session.name for session in client.snapshots()[0].sessions}


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
