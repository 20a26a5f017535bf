"""What goes through a tunnel, to what goes through `ssh -L`: the same scripts, both ends' transcripts compared."""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.forward.listener import Forward
from tests.link import sshd
from tests.link.conftest import host_of, nobody
from tests.link.sshd import Server

PATIENCE = 20.0  # seconds
LARGE = bytes(range(256)) * (4 << 10)  # 1 MiB
REST = -1

# What each side does: bytes are sent, a number is how many are read (REST: until the end), END ends its sending,
# RESET cuts, and at the end of its list it closes.
END, RESET = "end", "reset"
SCRIPTS = {
    "client asks, server answers": ([b"hello", 5, END, REST], [5, b"HELLO", REST]),
    "server speaks first": ([7, b"user", END, REST], [b"220 hi\n", 4, REST]),
    "nobody says anything": ([END, REST], [REST]),
    "the client closes at once": ([], [REST]),
    "the server closes at once": ([REST], []),
    "the client ends first, the server goes on": ([b"give", END, REST], [REST, LARGE]),
    "the server ends first, the client goes on": ([REST, LARGE], [b"only this", END, REST]),
    "both end, both have been heard": ([b"a", END, REST], [b"b", END, REST]),
    "both send much at once": ([LARGE[: 1 << 18], END, REST], [LARGE[: 1 << 18], END, REST]),
    "byte by byte": ([b"x", 1] * 50 + [END, REST], [1, b"y"] * 50 + [REST]),
    "much down": ([b"!", REST], [1, *[LARGE] * 8]),
    "much up": ([*[LARGE] * 8, END, REST], [REST, b"got it"]),
    "every value of a byte": ([bytes(range(256)), END, REST], [REST, bytes(range(256))]),
    "a trailer after the end": ([b"data", END, REST], [REST, b"trailer"]),
    "the server cuts": ([b"!", 10, b"!", REST], [1, b"ten bytes!", 1, RESET]),
    "the client cuts": ([10, b"!", RESET], [b"ten bytes!", 1, REST]),
}
CUTS = ("the server cuts", "the client cuts")


def play(sock: socket.socket, steps: list) -> list[bytes]:
    """What was read; b"reset" stands last where the connection was cut."""
    heard = []
    sock.settimeout(PATIENCE)
    try:
        for step in steps:
            if isinstance(step, bytes):
                sock.sendall(step)
            elif isinstance(step, int):
                heard.append(read(sock, step))
            elif step == END:
                sock.shutdown(socket.SHUT_WR)
            else:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except (ConnectionResetError, BrokenPipeError):
        heard.append(b"reset")
    return heard


def read(sock: socket.socket, count: int) -> bytes:
    data = b""
    while count == REST or len(data) < count:
        more = sock.recv(65536 if count == REST else count - len(data))
        if not more:
            break
        data += more
    return data


class Target:
    """A server that plays what it is given, one connection after the other."""

    def __init__(self) -> None:
        self.scripts: queue.Queue[list] = queue.Queue()
        self.heard: queue.Queue[list[bytes]] = queue.Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                with self.listener.accept()[0] as sock:
                    self.heard.put(play(sock, self.scripts.get()))


@pytest.fixture(scope="module")
def here() -> Iterator[Target]:
    target = Target()
    yield target
    target.listener.shutdown(socket.SHUT_RDWR)
    target.listener.close()


@pytest.fixture(scope="module")
def ways(shared_server: Server, here: Target) -> Iterator[Mapping[str, int]]:
    """Local ports that lead to the target."""
    shared_server.write_known_hosts()
    shared_server.write_config()
    with ExitStack() as stack:
        connector = Connector()
        stack.callback(connector.close)
        link = connector.connect(host_of(shared_server), nobody)
        ports = {"ssh": sshd.free_port()}
        for name, dialer in (("channel", link), ("relay", link.relay)):
            forward = Forward(lambda dialer=dialer: dialer.dial_tcp("127.0.0.1", here.port))
            stack.callback(forward.close)
            ports[name] = forward.port
        led = f"127.0.0.1:{ports['ssh']}:127.0.0.1:{here.port}"
        ssh = subprocess.Popen(["ssh", "-F", shared_server.config, "-NL", led, shared_server.alias])
        stack.callback(ssh.wait)
        stack.callback(ssh.terminate)
        deadline = time.monotonic() + PATIENCE
        while not listens(ports["ssh"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield ports


def listens(port: int) -> bool:
    """Without a connection, which would go through."""
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_ends_hear_what_they_would_through_ssh(ways: Mapping[str, int], here: Target, name: str):
    client, server = SCRIPTS[name]
    heard = {}
    for way, port in ways.items():
        here.scripts.put(server)
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
            mine = play(sock, client)
        heard[way] = mine, here.heard.get(timeout=PATIENCE)
    if name in CUTS:  # ssh tells a cut as an end; whoever can tell more may
        heard = {
            way: tuple([part for part in side if part not in (b"", b"reset")] for side in both)
            for way, both in heard.items()
        }
    assert heard["channel"] == heard["ssh"]
    assert heard["relay"] == heard["ssh"]
