"""Through a jump host: gpuws' own ssh is handed a connection there, so that nobody logs in there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.openssh.crossing import Crossing
from gpuws.link.openssh.link import OpensshLink
from gpuws.model.errors import HostError, Unreachable
from gpuws.model.host.host import Host
from gpuws.model.host.question import Question
from tests.link import sshd
from tests.link.conftest import nobody
from tests.link.openssh.test_end import await_true
from tests.link.sshd import Keys, Server


@pytest.fixture(scope="module")
def inner(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd.serve(tmp_path_factory.mktemp("inner"), keys) as server:
        yield server


@pytest.fixture(params=["paramiko", *(pytest.param(way, marks=pytest.mark.soak) for way in ("openssh", "along"))])
def fleet(server: Server, inner: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Connector]:
    """`gate`, and `box` behind it by ssh; the gate by each backend, and over an ssh of the user's own."""
    path, theirs = tmp_path / "ctl", None
    if request.param == "along":
        server.write_config(f"ControlPath {path}")
        theirs = subprocess.Popen(
            ["ssh", "-F", server.config, "-M", "-N", "-oControlPersist=no", server.alias],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await_true(path.exists)
    backend = "paramiko" if request.param == "paramiko" else "openssh"
    gate = Host("gate", hostname=server.alias, ssh_config=str(server.config), backend=backend)
    connector = Connector([gate, Host("box", ssh_config=str(inner.config), jump="gate", backend="openssh")])
    try:
        yield connector
    finally:
        connector.close()
        if theirs is not None:
            theirs.kill()
            theirs.wait()


def logins(server: Server) -> int:
    return (server.folder / "log").read_text().count("Accepted publickey")


def test_the_link_that_is_there_is_shared_and_nothing_is_left(
    fleet: Connector, server: Server, inner: Server, monkeypatch: pytest.MonkeyPatch
):
    crossings: list[Crossing] = []
    made = Crossing.__init__
    monkeypatch.setattr(Crossing, "__init__", lambda self, *given: (crossings.append(self), made(self, *given))[1])
    gate = fleet.connect(fleet._hosts["gate"], nobody)
    before = logins(server)
    first, second = (fleet.connect(fleet._hosts["box"], nobody) for _ in range(2))
    assert isinstance(first, OpensshLink)
    assert first.run(["head", "-c", "3000000", "/dev/zero"]).stdout == bytes(3000000)
    assert second.run(["sh", "-c", "echo $SSH_CONNECTION"]).stdout.split()[-1] == str(inner.port).encode()
    assert logins(server) == before
    assert len(crossings) == 2
    assert not any(Path(crossing._path).exists() for crossing in crossings)

    for link in (first, second):
        link.close()
    await_true(lambda: all(link._master.over.is_set() for link in (first, second)))
    await_true(lambda: not inner.children())
    assert gate.run(["echo", "there"]).stdout == b"there\n"


def test_the_socket_is_mine_alone_and_gone_where_nothing_came_of_it(fleet: Connector, monkeypatch: pytest.MonkeyPatch):
    """The ssh that was to come for it never runs."""
    seen: list[Path] = []

    def look(crossing: Crossing) -> str:
        path = Path(crossing._path)
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        seen.append(path)
        return "exit 1"

    monkeypatch.setattr(Crossing, "command", property(look))
    with pytest.raises(Unreachable):
        fleet.connect(fleet._hosts["box"], nobody)
    assert seen
    assert not seen[0].exists()


def test_a_question_ends_with_the_way_that_it_came_by(fleet: Connector, server: Server, inner: Server):
    """ssh does not look at its connection while it asks: the question would stand for the five minutes of a screen."""
    gate = fleet.connect(fleet._hosts["gate"], nobody)
    inner.write_known_hosts(name="somebody-else")
    answered = threading.Event()

    def cut(question: Question) -> None:
        for pid in server.children():
            os.kill(pid, signal.SIGKILL)
        answered.wait(60)

    try:
        began = time.monotonic()
        with pytest.raises(HostError) as failed:
            fleet.connect(fleet._hosts["box"], cut)
        assert time.monotonic() - began < 15
        assert "nobody answered" in failed.value.message
    finally:
        answered.set()
        gate.close()
        inner.write_known_hosts()
