"""gpuws' ssh ends with gpuws, however that ends; its own end, and the server's, are seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.openssh.link import OpensshLink
from gpuws.link.paramiko import keepalive
from gpuws.link.place import Link
from gpuws.model.errors import GpuwsError
from tests.link.conftest import host_of, nobody
from tests.link.odd_server import Rules, odd_server
from tests.link.openssh.test_questions import odd_host
from tests.link.sshd import Keys, Server
from tests.link.wire import wire

CONNECT = """
import sys
from gpuws.link.connect.connector import Connector
from gpuws.model.host.host import Host

link = Connector().connect(Host("box", ssh_config=sys.argv[1], backend="openssh"), lambda question: None)
print(link._master.socket, flush=True)
sys.stdin.read()
"""


def await_true(what: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # another process' doing


def lost_of(link: Link) -> tuple[threading.Event, list[str]]:
    told, reasons = threading.Event(), []
    link.on_lost(lambda reason: (reasons.append(reason), told.set()))
    return told, reasons


def test_a_killed_gpuws_leaves_no_ssh(server: Server):
    child = subprocess.Popen(
        [sys.executable, "-c", CONNECT, server.config], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        socket = Path(child.stdout.readline().decode().strip())
        assert socket.is_socket()
        assert calls_with(str(socket))
        child.kill()
        await_true(lambda: not socket.exists() and not calls_with(str(socket)))


def calls_with(word: str) -> list[str]:
    """The processes of that argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def test_closing_a_link_ends_its_ssh(openssh_link: OpensshLink):
    socket = openssh_link._master.socket
    assert calls_with(socket)
    openssh_link.close()
    await_true(lambda: not calls_with(socket))


def test_an_ssh_that_is_killed_is_a_loss_at_once(openssh_link: OpensshLink):
    told, reasons = lost_of(openssh_link)
    process = openssh_link.popen(["cat"])
    for pid in calls_with(openssh_link._master.socket):
        if Path(f"/proc/{pid}/comm").read_text() == "ssh\n":
            os.kill(int(pid), signal.SIGKILL)
    assert told.wait(5)
    assert reasons == ["its ssh was ended"]
    with pytest.raises(GpuwsError, match="the connection was lost"):
        process.read()


def test_a_frozen_wire_is_seen(server: Server, connector: Connector, monkeypatch: pytest.MonkeyPatch):
    for name, seconds in (("TICK", 0.05), ("INTERVAL", 0.2), ("DEADLINE", 0.5)):
        monkeypatch.setattr(keepalive, name, seconds)
    with wire(server.port) as line:
        server.write_config(f"Port {line.port}", f"HostKeyAlias {server.name}")
        link = connector.connect(host_of(server, backend="openssh"), nobody)
        assert isinstance(link, OpensshLink)
        told, reasons = lost_of(link)
        await_true(lambda: link.latency is not None)
        assert link.sessions == 0  # asking leaves none
        line.freeze()
        assert told.wait(10)
        assert "it has not answered for" in reasons[0]
        await_true(lambda: not calls_with(link._master.socket))


def test_ending_gpuws_ends_an_ssh_that_asks(keys: Keys, tmp_path: Path):
    connector, asked, failed = Connector(), threading.Event(), threading.Event()

    def never(_: object) -> None:
        asked.set()
        failed.wait(20)

    def connect() -> None:
        with pytest.raises(GpuwsError):
            connector.connect(odd_host(port, tmp_path, keys), never)
        failed.set()

    with odd_server(Rules(["password"]), str(keys.host)) as port:
        threading.Thread(target=connect, daemon=True).start()
        assert asked.wait(20)
        (master,) = connector._masters
        connector.close()
        assert failed.wait(5)
        await_true(lambda: not calls_with(master.socket))


def test_a_server_that_forbids_forwarding_is_served_by_a_program(openssh_link: OpensshLink):
    """ssh forgets no channel that was refused: after thousands of them no more are tried."""
    openssh_link._transport.refusals = 5000
    with pytest.raises(GpuwsError, match="can't be reached"):
        openssh_link.dial_unix("/nowhere")
    assert openssh_link.relay.running


def test_nothing_of_it_is_loaded_without_such_a_host():
    script = "import sys, gpuws.link.connect.connector; print([n for n in sys.modules if 'link.openssh' in n])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
