"""New keys under load: each channel's messages keep their order through a key exchange, and no link is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import paramiko
import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.place import Link
from gpuws.model.host.host import Backend
from tests.link import sshd
from tests.link.conftest import host_of, nobody
from tests.link.sshd import Keys

TRANSFER = 6 << 20  # bytes each way
SHORT = 60  # connections of a run
COMMANDS = 80  # of all runs: each costs a login shell there
RUNS = 8


@contextmanager
def echo_server() -> Iterator[int]:
    """Sends back what it gets, then its end of file."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:

        def answer(sock: socket.socket) -> None:
            with sock:
                while data := sock.recv(65536):
                    sock.sendall(data)

        def accept() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def transfer(link: Link, port: int) -> None:
    """Up and down at once, with an end of file of each side."""
    stream = link.dial_tcp("127.0.0.1", port)

    def up() -> None:
        stream.sendall(bytes(TRANSFER))
        stream.shutdown_write()

    sender = threading.Thread(target=up, daemon=True)
    sender.start()
    size = 0
    while data := stream.recv():
        size += len(data)
    sender.join()
    stream.close()
    assert size == TRANSFER


def connection(link: Link, port: int, number: int) -> None:
    """A short one; every second is left before its end."""
    stream = link.dial_tcp("127.0.0.1", port)
    stream.sendall(b"x" * 9000)
    if number % 2:
        stream.shutdown_write()
        while stream.recv():
            pass
    else:
        assert stream.recv(1) == b"x"
        stream.shutdown_write()
    stream.close()


def command(link: Link, number: int) -> None:
    """Of three kinds: one that writes, one that reads to the end, one that is left before its end."""
    if number % 3 == 0:
        assert link.run(["cat"], input=b"x" * 5000).stdout == b"x" * 5000
    elif number % 3 == 1:
        assert len(link.run(["head", "-c", "20000", "/dev/zero"]).stdout) == 20000
    else:
        left = link.popen(["cat"])
        left.write(b"x" * 20000)
        assert left.read(1) == b"x"
        left.close_stdin()
        left.close()


def load(link: Link, port: int, commands: int) -> list[BaseException]:
    """Four transfers and beside them, by four threads, `commands` and many times as many short connections; what went
    wrong."""
    faults: list[BaseException] = []

    def noted(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    def several(first: int) -> None:
        for number in range(first, commands, 4):
            command(link, number)
        for number in range(first, SHORT, 4):
            connection(link, port, number)

    works = [lambda: transfer(link, port)] * 4 + [partial(several, first) for first in range(4)]
    threads = [threading.Thread(target=noted, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return faults


@pytest.mark.soak
@pytest.mark.parametrize(
    ("ours", "backend", "runs"),
    [(False, "paramiko", RUNS), (True, "paramiko", RUNS), (False, "openssh", 1)],
    ids=["of-the-server", "of-both-sides", "through-ssh"],
)
def test_new_keys_under_load_lose_nothing(
    keys: Keys,
    tmp_path: Path,
    connector: Connector,
    monkeypatch: pytest.MonkeyPatch,
    ours: bool,
    backend: Backend,
    runs: int,
):
    if ours:
        monkeypatch.setattr(paramiko.packet.Packetizer, "REKEY_BYTES", 1 << 20)
    with sshd.serve(tmp_path / "sshd", keys, "RekeyLimit 1M", "MaxSessions 100") as server, echo_server() as port:
        host = replace(host_of(server), backend=backend)
        for _ in range(runs):
            link = connector.connect(host, nobody)
            assert load(link, port, COMMANDS // RUNS) == []
            assert link.alive
            link.close()
