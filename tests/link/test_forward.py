"""The tunnel's listener: over a real sshd where it matters, over plain sockets where only the rules count."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gpuws.link.forward import listener as forward_module
from gpuws.link.forward.listener import Forward
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.place import Stream
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError, Unreachable
from tests.link import sshd
from tests.link.conftest import Open
from tests.link.sshd import Keys

Handler = Callable[[socket.socket], None]


@contextmanager
def target(handler: Handler) -> Iterator[int]:
    """A TCP server; each connection is handled in a thread."""
    with socket.create_server(("127.0.0.1", 0), backlog=300) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_handle, args=(handler, sock), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _handle(handler: Handler, sock: socket.socket) -> None:
    with sock, contextlib.suppress(OSError):
        handler(sock)


def echo(sock: socket.socket) -> None:
    """Everything back, and a trailer after the client's end."""
    while data := sock.recv(65536):
        sock.sendall(data)
    sock.sendall(b"THE END")


@contextmanager
def forwarded(dial: Callable[[], Stream], **options: int | str) -> Iterator[Forward]:
    made = Forward(dial, **options)
    try:
        yield made
    finally:
        made.close()


Lead = Callable[[int], Callable[[], Stream]]


@pytest.fixture(params=["channel", "relay"])
def lead(request: pytest.FixtureRequest, link: SshLink) -> Lead:
    """What dials a port there: by a channel for each connection, or by one program for all."""
    dialer = link if request.param == "channel" else link.relay
    return lambda port: lambda: dialer.dial_tcp("127.0.0.1", port)


def plain_dialler(port: int) -> Callable[[], Stream]:
    return lambda: SocketStream(socket.create_connection(("127.0.0.1", port)), "target")


def client(forward: Forward) -> socket.socket:
    return socket.create_connection(("127.0.0.1", forward.port), 20)


def is_reset(forward: Forward) -> None:
    """A new connection ends with a reset; it may come before connecting has returned."""
    with pytest.raises(ConnectionResetError), client(forward) as sock:
        sock.recv(1)


def exchange(forward: Forward, data: bytes) -> bytes:
    with client(forward) as sock:

        def send() -> None:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        received = b"".join(iter(lambda: sock.recv(65536), b""))
        sender.join(5)
        return received


def idle(forward: Forward) -> None:
    deadline = time.monotonic() + 10
    while forward.connections:
        assert time.monotonic() < deadline
        time.sleep(0.01)


# over ssh


def test_fifty_megabytes_there_and_back_with_half_close(lead: Lead):
    data = os.urandom(50 << 20)
    with target(echo) as port, forwarded(lead(port)) as forward:
        received = exchange(forward, data)
        assert received[-7:] == b"THE END"
        assert hashlib.sha256(received[:-7]).digest() == hashlib.sha256(data).digest()
        idle(forward)
        assert (forward.bytes_out, forward.bytes_in) == (len(data), len(data) + 7)
        assert forward.error is None


def test_a_hundred_and_fifty_at_once(lead: Lead):
    data = os.urandom(100_000)
    results: list[bool] = []
    with target(echo) as port:
        lead(port)().close()  # a relay is kept
        threads_before = threading.active_count()
        with forwarded(lead(port)) as forward:
            together(forward, data, results)
            idle(forward)
        assert results == [True] * 150
        deadline = time.monotonic() + 5
        while threading.active_count() > threads_before:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def together(forward: Forward, data: bytes, results: list[bool]) -> None:
    threads = [
        threading.Thread(target=lambda: results.append(exchange(forward, data) == data + b"THE END"), daemon=True)
        for _ in range(150)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_a_server_that_ends_first_can_still_be_sent_to(lead: Lead):
    got = bytearray()
    done = threading.Event()

    def speak_first(sock: socket.socket) -> None:
        sock.sendall(b"hello")
        sock.shutdown(socket.SHUT_WR)
        while data := sock.recv(65536):
            got.extend(data)
        done.set()

    with target(speak_first) as port, forwarded(lead(port)) as forward, client(forward) as sock:
        assert b"".join(iter(lambda: sock.recv(99), b"")) == b"hello"
        sock.sendall(bytes(1 << 20))
        sock.shutdown(socket.SHUT_WR)
        assert done.wait(10)
        assert len(got) == 1 << 20


def test_a_refused_target_resets_at_once_and_is_told(lead: Lead):
    with forwarded(lead(sshd.free_port())) as forward:
        is_reset(forward)
        assert "connection refused" in (forward.error or "")


@pytest.mark.parametrize("relayed", [False, True])
def test_a_link_that_dies_resets_its_connections_and_keeps_the_port(
    keys: Keys, tmp_path, open_link: Open, monkeypatch: pytest.MonkeyPatch, relayed: bool
):
    monkeypatch.setattr(forward_module, "PATIENCE", 0.3)
    with target(echo) as port, sshd.serve(tmp_path / "sshd", keys) as server:
        link = open_link(server)
        dialer = link.relay if relayed else link
        with forwarded(lambda: dialer.dial_tcp("127.0.0.1", port)) as forward:
            with client(forward) as sock:
                sock.sendall(b"x")
                assert sock.recv(1) == b"x"
                server.stop()
                with pytest.raises(ConnectionResetError):
                    sock.recv(1)
            is_reset(forward)
            assert "the connection was lost" in (forward.error or "")


def test_new_connections_wait_for_the_link_to_come_back(link: SshLink):
    back = threading.Event()
    tries: list[int] = []

    with target(echo) as port:

        def dial() -> Stream:
            tries.append(1)
            if not back.is_set():
                if len(tries) == 3:
                    back.set()
                raise Unreachable("box: away")
            return link.dial_tcp("127.0.0.1", port)

        with forwarded(dial) as forward:
            assert exchange(forward, b"patience") == b"patienceTHE END"
            assert forward.error is None


@pytest.mark.parametrize("times", [100, pytest.param(1000, marks=pytest.mark.soak)])
def test_many_opened_and_closed_leave_nothing(lead: Lead, link: SshLink, times: int):
    def once() -> None:
        with client(forward) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"

    def left() -> tuple[int, int, int]:
        return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir()), len(link._transport._channels)

    with target(echo) as port, forwarded(lead(port)) as forward:
        once()
        idle(forward)
        before = left()
        for _ in range(times):
            once()
        idle(forward)
        deadline = time.monotonic() + 5
        while any(now > then for now, then in zip(left(), before, strict=True)):
            assert time.monotonic() < deadline, (left(), before)
            time.sleep(0.01)


def test_a_reset_in_the_middle_ends_its_own_connection_only(lead: Lead):
    """The one that was cut has all that had come before; nothing of the others is lost."""
    data = os.urandom(1 << 20)

    def cut(sock: socket.socket) -> None:
        if sock.recv(1) == b"c":
            sock.sendall(b"half of it")
            sock.recv(1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            echo(sock)

    with target(cut) as port, forwarded(lead(port)) as forward:
        with client(forward) as broken, client(forward) as other:
            broken.sendall(b"c")
            assert broken.recv(99) == b"half of it"
            other.sendall(b"e" + data[:1000])
            broken.sendall(b"x")
            with contextlib.suppress(ConnectionResetError):
                assert broken.recv(1) == b""
            assert exchange(forward, b"e" + data) == data + b"THE END"
            other.shutdown(socket.SHUT_WR)
            assert b"".join(iter(lambda: other.recv(65536), b"")) == data[:1000] + b"THE END"
        idle(forward)


@pytest.mark.alone
def test_a_stalled_reader_holds_nobody_else_up(lead: Lead):
    sent = threading.Event()

    def flood(sock: socket.socket) -> None:
        if sock.recv(1) == b"f":
            sent.set()
            while True:
                sock.sendall(bytes(1 << 20))
        sock.sendall(b"quick")

    with target(flood) as port, forwarded(lead(port)) as forward, client(forward) as stalled:
        stalled.sendall(b"f")
        assert sent.wait(5)
        with client(forward) as other:
            other.sendall(b"q")
            assert other.recv(5) == b"quick"
        time.sleep(0.3)  # let the flood fill every window
        assert forward.bytes_in < 32 << 20
        begin = time.monotonic()
        forward.close()
        assert time.monotonic() - begin < 0.2


# rules


def test_only_loopback_is_listened_on():
    with target(echo) as port, forwarded(plain_dialler(port)) as forward:
        addresses = {listener.getsockname()[0] for listener in forward._listeners}
        assert addresses <= {"127.0.0.1", "::1"}
        assert "127.0.0.1" in addresses
        if len(addresses) == 2:
            with socket.create_connection(("::1", forward.port)) as sock:
                sock.sendall(b"six")
                assert sock.recv(3) == b"six"


def test_a_given_port_must_be_free():
    with target(echo) as port, forwarded(plain_dialler(port)) as first:
        with pytest.raises(GpuwsError, match=f"port {first.port} is in use on this workstation") as error:
            Forward(plain_dialler(port), port=first.port)
        assert error.value.remedy
        with forwarded(plain_dialler(port), preferred=first.port) as second:
            assert first.port < second.port < first.port + 200
    with forwarded(plain_dialler(port), port=first.port) as again:
        assert again.port == first.port


def test_at_one_address_it_takes_connections_there_alone():
    with target(echo) as port, forwarded(plain_dialler(port), bind="127.0.0.2") as forward:
        with socket.create_connection(("127.0.0.2", forward.port), 20) as sock:
            sock.sendall(b"six")
            assert sock.recv(3) == b"six"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", forward.port), 20)
        with pytest.raises(GpuwsError, match="in use"):
            Forward(plain_dialler(port), port=forward.port, bind="127.0.0.2")
    with pytest.raises(GpuwsError, match=r"198\.51\.100\.7 is no address of this workstation"):
        Forward(plain_dialler(port), bind="198.51.100.7")


def test_a_reset_of_the_far_end_is_no_clean_end():
    """A cut answer must not look complete."""

    def cut(sock: socket.socket) -> None:
        sock.sendall(b"half of it")
        sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with target(cut) as port, forwarded(plain_dialler(port)) as forward, client(forward) as sock:
        assert sock.recv(99) == b"half of it"
        sock.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_a_client_that_resets_ends_the_far_end():
    ended = threading.Event()

    def wait(sock: socket.socket) -> None:
        while sock.recv(99):
            pass
        ended.set()

    with target(wait) as port, forwarded(plain_dialler(port)) as forward:
        sock = client(forward)
        sock.sendall(b"x")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        assert ended.wait(5)
        idle(forward)


def test_a_client_that_resets_while_it_waits_for_the_link_is_let_go():
    away = threading.Event()

    def dial() -> Stream:
        away.set()
        raise Unreachable("away")

    with forwarded(dial) as forward:
        sock = client(forward)
        assert away.wait(5)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        idle(forward)


def test_a_port_that_another_program_has_on_the_other_loopback_is_left_to_it():
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", 0))
        except OSError:
            pytest.skip("there is no IPv6 here")
        other.listen()
        taken = other.getsockname()[1]
        with forwarded(lambda: None, preferred=taken) as forward:  # type: ignore[arg-type,return-value]
            assert forward.port != taken


def test_connections_are_capped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(forward_module, "CAP", 3)
    with target(echo) as port, forwarded(plain_dialler(port)) as forward:
        kept = [client(forward) for _ in range(3)]
        for sock in kept:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
        is_reset(forward)
        assert "more than 3" in (forward.shut or "")
        kept.pop().close()
        while forward.connections > 2:
            time.sleep(0.01)
        assert exchange(forward, b"again") == b"againTHE END"
        for sock in kept:
            sock.close()


@pytest.mark.alone
def test_closing_resets_everything_and_gives_the_port_back():
    with target(echo) as port:
        forward = Forward(plain_dialler(port))
        with client(forward) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
            begin = time.monotonic()
            forward.close()
            forward.close()
            assert time.monotonic() - begin < 0.2
            with pytest.raises(ConnectionResetError):
                sock.recv(1)
        with pytest.raises(ConnectionRefusedError):
            client(forward)
