"""The engine's verbs, against a real one."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Gone
from gpuws.engines.docker.existing.address import address_of
from gpuws.engines.docker.existing.listing import Listing
from gpuws.model.errors import GpuwsError
from gpuws.model.profile.profile import GpuWish, PortWish, Profile
from gpuws.model.workspace.logs import LogWindow
from tests.engines.docker.conftest import IMAGE, UUIDS
from tests.engines.docker.inside import until

pytestmark = pytest.mark.lab

SLEEP = Profile("sleeper", image=IMAGE, command=("sleep", "infinity"))


def only(bench, identity):
    return next(one for one in bench.engine.workspaces() if one.id == identity)


def test_info(bench):
    info = bench.engine.info()
    assert info.version == bench.daemon.cli("version", "-f", "{{.Server.Version}}")
    assert bench.engine._how().name == "hook"
    assert info.error is None


def test_listing_shows_what_the_docker_program_shows(clean):
    profile = Profile(
        "torch",
        image=IMAGE,
        command=("sleep", "infinity"),
        gpus=GpuWish(indices=(1, 3)),
        mem_limit=256 << 20,
        ports=(PortWish(8888), PortWish(6006, 16006)),
    )
    identity = clean.launch(profile)
    one = only(clean, identity)
    assert (one.name, one.status, one.oci.image, one.profile) == ("torch-alice", "running", IMAGE, "torch")
    assert (one.owner, one.owner_is_label) == ("alice", True)
    assert (one.gpus, one.memory_limit) == ((UUIDS[1], UUIDS[3]), 256 << 20)
    assert [(port.target, port.host_ip, port.published) for port in one.oci.ports] == [
        (6006, "127.0.0.1", 16006),
        (8888, None, None),
    ]
    shown = clean.daemon.cli("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Image}}")
    assert shown == f"{identity} torch-alice {IMAGE}"


def test_foreign_containers_and_their_gpus(clean):
    cli = clean.daemon.cli
    for name, gpus in (("two", "2"), ("every", "all"), ("named", f'"device={UUIDS[2]}"')):
        cli("run", "-d", "--name", name, "--gpus", gpus, IMAGE, "sleep", "infinity")
    cli("create", "--name", "none", IMAGE, "sleep", "infinity")
    found = {one.name: one for one in clean.engine.workspaces()}
    assert {name: one.gpus for name, one in found.items()} == {
        "two": ("0", "1"),
        "every": ("all",),
        "named": (UUIDS[2],),
        "none": (),
    }
    assert found["none"].status == "created"
    assert found["two"].owner is None


def test_life_and_reasons(clean):
    engine = clean.engine
    deaf = ("sh", "-c", 'trap "" TERM; sleep infinity')
    identity = clean.launch(Profile("deaf", image=IMAGE, command=deaf))
    engine.act(identity, "stop", grace=0)
    assert only(clean, identity).state == "exited"
    assert only(clean, identity).reason == "exited 137, SIGKILL"
    engine.act(identity, "start")
    assert (only(clean, identity).state, only(clean, identity).reason) == ("running", None)
    engine.act(identity, "kill")
    clean.daemon.cli("wait", identity)
    assert only(clean, identity).reason == "exited 137, SIGKILL"
    engine.act(identity, "restart", grace=0)
    assert only(clean, identity).enterable
    with pytest.raises(GpuwsError):
        engine.act(identity, "remove")
    engine.act(identity, "remove", force=True)
    assert engine.workspaces() == []


def test_out_of_memory_is_told(clean):
    eat = ("bash", "-c", "x=a; while :; do x=$x$x; done")
    identity = clean.launch(Profile("eater", image=IMAGE, command=eat, mem_limit=32 << 20))
    clean.daemon.cli("wait", identity)
    until(lambda: only(clean, identity).reason == "exited 137, out of memory", "the reason stays unknown")


def test_what_is_gone_is_said_to_be_gone(bench):
    acts = [partial(bench.engine.act, action=action) for action in ("start", "stop", "remove")]
    for call in (*acts, bench.engine.inspect):
        with pytest.raises(Gone) as caught:
            call("f" * 64)
        assert caught.value.message == "that container is gone from here"


def test_details_are_read_once(clean, monkeypatch):
    clean.daemon.cli("create", IMAGE, "sleep", "infinity")
    before = clean.engine.workspaces()
    monkeypatch.setattr(Client, "inspect", lambda client, one: pytest.fail("asked again"))
    assert clean.engine.workspaces() == before


@pytest.mark.alone
def test_changes_come_as_they_happen_and_end_at_once(clean):
    stop, seen, ended = threading.Event(), threading.Semaphore(0), threading.Event()

    def follow():
        for _ in clean.engine.changes(stop):
            seen.release()
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
    assert seen.acquire(timeout=10)  # the stream is open
    identity = clean.launch(SLEEP)
    assert seen.acquire(timeout=10)
    clean.daemon.cli("update", "--memory", "64m", "--memory-swap", "64m", identity)
    deadline = time.monotonic() + 10
    while only(clean, identity).memory_limit != 64 << 20:
        assert time.monotonic() < deadline
        seen.acquire(timeout=1)
    began = time.monotonic()
    stop.set()
    assert ended.wait(2)
    assert time.monotonic() - began < 1


def test_an_asked_for_stop_and_its_own_health_are_told(clean):
    """Deaf to SIGTERM, it ends like one that was killed: only the engine's events tell that somebody asked for it."""
    stop, news = threading.Event(), threading.Semaphore(0)

    def follow():
        for _ in clean.engine.changes(stop):
            news.release()

    def soon(holds):
        deadline = time.monotonic() + 10
        while not holds(only(clean, identity)):
            assert time.monotonic() < deadline, only(clean, identity)
            news.acquire(timeout=1)

    threading.Thread(target=follow, daemon=True).start()
    assert news.acquire(timeout=10)  # the stream is open
    health = ("--health-cmd", "false", "--health-interval", "100ms", "--health-retries", "1")
    deaf = ("--stop-timeout", "0", IMAGE, "sh", "-c", 'trap "" TERM; sleep infinity')
    identity = clean.daemon.cli("run", "-d", *health, *deaf).strip()
    soon(lambda one: one.oci.health == "unhealthy")
    assert not only(clean, identity).failed
    clean.daemon.cli("stop", identity)
    soon(lambda one: one.reason == "stopped, exited 137" and not one.failed)
    stop.set()


@pytest.mark.alone
def test_logs_follow_and_close_from_another_thread(clean):
    script = ("sh", "-c", "echo one; echo two >&2; echo three; sleep infinity")
    identity = clean.launch(Profile("talker", image=IMAGE, command=script))
    stream = clean.engine.logs(identity, LogWindow(follow=True))
    got = b""
    while got.count(b"\n") < 3:
        got += stream.recv()
    assert sorted(got.splitlines()) == [b"one", b"three", b"two"]
    threading.Timer(0.2, stream.close).start()
    began = time.monotonic()
    assert stream.recv() == b""
    assert time.monotonic() - began < 1


def test_logs_take_a_window(clean):
    identity = clean.launch(Profile("counter", image=IMAGE, command=("seq", "100")))
    clean.daemon.cli("wait", identity)

    def read(**window):
        stream, got = clean.engine.logs(identity, LogWindow(**window)), b""
        while data := stream.recv(7):
            got += data
        return got.decode().splitlines()

    assert read(tail=None) == [str(number) for number in range(1, 101)]
    assert read(tail=2) == ["99", "100"]
    assert read(tail=None, since=time.time() + 60) == []
    stamped = read(tail=1, timestamps=True)[0].split()
    assert stamped[1] == "100"
    assert stamped[0].startswith("20")


def test_logs_of_a_container_with_a_terminal(clean):
    identity = clean.daemon.cli("run", "-dt", IMAGE, "sh", "-c", "echo plain")
    clean.daemon.cli("wait", identity)
    assert clean.engine.logs(identity, LogWindow()).recv() == b"plain\r\n"


def test_a_log_can_time_out_and_go_on(clean):
    script = ("sh", "-c", "echo one; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo two; sleep infinity")
    identity = clean.launch(Profile("pauser", image=IMAGE, command=script))
    stream = clean.engine.logs(identity, LogWindow(follow=True))
    assert stream.recv() == b"one\n"
    stream.settimeout(0.2)
    with pytest.raises(TimeoutError):
        stream.recv()
    clean.engine.place(identity).run(["touch", "/tmp/go"])
    stream.settimeout(10)
    assert stream.recv() == b"two\n"
    stream.close()


def test_many_containers_and_an_engine_that_fails_amid_them(clean, monkeypatch):
    ids = {clean.daemon.cli("create", IMAGE, "sleep", "infinity") for _ in range(20)}
    assert ids <= {one.id for one in clean.engine.workspaces()}
    listing = Listing(clean.engine._client)
    monkeypatch.setattr(Listing, "_inspect", lambda self, one: (_ for _ in ()).throw(GpuwsError("broke")))
    with pytest.raises(GpuwsError, match="broke"):
        listing.read()


def test_secluded_networks_are_reached_by_published_ports_only(clean):
    identity = clean.launch(replace(SLEEP, ports=(PortWish(6006, 16006), PortWish(8000))))
    inspected = clean.engine.inspect(identity)
    assert address_of(inspected, 6006, "here", secluded=True) == ("127.0.0.1", 16006)
    with pytest.raises(GpuwsError, match="has no network to reach port 8000 by"):
        address_of(inspected, 8000, "here", secluded=True)


def test_addresses(clean):
    identity = clean.launch(SLEEP)
    expected = clean.daemon.cli("inspect", "-f", "{{.NetworkSettings.IPAddress}}", identity)
    assert clean.engine.address(identity, 8888)[1:] == (expected, 8888)
    sharing = clean.daemon.cli("run", "-d", "--network", f"container:{identity}", IMAGE, "sleep", "infinity")
    assert clean.engine.address(sharing, 8888)[1:] == (expected, 8888)
    on_host = clean.daemon.cli("run", "-d", "--network", "host", IMAGE, "sleep", "infinity")
    assert clean.engine.address(on_host, 8888)[1:] == ("127.0.0.1", 8888)
    lonely = clean.daemon.cli("run", "-d", "--network", "none", "--name", "lonely", IMAGE, "sleep", "infinity")
    with pytest.raises(GpuwsError, match="lonely on here has no network"):
        clean.engine.address(lonely, 8888)
    clean.engine.act(identity, "stop", grace=0)
    with pytest.raises(GpuwsError, match="sleeper-alice on here is not running"):
        clean.engine.address(identity, 8888)
