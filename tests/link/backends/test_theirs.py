"""An ssh of the user's own that shares its connection is gone along with: no login, and nothing of theirs is ended."""

from __future__ import annotations

import queue
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.openssh.theirs import SESSIONS
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from tests.link.backends.bench import ALIAS, Bench, short_folder
from tests.link.conftest import nobody
from tests.link.sshd import Keys, Server


@pytest.fixture
def bench(keys: Keys, server: Server, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        made = Bench(tmp_path / "bench", keys, server, stack)
        made.alias(server.port, f"ControlPath {stack.enter_context(short_folder())}/mine")
        yield made


@pytest.fixture
def theirs(bench: Bench) -> Iterator[subprocess.Popen[bytes]]:
    """An ssh that is logged in, and tells so by its program's first word."""
    command = ["ssh", "-F", str(bench.config), "-o", "ControlMaster=yes", ALIAS, "echo in; exec cat"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    yield process
    process.kill()
    process.communicate()


def host(bench: Bench) -> Host:
    return Host(ALIAS, ssh_config=str(bench.config), backend="openssh")


def test_it_is_used_and_never_ended(bench: Bench, theirs: subprocess.Popen[bytes]):
    connector = Connector()
    link = connector.connect(host(bench), nobody)
    link.run(["true"])
    assert link.needed_human  # whoever logged in there
    link.close()
    connector.close()
    assert theirs.poll() is None
    check = ["ssh", "-F", bench.config, "-O", "check", ALIAS]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0


@pytest.mark.usefixtures("theirs")
def test_room_for_their_own_sessions_is_left(bench: Bench, connector: Connector):
    link = connector.connect(host(bench), nobody)
    running = [link.popen(["cat"]) for _ in range(SESSIONS)]
    with pytest.raises(GpuwsError, match="8 programs are open over your own ssh"):
        link.popen(["true"])
    own = subprocess.run(["ssh", "-F", bench.config, ALIAS, "true"], capture_output=True, check=False)
    assert own.returncode == 0, own.stderr
    for process in running:
        process.close()


def test_its_end_is_a_loss_that_says_so(bench: Bench, theirs: subprocess.Popen[bytes], connector: Connector):
    lost: queue.SimpleQueue[str] = queue.SimpleQueue()
    connector.connect(host(bench), nobody).on_lost(lost.put)
    theirs.kill()
    assert lost.get(timeout=10).startswith("your own ssh, over which it went, has ended")


def test_without_it_a_connection_of_our_own_is_made(bench: Bench, connector: Connector):
    link = connector.connect(host(bench), nobody)
    assert link.run(["true"]).status == 0
    assert not link.needed_human
