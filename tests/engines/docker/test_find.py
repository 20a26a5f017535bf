"""Which engine a host has, and what is said when it can't be used."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from gpuws.engines.docker.api.sockets import Survey, parse, verdict
from gpuws.engines.docker.connect import connect_engine
from gpuws.link.local.local import LocalLink
from gpuws.link.place import Stream
from gpuws.link.relay import start
from gpuws.link.relay.kept import KeptRelay
from gpuws.model.errors import EngineMissing, GpuwsError
from gpuws.model.host.host import DockerAccess, Host
from tests.engines.docker.daemon import Daemon
from tests.engines.docker.wire import serving


def test_a_survey_is_read():
    text = (
        "login alice\ngroups alice lab docker\nusable /a b.sock\nusable /a b.sock\nforbidden docker /run/x\n"
        "program docker\nnonsense\n\nforbidden\n"
    )
    survey = parse(text)
    assert (survey.login, survey.groups, survey.usable) == ("alice", ("alice", "lab", "docker"), ["/a b.sock"])
    assert survey.forbidden[0] == ("/run/x", "docker")
    assert survey.programs == {"docker"}


@pytest.mark.parametrize(
    ("survey", "asked", "message", "remedy"),
    [
        (
            Survey("alice", ("alice",), forbidden=[("/s", "docker")]),
            None,
            "alice may not use Docker on alpha",
            "ask its admin for: sudo usermod -aG docker alice, then log in again",
        ),
        (
            Survey("alice", ("alice", "docker"), forbidden=[("/s", "docker")]),
            None,
            "alice may not use Docker on alpha",
            "alice is in the group docker since the last login: reconnect",
        ),
        (
            Survey("alice", ("alice",), forbidden=[("/s", "root")]),
            None,
            "alice may not use Docker on alpha",
            "ask its admin for access to /s",
        ),
        (
            Survey(usable=["/s"], forbidden=[("/t", "docker")]),
            None,
            "Docker on alpha is not running",
            "ask its admin to start it: sudo systemctl start docker",
        ),
        (
            Survey(programs={"dockerd"}),
            None,
            "Docker on alpha is not running",
            "ask its admin to start it: sudo systemctl start docker",
        ),
        (Survey(usable=["/t"]), "/s", "there is no socket /s on alpha", "mend docker.socket in hosts.yaml"),
    ],
)
def test_verdicts(survey, asked, message, remedy):
    error = verdict(survey, "alpha", asked, "docker.socket in hosts.yaml")
    assert not isinstance(error, EngineMissing)
    assert (error.message, error.remedy) == (message, remedy)


def test_no_engine_at_all():
    assert isinstance(verdict(Survey(), "alpha", None), EngineMissing)
    assert isinstance(verdict(Survey(programs={"docker"}), "alpha", None), EngineMissing)


class Forbidding(LocalLink):
    """A link whose server forwards no sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = KeptRelay(self.popen, self.name)

    @property
    def relay(self) -> KeptRelay:
        return self._kept

    def dial_unix(self, path: str) -> Stream:
        raise GpuwsError("administratively prohibited")


@pytest.mark.lab
def test_an_engine_is_reached_through_a_relay_where_sockets_are_not_forwarded(bench, box):
    link = Forbidding()
    engine = connect_engine(bench.host, link, {})
    assert box in {one.id for one in engine.workspaces()}
    place = engine.place(box)
    assert place.run(["cat"], input=b"through").stdout == b"through"
    stop, opened = threading.Event(), threading.Event()
    follower = threading.Thread(target=lambda: [opened.set() for _ in engine.changes(stop)], daemon=True)
    follower.start()
    assert opened.wait(10)
    stop.set()
    follower.join(3)
    assert not follower.is_alive()
    link.close()


@pytest.mark.lab
def test_one_relay_serves_all_calls_and_is_gone_when_the_link_is(bench):
    link = Forbidding()
    engine = connect_engine(bench.host, link, {})
    threads = [threading.Thread(target=engine.workspaces, daemon=True) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(relays()) == 1
    link.close()
    deadline = time.monotonic() + 5
    while relays():
        assert time.monotonic() < deadline, "a relay lives on"
        time.sleep(0.05)


def relays() -> list[int]:
    """Those that this process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
            parent = (entry.parent / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if start.NAME.encode() in words and int(parent) == os.getpid():
            found.append(int(entry.parent.name))
    return found


@pytest.mark.lab
def test_sudo_reaches_it_through_dial_stdio(bench, box, tmp_path, monkeypatch):
    sudo = tmp_path / "sudo"
    sudo.write_text('#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nexec /usr/bin/"$@"\n')
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    host = Host("alpha", docker=DockerAccess(socket=str(bench.daemon.socket), sudo=True))
    link = LocalLink()
    engine = connect_engine(host, link, {})
    assert box in {one.id for one in engine.workspaces()}
    assert engine.place(box).run(["cat"], input=b"through").stdout == b"through"
    link.close()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("sudo: a password is required", "sudo on alpha does not let you run docker without a password"),
        ("Sorry, user alice is not allowed to execute", "sudo on alpha does not let you run docker without a password"),
        ("Cannot connect to the Docker daemon", "Docker on alpha can't be reached through sudo: Cannot connect to the"),
    ],
)
def test_what_sudo_says_is_told(tmp_path, monkeypatch, said, message):
    sudo = tmp_path / "sudo"
    sudo.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(GpuwsError) as caught:
        connect_engine(Host("alpha", docker=DockerAccess(sudo=True)), LocalLink(), {})
    assert caught.value.message.startswith(message)


def test_an_engine_that_was_stopped(tmp_path):
    path = tmp_path / "s"
    with serving(path, lambda peer, head: None):
        pass
    with pytest.raises(GpuwsError, match="Docker on alpha is not running"):
        connect_engine(Host("alpha", docker=DockerAccess(socket=str(path))), LocalLink(), {})


@pytest.mark.lab
@pytest.mark.skipif(sys.platform != "linux", reason="stops a process by signal")
def test_an_engine_that_goes_away_and_comes_back(tmp_path_factory, bench):
    """Its own engine: the others' tests go on with theirs."""
    root = Path(tmp_path_factory.mktemp("d"))
    daemon = Daemon(root, number=1)
    try:
        daemon.start()
        engine = connect_engine(Host("alpha", docker=DockerAccess(socket=str(daemon.socket))), LocalLink(), {})
        changes = engine.changes(threading.Event())
        next(changes)
        daemon.stop()
        with pytest.raises(GpuwsError, match="Docker on alpha ended its event stream"):
            next(changes)
        with pytest.raises(GpuwsError, match=r"docker\.sock can't be reached"):
            engine.workspaces()
        daemon.start()
        assert engine.workspaces() == []
        assert daemon.process is not None
        os.kill(daemon.process.pid, signal.SIGSTOP)
        with pytest.raises(GpuwsError, match="Docker on alpha does not answer"):
            connect_engine(Host("alpha", docker=DockerAccess(socket=str(daemon.socket))), LocalLink(), {})
        os.kill(daemon.process.pid, signal.SIGCONT)
        assert engine.workspaces() == []
    finally:
        daemon.destroy()
        shutil.rmtree(root, ignore_errors=True)
