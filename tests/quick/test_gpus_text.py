"""The quick road of `gpuws gpus --json`: only where all is known and fresh."""

from __future__ import annotations

import json
import os
import socket
import threading

import msgspec
import pytest

from gpuws import __version__
from gpuws.cli.listings.gpus import ready_text
from gpuws.config.paths import Paths
from gpuws.keeper.home import Home, find_home, listen, prepare
from gpuws.keeper.server.gpus_text import ready
from gpuws.keeper.wire.messages import Description, Failure, Hello, Prepare, Ready, Welcome
from gpuws.keeper.wire.typed import Wire, keeper_wire
from gpuws.model.host.completeness import NAMED
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import ScreenSettings
from gpuws.quick.framing import Broken
from gpuws.quick.greeting import PROTOCOL

NOW = 1_800_000_000.0
HOSTS = Description((Host("alpha", tags=("fast",)), Host("bravo"), Host("charlie", tags=("slow",))), ScreenSettings())


def snapshot(name: str, state: HostState = HostState.UP, complete: frozenset[str] = NAMED) -> HostSnapshot:
    return HostSnapshot(name, state, updated_at=NOW - 1, complete=complete)


ALL = (snapshot("alpha"), snapshot("bravo"), snapshot("charlie"))


def names(*given: object) -> list[str] | None:
    text = ready(*given, NOW).text  # type: ignore[arg-type]
    return None if text is None else [host["name"] for host in json.loads(text)["hosts"]]


def test_all_hosts_or_those_named_and_tagged_in_the_configurations_order():
    assert names(HOSTS, ALL, (), ()) == ["alpha", "bravo", "charlie"]
    assert names(HOSTS, ALL, ("charlie", "alpha"), ()) == ["alpha", "charlie"]
    assert names(HOSTS, ALL, ("bravo",), ("slow",)) == ["bravo", "charlie"]


@pytest.mark.parametrize(
    "worse",
    [
        snapshot("bravo", HostState.STALE), snapshot("bravo", HostState.DOWN), snapshot("bravo", HostState.CONNECTING),
        snapshot("bravo", HostState.ASKING), snapshot("bravo", complete=frozenset({"telemetry"})), snapshot("other"),
    ],
)  # fmt: skip
def test_what_is_not_fresh_goes_the_long_way_and_others_do_not(worse):
    found = (ALL[0], worse, ALL[2])
    assert names(HOSTS, found, (), ()) is None
    assert names(HOSTS, found, ("alpha",), ()) == ["alpha"]


def test_what_must_be_said_goes_the_long_way():
    assert names(HOSTS, ALL, ("nowhere",), ()) is None
    assert names(HOSTS, ALL, ("fast",), ()) is None
    assert names(HOSTS, ALL, (), ("alpha",)) is None
    assert names(Description((), ScreenSettings()), (), (), ()) is None
    assert names(Description(HOSTS.hosts, ScreenSettings(), ("LocalForward is ignored",)), ALL, (), ()) is None


@pytest.fixture
def home(tmp_path) -> Home:
    home = find_home(Paths(tmp_path / "config", tmp_path / "state", tmp_path / "run"))
    prepare(home)
    return home


def serve(home: Home, *answers: object) -> list[object]:
    """One connection: the messages that came; each of `answers` is sent after one of them, bytes as they are."""
    listener, came = listen(home), []

    def run() -> None:
        sock, _ = listener.accept()
        wire: Wire = keeper_wire(sock)
        try:
            for answer in answers:
                came.append(wire.receive(5))
                sock.sendall(answer) if isinstance(answer, bytes) else wire.send(answer)
        except Broken:
            pass
        wire.close()
        listener.close()

    threading.Thread(target=run, daemon=True).start()
    return came


def welcome(protocol: int = PROTOCOL, version: str = __version__) -> Welcome:
    return Welcome(protocol, version, os.getpid())


def test_it_speaks_the_keepers_language(home):
    came = serve(home, welcome(), Ready("text ✓"))
    assert ready_text(os.fspath(home.socket), ["alpha"], ["fast"]) == "text ✓"
    assert isinstance(came[0], Hello)
    assert came[1] == Prepare(("alpha",), ("fast",))


@pytest.mark.parametrize(
    "answers",
    [
        (), (welcome(PROTOCOL + 1),), (welcome(version="0.0.0"),), (welcome(), Ready()),
        (welcome(), Failure("UsageError", "hosts.yaml:1: no")), (welcome(),), (b"\0\0\0\1\xc1",),
        (b"\0\0\0\1\x07",), (b"\xff\xff\xff\xff",), (welcome(), b"\0\0\0\4\x81\xa4te"),
        (welcome(), b"\0\0\0\7" + msgspec.msgpack.encode({"text": 7})),
    ],
)  # fmt: skip
def test_anything_else_is_the_long_way(home, answers):
    serve(home, *answers)
    assert ready_text(os.fspath(home.socket), [], []) is None


def test_without_a_keeper_and_with_a_dead_one_it_is_the_long_way(home):
    assert ready_text(os.fspath(home.socket), [], []) is None
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(os.fspath(home.socket))
    sock.close()
    assert ready_text(os.fspath(home.socket), [], []) is None
