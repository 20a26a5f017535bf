"""The same over real SSH, on the lab's hosts: an old engine with NVIDIA's hook, a newer one with CDI and no CLI."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gpuws.engines.base import Site
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.jupyter.servers import find_servers
from gpuws.link.connect.connector import Connector
from gpuws.link.place import Link
from gpuws.model.errors import EngineMissing, GpuwsError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import DockerAccess, Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import Build, GpuWish, JupyterWish, Profile, TmuxWish, Volume
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.usage import usage
from tests.engines.docker.inside import read_until, until
from tests.lab import faults
from tests.lab.engine import docker
from tests.lab.fixture import Lab
from tests.lab.hosts import HOSTS

pytestmark = pytest.mark.lab

WORKSPACE = "gpuws-lab/workspace:latest"
PROFILE = Profile(
    "dockertest",
    image=WORKSPACE,
    gpus=GpuWish(indices=(0, 1)),  # others live there: they are named, so they are taken
    tmux=TmuxWish("main"),
    jupyter=JupyterWish(8888),
    mem_limit=512 << 20,
    volumes=(Volume("/workspace", "~/gpuws-docker-test", check="create"),),
    working_dir="/workspace",
    pull_policy="never",
)


@dataclass
class Remote:
    host: Host
    link: Link
    engine: DockerEngine
    site: Site


def nobody(question):
    raise AssertionError(f"nobody should have been asked: {question}")


@pytest.fixture(scope="module")
def connector() -> Iterator[Connector]:
    connector = Connector()
    yield connector
    connector.close()


def host_of(lab: Lab, name: str, **docker) -> Host:
    return Host(name, ssh_config=str(lab.ssh_config), docker=DockerAccess(**docker))


@pytest.fixture(scope="module", params=["alpha", "bravo"])
def remote(request, lab: Lab, connector: Connector) -> Iterator[Remote]:
    host = host_of(lab, request.param)
    link = connector.connect(host, nobody)
    engine = connect_engine(host, link, {})
    told = link.run(["sh", "-c", "id -un; id -u; id -g; echo $HOME; hostname"]).stdout.decode().split()
    facts = HostFacts(told[0], int(told[1]), int(told[2]), (), told[3], told[4])
    gpus = tuple(Gpu(index, uuid, "GPU") for index, uuid in enumerate(lab.hosts[request.param].uuids))
    yield Remote(host, link, engine, Site(host, facts, gpus, "alice", "desk"))
    with contextlib.suppress(GpuwsError):
        link.run(["rm", "-r", f"{facts.home}/gpuws-docker-test"])
    link.close()


@pytest.fixture(scope="module")
def workspace(remote: Remote) -> Iterator[str]:
    plan = remote.engine.plan(PROFILE, Want(), remote.site)
    assert plan.problems == ()
    identity = remote.engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    yield identity
    remote.engine.act(identity, "remove", force=True)


def test_how_gpus_are_handed_out(remote):
    assert remote.engine._how().name == {"alpha": "hook", "bravo": "cdi"}[remote.host.name]


def test_a_launch_gets_its_gpus(remote, workspace):
    wanted = {gpu.uuid for gpu in remote.site.gpus[:2]}
    one = next(one for one in remote.engine.workspaces() if one.id == workspace)
    assert set(one.gpus) == wanted
    assert (one.status, one.owner) == ("running", "alice")
    seen = remote.engine.place(workspace).run(["sh", "-c", "tr '\\0' '\\n' </proc/1/environ"]).stdout.decode()
    if remote.host.name == "alpha":
        line = next(line for line in seen.splitlines() if line.startswith("NVIDIA_VISIBLE_DEVICES="))
        assert set(line.partition("=")[2].split(",")) == wanted
    else:
        assert {line.partition("=")[2] for line in seen.splitlines() if line.startswith("GPUWS_LAB_GPU_")} == wanted
        assert "NVIDIA_VISIBLE_DEVICES=void" in seen


def test_i_am_myself_inside(remote, workspace):
    place = remote.engine.place(workspace)
    assert place.run(["sh", "-c", "id -u; pwd; touch mine; whoami; echo $USER"]).stdout.decode().split() == [
        str(remote.site.facts.uid),
        "/workspace",
        "alice",
        "alice",
    ]
    assert remote.link.run(["ls", f"{remote.site.facts.home}/gpuws-docker-test"]).stdout == b"mine\n"


def test_jupyter_answers_through_the_link_with_its_token(remote, workspace):
    place = remote.engine.place(workspace)

    def token():
        return next((server.token for server in find_servers(place, anyone=True)), "none yet")

    def status():
        try:
            stream = place.dial_tcp("localhost", 8888)
        except GpuwsError:
            return b""
        stream.sendall(f"GET /api/status?token={token()} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        got = b""
        while data := stream.recv():
            got += data
        return got

    until(lambda: b"200 OK" in status(), "JupyterLab never answered", 60)
    assert "last_activity" in json.loads(status().partition(b"\r\n\r\n")[2])
    logs = b""
    stream = remote.engine.logs(workspace, LogWindow(tail=None))
    while data := stream.recv():
        logs += data
    assert b"Jupyter Server" in logs
    assert token().encode() not in logs


LONELY = """
import socket
listener = socket.create_server(("127.0.0.1", 6006))
peer, _ = listener.accept()
while data := peer.recv(65536):
    peer.sendall(data)
"""


def test_a_server_on_the_containers_loopback_is_reached_too(remote, workspace):
    place = remote.engine.place(workspace)
    with pytest.raises(GpuwsError, match="nothing answers on port 6006 of that container"):
        place.dial_tcp("localhost", 6006)
    server = place.popen(["python3", "-c", LONELY])
    listening = "cat /proc/net/tcp | grep -q :1776"  # 6006 in hexadecimal
    until(lambda: place.run(["sh", "-c", listening]).ok, "the server never listened")
    stream = place.dial_tcp("localhost", 6006)
    data = bytes(range(256)) * 1024
    sender = threading.Thread(target=lambda: (stream.sendall(data), stream.shutdown_write()), daemon=True)
    sender.start()
    got = b""
    while piece := stream.recv():
        got += piece
    assert got == data
    assert server.wait(10) == 0
    stream.close()
    server.close()


ECHOES = """
import socket, threading
def echo(peer):
    while data := peer.recv(65536):
        peer.sendall(data)
    peer.close()
with socket.create_server(("127.0.0.1", 6006), backlog=50) as listener:
    while True:
        threading.Thread(target=echo, args=listener.accept()[:1]).start()
"""


def test_one_relay_serves_a_container_without_an_address_and_is_gone_with_its_link(remote, connector):
    """No network leads there, so all connections go through one program inside."""
    client = remote.engine._client
    body = {"Image": WORKSPACE, "Cmd": ["python3", "-c", ECHOES], "HostConfig": {"NetworkMode": "none"}}
    identity = client.create("/containers/create", body)
    link = connector.connect(remote.host, nobody)
    try:
        client.call("POST", f"/containers/{identity}/start")
        look = remote.engine.place(identity)
        until(lambda: look.run(["grep", "-q", ":1776", "/proc/net/tcp"]).ok, "the server never listened")
        place = connect_engine(remote.host, link, {}).place(identity)
        streams = [place.dial_tcp("localhost", 6006) for _ in range(30)]
        for number, stream in enumerate(streams):
            stream.sendall(bytes([number]) * 100_000)
            stream.shutdown_write()
        for number, stream in enumerate(streams):
            assert b"".join(iter(stream.recv, b"")) == bytes([number]) * 100_000
        assert relays(look) == 1
        link.close()
        until(lambda: relays(look) == 0, "the relay outlived its link", 35)
    finally:
        link.close()
        client.call("DELETE", f"/containers/{identity}", query={"force": True})


@pytest.fixture
def forbidding(lab: Lab, tmp_path: Path) -> Iterator[Host]:
    """alpha by a second sshd, which forwards nothing and opens three sessions at most."""
    refuse = ("AllowTcpForwarding=no", "AllowStreamLocalForwarding=no", "MaxSessions=3", "PidFile=/run/second-sshd")
    end = ["sh", "-c", "kill $(cat /run/second-sshd)"]
    faults.run("alpha", end, check=False)  # what a run that was cut short has left
    faults.run("alpha", ["/usr/sbin/sshd", "-p", "2023", *(word for option in refuse for word in ("-o", option))])
    addresses = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    inspected = docker("inspect", "-f", addresses, HOSTS["alpha"].container)
    key = f"[{lab.hosts['alpha'].address}]:{lab.hosts['alpha'].port}"
    config = tmp_path / "ssh_config"
    first = f"Host alpha\n  HostName {inspected}\n  HostKeyAlias {key}\n  Port 2023\n"
    config.write_text(first + lab.ssh_config.read_text())
    yield Host("alpha", ssh_config=str(config))
    faults.run("alpha", end)


def test_where_a_server_forwards_nothing_one_relay_leads_to_engine_and_containers(forbidding, connector):
    link = connector.connect(forbidding, nobody)
    engine = connect_engine(forbidding, link, {})
    client = engine._client
    body = {"Image": WORKSPACE, "Cmd": ["python3", "-c", ECHOES.replace("127.0.0.1", "0.0.0.0")]}
    identity = client.create("/containers/create", body)
    try:
        client.call("POST", f"/containers/{identity}/start")
        place = engine.place(identity)
        until(lambda: place.run(["grep", "-q", ":1776", "/proc/net/tcp"]).ok, "the server never listened")
        streams = [place.dial_tcp("localhost", 6006) for _ in range(10)]
        for stream in streams:
            stream.sendall(b"through")
            stream.shutdown_write()
        assert [b"".join(iter(stream.recv, b"")) for stream in streams] == [b"through"] * 10
        assert link.sessions == 1
        assert relays(place) == 0
    finally:
        client.call("DELETE", f"/containers/{identity}", query={"force": True})
        link.close()


def relays(place) -> int:
    found = place.run(["sh", "-c", "grep -l gpuws-rela[y] /proc/[0-9]*/cmdline 2>/dev/null | wc -l"])
    return int(found.stdout)


@pytest.mark.alone
def test_a_shell_and_tmux_through_the_api(remote, workspace):
    terminal = remote.engine.place(workspace).interactive(["tmux", "attach", "-t", "main"], Size(90, 28))
    read_until(terminal, b"[main]")  # what is typed before tmux has the terminal is lost
    while b"27 90" not in (shown := read_size(terminal)):  # tmux keeps a line for itself
        assert remote.host.name == "alpha", shown  # only an old engine tells the size after the start
    began = time.monotonic()
    terminal.close()
    assert time.monotonic() - began < 2
    place = remote.engine.place(workspace)
    until(lambda: place.run(["tmux", "list-clients"]).stdout == b"", "the client lives on")
    assert b"main" in place.run(["tmux", "ls"]).stdout


def test_much_goes_both_ways(remote, workspace):
    data = bytes(range(256)) * 4096
    assert remote.engine.place(workspace).run(["cat"], input=data).stdout == data


def test_one_is_looked_at_closely_held_still_and_called_otherwise(remote, workspace):
    engine, inspection = remote.engine, remote.engine.inspection
    before = inspection.usage([workspace, "0" * 64])  # of one that is gone nothing is told
    engine.place(workspace).run(["sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"])
    taken = usage(before, inspection.usage([workspace]))
    assert [*taken] == [workspace]
    assert (taken[workspace].cores or 0) > 0.01
    assert (taken[workspace].memory or 0) > 0
    name = next(one.name for one in engine.workspaces() if one.id == workspace)
    try:
        engine.act(workspace, "pause")
        held = next(one for one in engine.workspaces() if one.id == workspace)
        assert (held.status, held.alive, held.enterable, held.allows("unpause")) == ("paused", True, False, True)
        engine.act(workspace, "unpause")
        engine.rename(workspace, "called-otherwise")
        again = next(one for one in engine.workspaces() if one.id == workspace)
        assert (again.name, again.status, again.oci.restarts) == ("called-otherwise", "running", 0)
        assert abs((again.started or 0) - time.time()) < 600
    finally:
        engine.rename(workspace, name)
    told = inspection.details(workspace)
    assert [one.what for one in told.events] == ["create", "start", "pause", "unpause", "rename", "rename"]
    assert ("/workspace", True) in [(one.path, one.writable) for one in told.mounts]
    assert (told.pid or 0) > 0
    assert told.started == again.started
    assert [network.name for network in told.networks]


def read_size(terminal):
    terminal.sendall(b"stty size; echo size-$((1 + 1))\n")
    return read_until(terminal, b"size-2")


def test_changes_over_the_link(remote, workspace):
    stop, seen, ended = threading.Event(), threading.Semaphore(0), threading.Event()

    def follow():
        for _ in remote.engine.changes(stop):
            seen.release()
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
    assert seen.acquire(timeout=10)
    remote.engine.act(workspace, "restart", grace=0)
    assert seen.acquire(timeout=10)
    stop.set()
    assert ended.wait(2)


def test_connections_are_used_again(remote, monkeypatch):
    remote.engine.workspaces()
    dialled = []
    dial = remote.link._open if hasattr(remote.link, "_open") else None
    assert dial
    monkeypatch.setattr(remote.link, "_open", lambda *words: dialled.append(words) or dial(*words))
    for _ in range(20):
        remote.engine.workspaces()
    assert len(dialled) <= 1


def test_an_image_is_built_there(remote):
    spec = Build(dockerfile_inline=f"FROM {WORKSPACE}\nENV MADE={time.time()}\n")
    profile = replace(PROFILE, name="dockerbuilt", image=None, build=spec, pull_policy="missing", volumes=())
    plan = remote.engine.plan(profile, Want(), remote.site)
    stages: list[str] = []
    identity = remote.engine.launch(plan, lambda progress: stages.append(progress.stage), threading.Event()).ref.id
    remote.engine.act(identity, "remove", force=True)
    remote.engine.images.remove(plan.spec.image)
    assert "building" in stages


def test_a_lost_link_ends_the_changes_with_an_error(lab, connector):
    host = host_of(lab, "bravo")
    link = connector.connect(host, nobody)
    changes = connect_engine(host, link, {}).changes(threading.Event())
    next(changes)
    threading.Timer(0.3, link.close).start()
    began = time.monotonic()
    with pytest.raises(GpuwsError):
        next(changes)
    assert time.monotonic() - began < 3


def refusal(lab, connector, name, **docker):
    host = host_of(lab, name, **docker)
    link = connector.connect(host, nobody)
    try:
        with pytest.raises(GpuwsError) as caught:
            connect_engine(host, link)
    finally:
        link.close()
    return caught.value


def test_a_host_without_an_engine(lab, connector):
    error = refusal(lab, connector, "charlie")
    assert isinstance(error, EngineMissing)
    assert error.message == "charlie has no Docker"


def test_a_person_outside_the_group(lab, connector):
    error = refusal(lab, connector, "alpha-carol")
    assert not isinstance(error, EngineMissing)
    assert error.message == "carol may not use Docker on alpha-carol"
    assert error.remedy == "ask its admin for: sudo usermod -aG docker carol, then log in again"


def test_a_socket_that_is_not_there(lab, connector):
    error = refusal(lab, connector, "bravo", socket="/run/other.sock")
    assert error.message == "there is no socket /run/other.sock on bravo"


def test_sudo_that_asks_for_a_password_or_is_not_there(lab, connector):
    error = refusal(lab, connector, "alpha", sudo=True)
    assert "sudo" in error.message
