"""A keeper in this program: the real server on a real socket, with a fleet that a test can look into."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from gpuws.keeper.client import dialer
from gpuws.model.session import tunnel
from tests.keeper.process import new_user
from tests.keeper.serving import Serving


@pytest.fixture
def short_path():
    """A private directory whose name leaves room for a socket's."""
    path = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def ports_of_its_own(monkeypatch, worker_id):
    """Which port a tunnel prefers follows from where it leads: tests in other processes have tunnels to the same."""
    number = 1 + int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
    monkeypatch.setattr(tunnel, "FIRST_PORT", 8_000 + 1_000 * (number % 12))
    monkeypatch.setattr(tunnel, "PORTS", 1_000)


@pytest.fixture
def serve(short_path, monkeypatch):
    """Makes a keeper that serves `fleet`; it and its clients end with the test."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setattr(dialer, "start_keeper", lambda _home: None)  # clients that lost theirs start no other
    made = []

    def make(fleet=None, **options):
        made.append(Serving(short_path / f"h{len(made)}", fleet, **options))
        return made[-1]

    yield make
    for serving in made:
        serving.end()


@pytest.fixture
def keeper(serve):
    return serve()


@pytest.fixture
def become(monkeypatch):
    """This program acts for that user: what it starts has their environment and nothing of ours."""

    def become(user):
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in user.env.items():
            monkeypatch.setenv(name, value)
        return user

    return become


@pytest.fixture
def user(short_path, become):
    """Somebody without hosts, whose keepers end with the test."""
    user = become(new_user(short_path))
    yield user
    user.end()
