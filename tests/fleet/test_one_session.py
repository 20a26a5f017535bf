"""A server that opens one program at a time (MaxSessions 1), where no second connection can be had: the figures of the
host leave room for whatever somebody does there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gpuws.fleet.local.host.telemetry import NO_ROOM
from gpuws.fleet.local.shared.hosts import Hosts
from gpuws.fleet.local.shared.questions import Questions
from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko.second_link import SecondLink
from gpuws.model.host.host import Backend, Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.terminal import Size
from gpuws.model.settings import Settings
from tests.keeper.serving import until
from tests.link import sshd
from tests.link.sshd import Keys

INTERVAL = 1.0


class Watched:
    """A host that is read, and all that was shown of it."""

    def __init__(self, host: Host) -> None:
        self.seen: list[HostSnapshot] = []
        self._changed = threading.Condition()
        self.hosts = Hosts(Settings(("ada",)), Connector([host]), Questions(lambda _: None), self._show)
        self.hosts.add(host)
        self.hosts.start()
        self.host = self.hosts.find(host.name)

    def _show(self, snapshot: HostSnapshot) -> None:
        with self._changed:
            self.seen.append(snapshot)
            self._changed.notify_all()

    @property
    def now(self) -> HostSnapshot:
        return self.host.snapshot

    def until_read(self, after: float = 0.0) -> float:
        """When the reading was taken that is newer than that."""
        with self._changed:
            assert self._changed.wait_for(lambda: (self.now.updated_at or 0.0) > after, 20), self.now
        return self.now.updated_at or 0.0

    def until_state(self, state: HostState) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.now.state is state, 20), self.now


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    if reason := sshd.missing():
        pytest.skip(reason)
    return Keys(tmp_path_factory.mktemp("keys"))


@contextmanager
def _none(*_: object, **__: object) -> Iterator[None]:
    """As where another login would ask a person."""
    yield None


@pytest.fixture(params=["paramiko", "openssh"])
def watched(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Watched]:
    backend: Backend = request.param
    monkeypatch.setattr(SecondLink, "lent", _none)
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 1") as server:
        host = Host("box", ssh_config=str(server.config), backend=backend, telemetry_interval=INTERVAL)
        watched = Watched(host)
        try:
            yield watched
        finally:
            watched.hosts.close()


@pytest.mark.soak
@pytest.mark.alone  # its figures have seconds to come back
def test_whatever_somebody_does_there_goes_first_and_the_figures_come_back(watched: Watched):
    read = watched.until_read()
    for number in range(3):
        done = watched.host.link().run(["echo", str(number)], timeout=10)
        assert done.stdout == b"%d\n" % number
    watched.until_read(after=max(read, time.time()))

    terminal = watched.host.link().interactive(["sh", "-c", "echo ready; read word; echo got $word"], Size(80, 24))
    watched.until_state(HostState.STALE)
    assert watched.now.error == NO_ROOM.text
    assert (watched.now.age(time.time()) or 0.0) > 2 * INTERVAL
    terminal.sendall(b"word\r")
    said = b""
    while b"got word" not in said:
        part = terminal.recv()
        assert part
        said += part
    assert terminal.exit_status() == 0
    terminal.close()

    watched.until_read(after=time.time())
    until(lambda: watched.now.state is HostState.UP, "its return")
    assert watched.now.error is None
    assert watched.now.telemetry_error != NO_ROOM
    assert {snapshot.state for snapshot in watched.seen} <= {HostState.CONNECTING, HostState.UP, HostState.STALE}
    assert {snapshot.generation for snapshot in watched.seen if snapshot.state is HostState.UP} == {1}
