"""Whether what answers on a loopback port asks for a login, and who else is logged in here."""

import getpass
import os
import socket
import threading

import pytest

from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.workstation import loopback


@pytest.fixture
def serving():
    """A server that gives each client the same answer; its port."""
    made = []

    def serve(answer):
        listener = socket.create_server(("127.0.0.1", 0))
        made.append(listener)

        def run():
            try:
                while True:
                    client, _ = listener.accept()
                    with client:
                        if answer.startswith(b"HTTP"):
                            client.recv(4096)
                        client.sendall(answer)
            except OSError:
                return

        threading.Thread(target=run, daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    for listener in made:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    ("answer", "asks"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n<html>TensorBoard", False),
        (b"HTTP/1.1 302 Found\r\nLocation: /lab?\r\n\r\n", False),
        (b"HTTP/1.1 302 Found\r\nServer: x\r\nlocation: /login?next=%2Flab\r\n\r\n", True),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", True),
        (b"HTTP/1.0 403 Forbidden\r\n\r\n", True),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", True),
        (b"+OK redis-like\r\n", False),
        (b"", False),
    ],
)
def test_what_asks_for_a_login(answer, asks, serving):
    assert loopback.asks_for_login(serving(answer)) is asks


def test_what_does_not_answer_asks_nobody(serving):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert loopback.asks_for_login(port) is False


@pytest.fixture
def who(tmp_path, monkeypatch):
    def logged_in(*names):
        lines = "".join(f"{name}    pts/0        2026-11-29 10:00 (host)\\n" for name in names)
        (tmp_path / "who").write_text(f"#!/bin/sh\nprintf '{lines}'\n")
        (tmp_path / "who").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return logged_in


def test_only_other_people_count_and_only_without_a_login(who, serving):
    me = getpass.getuser()
    board, server = serving(b"HTTP/1.1 200 OK\r\n\r\n"), serving(b"HTTP/1.1 401 No\r\n\r\n")
    who(me, me)
    assert loopback.reached_by(Tunnel("t", TunnelTarget("a", None, 1), board)) == ()
    who("mallory", me, "bob", "bob")
    assert loopback.reached_by(Tunnel("t", TunnelTarget("a", None, 1), board)) == ("bob", "mallory")
    assert loopback.reached_by(Tunnel("t", TunnelTarget("a", None, 1), server)) == ()
