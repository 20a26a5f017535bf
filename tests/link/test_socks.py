"""The proxy takes what a client of RFC 1928 says, byte by byte."""

import contextlib
import socket
import struct

import pytest

from gpuws.link.forward.socks import SocksProxy
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError
from tests.link.test_forward import echo, target

HELLO, WELCOME = b"\x05\x01\x00", b"\x05\x00"
BY_NAME = b"\x05\x01\x00\x03\x02db" + struct.pack("!H", 5432)


@pytest.fixture
def led():
    """A proxy whose connections all lead to an echo, and where they were to lead."""
    asked = []
    with target(echo) as port:

        def dial(host, wanted):
            asked.append((host, wanted))
            if host == "away":
                raise GpuwsError("nobody there")
            return SocketStream(socket.create_connection(("127.0.0.1", port)), host)

        proxy = SocksProxy(dial, port=None)
        yield proxy, asked
        proxy.close()


def talk(proxy, *said):
    """What comes back after all was said, up to the end."""
    with socket.create_connection(("127.0.0.1", proxy.port), 20) as sock:
        for part in said:
            sock.sendall(part)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while data := sock.recv(4096):
            answer += data
        return answer


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (b"\x03\x02db", "db"),
        (b"\x01\x0a\x00\x00\x05", "10.0.0.5"),
        (b"\x04" + bytes(15) + b"\x01", "::1"),
    ],
)
def test_a_connection_says_where_it_leads(led, address, host):
    proxy, asked = led
    answer = talk(proxy, HELLO, b"\x05\x01\x00" + address + struct.pack("!H", 5432), b"through")
    assert answer == WELCOME + b"\x05\x00\x00\x01" + bytes(6) + b"throughTHE END"
    assert asked == [(host, 5432)]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "does not speak SOCKS 5"),
        (b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", "does not speak SOCKS 5"),
        (b"\x05\x01\x02", "there is no login"),
        (HELLO + b"\x05\x03\x00\x03\x02db\x00\x35", "wants UDP"),
        (HELLO + b"\x05\x01\x00\x03\x05/sock\x00\x35", "names no machine"),
        (HELLO + b"\x05\x01", "in the middle"),
        (HELLO + b"\x05\x01\x00\x03\x04away\x00\x35", "nobody there"),
    ],
)
def test_what_it_does_not_do_ends_the_connection_and_nothing_else(led, said, why):
    proxy, _ = led
    with socket.create_connection(("127.0.0.1", proxy.port), 20) as sock:
        sock.sendall(said)
        with contextlib.suppress(OSError):  # it may be cut before all has been said
            sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while sock.recv(4096):
                pass
    assert why in proxy.error
    assert talk(proxy, HELLO, BY_NAME, b"on").endswith(b"onTHE END")
