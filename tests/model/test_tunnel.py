"""A tunnel knows its target by name; how it fares is told from what is known of the way there."""

from dataclasses import replace

import pytest

from gpuws.model.host.host import HostState
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.session.tunnel_state import Tried, bearer, judged, moved, spoken
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.documents import listings
from gpuws.tui.selection import Selection, containers
from gpuws.tui.sessions.doors import equivalent
from tests.factories import container, snapshot

JUP = TunnelTarget("alpha", "jup", 8888)
OLD, YOUNG = container("jup", id="1" * 64), container("jup", id="2" * 64)
ALPHA = snapshot(workspaces=(YOUNG,), complete=frozenset({"containers"}))
NOW = (ALPHA.generation, YOUNG.id)


def test_documents_have_the_target_as_a_person_types_it():
    target = TunnelTarget("alpha", "jup", 8888, "notebook")
    assert listings.tunnels([Tunnel("t", target, 20001)]) == {
        "hosts": [],
        "tunnels": [
            {
                "target": "alpha/jup:8888",
                "local_port": 20001,
                "state": "listening",
                "url": None,
                "bytes_in": 0,
                "bytes_out": 0,
                "error": None,
                "since": None,
                "connections": 0,
                "last_error": None,
                "speaks": None,
                "kept": False,
                "bind": "",
            }
        ],
    }


def test_it_leads_to_its_host_and_to_nowhere_while_nothing_bears_the_name():
    tunnel = Tunnel("t", JUP, 20001)
    assert tunnel.leads_to("alpha")
    assert not tunnel.leads_to("jup")
    assert tunnel.place is None
    assert replace(tunnel, workspace="2").place == PlaceRef("alpha", "2")
    assert Tunnel("t", TunnelTarget("alpha", None, 80), 20001).place == PlaceRef("alpha")


def test_its_container_is_the_one_to_which_it_leads_now():
    selected = Selection(snapshot(workspaces=(OLD, YOUNG)), tunnel=Tunnel("t", JUP, 20001, workspace=YOUNG.id))
    assert containers(selected) == (YOUNG,)
    assert equivalent(selected) == "gpuws tunnel alpha/jup 20001:8888"


def test_a_name_means_whoever_bears_it_and_lives_else_the_newest():
    dead = container("jup", id="3" * 64, state="exited")
    assert bearer(JUP, (dead, YOUNG, OLD)) == YOUNG
    assert bearer(JUP, (dead, replace(dead, ref=OLD.ref))) == dead
    assert bearer(JUP, (container("other"),)) is None
    odd = replace(YOUNG, name="two words")
    assert bearer(TunnelTarget("alpha", odd.typed, 80), (odd,)) == odd


@pytest.mark.parametrize(
    ("host", "tried", "linked", "state", "why"),
    [
        (ALPHA, None, True, "listening", None),
        (ALPHA, Tried(NOW), True, "up", None),
        (ALPHA, Tried(NOW, "refused"), True, "refuses", "refused"),
        (ALPHA, Tried(NOW, "no such container", gone=True), True, "gone", "no such container"),
        (ALPHA, Tried((ALPHA.generation, OLD.id)), True, "listening", None),  # by another of that name
        (ALPHA, Tried((ALPHA.generation - 1, YOUNG.id), "refused"), True, "listening", None),  # over another link
        (replace(ALPHA, workspaces=()), Tried(NOW), True, "gone", "alpha has no container jup"),
        (replace(ALPHA, workspaces=(), complete=frozenset()), None, True, "listening", None),  # not listed yet
        (
            replace(ALPHA, workspaces=(container("jup", state="exited", reason="exited 137"),)),
            Tried(NOW), True, "gone", "alpha/jup exited 137",
        ),
        (replace(ALPHA, state=HostState.DOWN, error="no answer"), Tried(NOW), False, "waiting", "alpha: no answer"),
        (replace(ALPHA, state=HostState.ASKING, error="log in"), None, False, "asking", "alpha: log in"),
        (replace(ALPHA, state=HostState.AUTH_FAILED, error="refused"), None, False, "asking", "alpha: refused"),
        (replace(ALPHA, state=HostState.CONNECTING, error=None, phase=""), None, False, "waiting",
         "alpha: not connected yet"),
        (None, None, False, "gone", "alpha is not in hosts.yaml any more"),
    ],
)  # fmt: skip
def test_its_state_is_what_the_evidence_says(host, tried, linked, state, why):
    assert judged(JUP, host, tried, linked=linked) == (state, why)


def test_a_host_itself_is_never_gone_for_want_of_a_container():
    target = TunnelTarget("alpha", None, 80)
    assert judged(target, replace(ALPHA, workspaces=()), None, linked=True) == ("listening", None)
    assert judged(target, ALPHA, Tried((ALPHA.generation, None)), linked=True) == ("up", None)


@pytest.mark.parametrize(
    ("known", "ports", "new"),
    [
        ([8888], [8888], {}),
        ([8888], [8889], {8888: 8889}),
        ([8888], [], {}),
        ([8888], [8889, 8890], {}),  # which one is it?
        ([8888, 8889], [8889], {}),  # the other one has a tunnel already
        ([8888, 8889], [8889, 8890], {8888: 8890}),
        ([8888, 8889], [8890, 8891], {}),
    ],
)
def test_a_server_that_moved_is_followed_where_it_can_be_told(known, ports, new):
    assert moved([TunnelTarget("alpha", "jup", port, "notebook") for port in known], ports) == new


def test_a_mere_port_stays_where_it_was_asked_for():
    assert moved([JUP], [8889]) == {}


@pytest.mark.parametrize(
    ("beginning", "word"),
    [
        (b"HTTP/1.1 200 OK\r\n", "http"), (b"\x16\x03\x03\x00z", "tls"), (b"\x15\x03\x03\x00\x02", "tls"),
        (b"SSH-2.0-OpenSSH", "ssh"), (b"", None), (b"+OK redis", None), (b"HTT", None),
    ],
)  # fmt: skip
def test_what_speaks_there_is_told_by_how_it_begins(beginning, word):
    assert spoken(beginning) == word
