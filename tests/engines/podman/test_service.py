"""The service that gpuws runs where no socket of Podman is active: a stand-in for podman, over a link that is real."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gpuws.engines.podman import service
from gpuws.engines.podman.connect import connect_engine
from gpuws.engines.registry import search
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import EngineMissing, EngineShut
from gpuws.model.host.docker_endpoint import LED_ELSEWHERE
from gpuws.model.host.host import Host
from tests.engines.podman.recorded import VERSION

PODMAN = """#!{python}
import os, socket, sys
open({pid!r}, "w").write(str(os.getpid()))
if {fails}:
    sys.exit("Error: cannot set up namespace using newuidmap")
assert sys.argv[1:4] == ["system", "service", "--time=0"], sys.argv
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[4].partition("://")[2])
listener.listen()
version = {version!r}
while True:
    peer, _ = listener.accept()
    while True:
        head = peer.recv(65536)
        if not head:
            break
        body = version if b"/version " in head else b"[]"
        peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
"""


@pytest.fixture
def runtime():
    """The directory of the login's sockets; their paths are 107 bytes long at most, a test's own are longer."""
    with tempfile.TemporaryDirectory(prefix="gpuws-") as path:
        yield Path(path)


@pytest.fixture
def podman(tmp_path, runtime, monkeypatch):
    """Makes the program; its process number is in the file that is returned."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", LED_ELSEWHERE):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr("gpuws.engines.docker.connect.DEFAULT_SOCKET", str(tmp_path / "none.sock"))

    def make(*, fails=False):
        program, pid = tmp_path / "bin/podman", tmp_path / "pid"
        version = json.dumps(VERSION).encode()
        program.write_text(PODMAN.format(python=sys.executable, pid=str(pid), fails=fails, version=version))
        program.chmod(0o755)
        return pid

    return make


@pytest.fixture
def link():
    link = LocalLink()
    yield link
    link.close()


def soon(seen):
    """Whether it comes true."""
    end = time.monotonic() + 10.0
    while not seen():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gone(pid):
    """Ended; one that nobody waits for is a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return soon(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


def empty(directory):
    return soon(lambda: not [*directory.iterdir()])


def test_it_lives_as_long_as_the_connection_and_leaves_nothing(podman, runtime):
    pid, link = podman(), LocalLink()
    path = service.start(link, "alpha")
    process = int(pid.read_text())
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700
    found = search(Host("alpha", engine="podman"), link, {})
    assert (found.info.kind, found.engine.info().version, found.engine.workspaces()) == ("podman", "5.4.2", [])
    assert found.engine.info().at == "podman system service, for this session"
    assert gone(process), "the one before ends when another is started"
    process = int(pid.read_text())
    service.stop(link)
    assert gone(process)
    assert empty(runtime)
    link.close()


def test_one_that_dies_takes_its_directory_with_it(podman, link, runtime):
    pid = podman()
    service.start(link, "alpha")
    os.kill(int(pid.read_text()), 9)
    assert empty(runtime)


def test_why_it_does_not_start(podman, link, runtime):
    podman(fails=True)
    with pytest.raises(EngineShut, match="Podman on alpha does not start: Error: cannot set up namespace"):
        service.start(link, "alpha")
    assert empty(runtime)


def test_a_host_where_nobody_used_it_is_left_alone(podman, link, tmp_path):
    """The first program of a rootless Podman makes a storage in my home: only where I said so."""
    pid = podman()
    with pytest.raises(EngineMissing, match="alpha has Podman, and nothing of yours in it"):
        connect_engine(Host("alpha"), link, {})
    assert not pid.exists()
    (tmp_path / "data/containers/storage").mkdir(parents=True)
    assert connect_engine(Host("alpha"), link, {}).info().kind == "podman"
    service.stop(link)
