from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.place import Link
from gpuws.model.host.host import Backend, Host
from gpuws.model.host.question import Answer, Question
from tests.link import sshd
from tests.link.sshd import Keys, Server

Open = Callable[[Server], SshLink]


class Person:
    """Answers questions from a list and remembers them; with nothing left to say, declines."""

    def __init__(self, *answers: Answer | str | None) -> None:
        self.answers = list(answers)
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> Answer | None:
        self.questions.append(question)
        answer = self.answers.pop(0) if self.answers else None
        return Answer(text=answer) if isinstance(answer, str) else answer


def nobody(question: Question) -> Answer | None:
    raise AssertionError(f"nobody should have been asked: {question}")


def host_of(server: Server, alias: str | None = None, backend: Backend = "paramiko") -> Host:
    return Host(alias or server.alias, ssh_config=str(server.config), backend=backend)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module's tests over a link run with each of its `BACKENDS`."""
    if "backend" in metafunc.fixturenames and (backends := getattr(metafunc.module, "BACKENDS", None)):
        metafunc.parametrize("backend", backends, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Backend:
    return getattr(request, "param", "paramiko")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    if reason := sshd.missing():
        pytest.skip(reason)
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def shared_server(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd.serve(tmp_path_factory.mktemp("sshd"), keys) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """One server for all tests that leave it as it is; its client files are made anew for each."""
    shared_server.write_known_hosts()
    shared_server.write_config()
    return shared_server


@pytest.fixture
def connector() -> Iterator[Connector]:
    connector = Connector()
    yield connector
    connector.close()


@pytest.fixture
def open_link(connector: Connector, backend: Backend) -> Open:
    def connect(server: Server) -> SshLink:
        link = connector.connect(host_of(server, backend=backend), nobody)
        assert isinstance(link, SshLink)
        return link

    return connect


@pytest.fixture
def openssh_link(server: Server, connector: Connector) -> Link:
    return connector.connect(host_of(server, backend="openssh"), nobody)


@pytest.fixture
def shared_link(server: Server, connector: Connector, tmp_path: Path) -> Iterator[Link]:
    """Over an ssh of the user's own."""
    path = tmp_path / "ctl"
    server.write_config(f"ControlPath {path}")
    theirs = subprocess.Popen(
        ["ssh", "-F", server.config, "-M", "-N", "-oControlPersist=no", server.alias],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 10
        while not path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)  # nothing tells when it listens
        yield connector.connect(host_of(server, backend="openssh"), nobody)
        assert theirs.poll() is None  # whatever was done over it
    finally:
        theirs.kill()
        theirs.wait()


@pytest.fixture
def link(server: Server, open_link: Open) -> SshLink:
    return open_link(server)
