"""Each fault of paramiko's Transport that we cure, over a real sshd; the bare class shows the fault."""

from __future__ import annotations

import contextlib
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.common import MSG_CHANNEL_CLOSE, MSG_CHANNEL_EOF

from gpuws.link.connect.tcp import connect_tcp
from gpuws.link.paramiko.transport import LinkDead, OpenRefused, SshTransport
from tests.link import sshd
from tests.link.sshd import ME, Keys, Server
from tests.link.wire import wire


@contextmanager
def logged_in(cls: type[Any], server: Server, port: int | None = None) -> Iterator[Any]:
    transport = cls(connect_tcp("127.0.0.1", port or server.port, 5))
    transport.start_client(timeout=10)
    transport.auth_publickey(ME, paramiko.Ed25519Key.from_private_key_file(str(server.keys.user)))
    try:
        yield transport
    finally:
        transport.close()


def in_threads(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def frees(call: Callable[[], object], seconds: float) -> bool:
    """Whether `call` returns in time."""
    thread = threading.Thread(target=_quietly, args=(call,), daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


# streamlocal


def test_a_unix_socket_can_be_opened(server: Server, tmp_path: Path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener, logged_in(SshTransport, server) as transport:
        listener.bind(path)
        listener.listen()
        channel = transport.open("direct-streamlocal@openssh.com", (path, "", 0))
        peer, _ = listener.accept()
        with peer:
            channel.send(b"x")
            assert peer.recv(1) == b"x"


def test_bare_a_unix_socket_ends_the_connection(server: Server):
    with logged_in(paramiko.Transport, server) as transport:
        with pytest.raises((EOFError, paramiko.SSHException)):
            transport.open_channel("direct-streamlocal@openssh.com", timeout=5)
        assert not transport.is_active()


# errors of opening


def test_each_open_has_its_own_error_in_the_servers_words(server: Server):
    seen: list[tuple[int, str]] = []

    with logged_in(SshTransport, server) as transport:

        def work() -> None:
            for _ in range(20):
                try:
                    transport.open("direct-tcpip", ("127.0.0.1", 1, "127.0.0.1", 0))
                except OpenRefused as error:
                    seen.append((error.code, error.reason))

        in_threads(8, work)
        assert seen == [(2, "Connection refused")] * 160


def test_bare_concurrent_errors_get_lost(server: Server):
    lost = []
    with logged_in(paramiko.Transport, server) as transport:

        def work() -> None:
            for _ in range(20):
                try:
                    transport.open_channel("direct-tcpip", ("127.0.0.1", 1), ("127.0.0.1", 0))
                except paramiko.ChannelException:
                    pass
                except paramiko.SSHException as error:
                    lost.append(str(error))

        for _ in range(10):
            in_threads(12, work)
            if lost:
                break
    assert set(lost) == {"Unable to open channel."}


def test_an_open_that_comes_too_late_is_closed_and_leaves_nothing(server: Server):
    with wire(server.port) as line, logged_in(SshTransport, server, line.port) as transport:
        line.freeze()
        with pytest.raises(TimeoutError):
            transport.open("session", timeout=0.2)
        line.thaw()
        for _ in range(20):  # sshd's limit is ten sessions: the late one must not stay
            transport.open("session").close()
        assert not transport._openings


def test_opens_end_when_the_connection_does(server: Server):
    with wire(server.port) as line, logged_in(SshTransport, server, line.port) as transport:
        line.freeze()
        errors: list[BaseException] = []

        def work() -> None:
            try:
                transport.open("session", timeout=30)
            except LinkDead as error:
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        transport.fail("tested")
        thread.join(2)
        assert [str(error) for error in errors] == ["tested"]
        with pytest.raises(LinkDead, match="tested"):
            transport.open("session")


# rekeying


def exercise(transport: Any, open_session: Callable[[], Any], rounds: int) -> int:
    """Sessions opened, used and closed by four threads; how many came through."""
    through: list[int] = []

    def work() -> None:
        for _ in range(rounds):
            channel = open_session()
            channel.exec_command("head -c 300000 /dev/zero")
            size = 0
            while data := channel.recv(65536):
                size += len(data)
            channel.close()
            if size == 300000:
                through.append(1)

    threads = [threading.Thread(target=_quietly, args=(work,), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return len(through)


def _quietly(work: Callable[[], object]) -> None:
    with contextlib.suppress(paramiko.SSHException, OSError, EOFError, LinkDead):
        work()


def test_rekeying_by_both_sides_harms_nothing(keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    exchanges = []
    newkeys = SshTransport._parse_newkeys
    monkeypatch.setattr(SshTransport, "_parse_newkeys", lambda self, m: (exchanges.append(1), newkeys(self, m)))
    monkeypatch.setattr(paramiko.packet.Packetizer, "REKEY_BYTES", 1 << 20)
    with sshd.serve(tmp_path / "sshd", keys, "RekeyLimit 1M") as server, logged_in(SshTransport, server) as transport:
        assert exercise(transport, lambda: transport.open("session"), 15) == 60
        assert len(exchanges) > 10
        assert transport.alive


def test_new_keys_change_no_order(server: Server, monkeypatch: pytest.MonkeyPatch):
    """An end of file waits for new keys, and the close comes just as they are there."""
    sent: list[int] = []
    bare_send, bare_newkeys = SshTransport._send_message, paramiko.Transport._parse_newkeys
    meanwhile: list[Callable[[], None]] = []

    def newkeys(self: Any, m: paramiko.Message) -> None:
        bare_newkeys(self, m)
        for work in meanwhile:
            assert frees(work, 5)

    def send(self: Any, m: paramiko.Message) -> None:
        sent.append(m.asbytes()[0])
        bare_send(self, m)

    monkeypatch.setattr(SshTransport, "_send_message", send)
    with logged_in(SshTransport, server) as transport:
        channel = transport.open("session")
        channel.exec_command("cat")
        monkeypatch.setattr(paramiko.Transport, "_parse_newkeys", newkeys)
        starts = transport._send_kex_init

        def start() -> None:
            starts()
            channel.shutdown_write()  # by the thread that gives each message its turn

        monkeypatch.setattr(transport, "_send_kex_init", start)
        meanwhile.append(channel.close)
        transport.packetizer._Packetizer__need_rekey = True
        wait_until(lambda: MSG_CHANNEL_CLOSE in sent)
        assert [each for each in sent if each in (MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE)] == [
            MSG_CHANNEL_EOF,
            MSG_CHANNEL_CLOSE,
        ]
        assert transport.alive


def test_a_key_exchange_that_begins_as_something_is_sent_blocks_nobody(server: Server, monkeypatch: pytest.MonkeyPatch):
    """paramiko: whoever sends then waits for the new keys, with the channel's lock, for which the transport waits."""
    with logged_in(SshTransport, server) as transport:
        channel = transport.open("session")
        channel.exec_command("cat")
        free = transport.free

        def exchange() -> None:
            """As `_send_kex_init` begins one."""
            with transport.clear_to_send_lock:
                transport.clear_to_send.clear()

        def begins() -> Any:
            found = free()
            exchanges.append(threading.Thread(target=exchange, daemon=True))
            exchanges[-1].start()
            exchanges[-1].join(0.1)
            return found

        exchanges: list[threading.Thread] = []
        monkeypatch.setattr(transport, "free", begins)
        went = frees(channel.shutdown_write, 2)
        monkeypatch.setattr(transport, "free", free)
        for thread in exchanges:
            thread.join(5)
        transport.clear_to_send.set()
        assert went
        assert channel.status_event.wait(5)


def test_bare_rekeying_ends_the_connection(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paramiko.packet.Packetizer, "REKEY_BYTES", 1 << 20)
    with logged_in(paramiko.Transport, server) as transport:
        transport.clear_to_send_timeout = 1.0  # 30 s otherwise
        assert exercise(transport, lambda: transport.open_session(timeout=5), 40) < 160
        assert not transport.is_active()


# dead peers


def stuffed(transport: Any, channel: Any) -> None:
    """A thread that fills every buffer on the way to the peer."""

    def stuff() -> None:
        while True:
            channel.sendall(bytes(1 << 20))

    threading.Thread(target=_quietly, args=(stuff,), daemon=True).start()


@pytest.mark.alone
def test_closing_a_channel_never_waits_for_a_dead_peer(server: Server):
    with wire(server.port) as line, logged_in(SshTransport, server, line.port) as transport:
        busy = [transport.open("session") for _ in range(4)]
        for channel in busy:
            channel.exec_command("cat > /dev/null")
        line.freeze()
        for channel in busy:
            stuffed(transport, channel)
        wait_until(lambda: not transport.free())
        begin = time.monotonic()
        for channel in busy:
            channel.close()
        transport.close()
        assert time.monotonic() - begin < 0.5


def test_bare_closing_a_channel_waits_for_a_dead_peer(server: Server):
    with wire(server.port) as line, logged_in(paramiko.Transport, server, line.port) as transport:
        busy = [transport.open_session(timeout=5) for _ in range(4)]
        for channel in busy:
            channel.exec_command("cat > /dev/null")
        line.freeze()
        for channel in busy:
            stuffed(transport, channel)
        lock = transport.packetizer._Packetizer__write_lock
        wait_until(lambda: not lock.acquire(blocking=False) or lock.release())
        assert not frees(busy[0].close, 1)


def wait_until(holds: Callable[[], object], seconds: float = 10) -> None:
    """Something that no event tells: it must hold three times in a row."""
    deadline, row = time.monotonic() + seconds, 0
    while row < 3:
        assert time.monotonic() < deadline
        row = row + 1 if holds() else 0
        time.sleep(0.05)


def test_a_ping_is_answered_and_timed(server: Server):
    with logged_in(SshTransport, server) as transport:
        before = transport.heard
        transport.ping()
        wait_until(lambda: transport.latency is not None)
        assert transport.heard > before


def test_a_channel_is_closed_by_the_transports_own_thread_when_the_way_was_busy(server: Server):
    with logged_in(SshTransport, server) as transport:
        channel = transport.open("session")
        channel.exec_command("cat")
        with transport.packetizer._Packetizer__write_lock:
            assert frees(channel.close, 1)
            assert len(transport.outgoing) == 2  # its end of file and its close
        wait_until(lambda: not len(transport.outgoing))
        for _ in range(12):
            transport.open("session").close()


# small ones


def test_gcm_is_preferred(server: Server):
    with logged_in(SshTransport, server) as transport:
        assert transport.local_cipher == "aes128-gcm@openssh.com"
    with logged_in(paramiko.Transport, server) as transport:
        assert transport.local_cipher == "aes128-ctr"


def test_no_delay_is_set(server: Server):
    sock = connect_tcp("127.0.0.1", server.port, 5)
    with sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_exit_signal_is_kept(server: Server):
    with logged_in(SshTransport, server) as transport:
        channel = transport.open("session")
        channel.exec_command("kill -SEGV $$")
        assert channel.recv(1) == b""
        assert channel.status_event.wait(5)
        assert channel.status() == 128 + 11
    with logged_in(paramiko.Transport, server) as transport:
        channel = transport.open_session()
        channel.exec_command("kill -SEGV $$")
        assert channel.recv_exit_status() == -1


def test_the_servers_farewell_is_kept(server: Server):
    with logged_in(SshTransport, server) as transport:
        pass
    transport = SshTransport(connect_tcp("127.0.0.1", server.port, 5))
    transport.start_client(timeout=10)
    for _ in range(8):
        try:
            transport.auth_publickey(ME, paramiko.Ed25519Key.from_private_key_file(str(server.keys.other)))
        except paramiko.SSHException:
            continue
    assert transport.ended.wait(5)
    assert transport.why() == "the server said: Too many authentication failures"


def test_paramikos_log_stays_off_the_screen(capfd: pytest.CaptureFixture[str]):
    """In a fresh interpreter: pytest has handlers of its own."""
    program = "import {module}, logging; logging.getLogger('paramiko.transport').error('over the screen')"
    for module, shown in (("paramiko", True), ("gpuws.link.paramiko.transport", False)):
        done = subprocess.run([sys.executable, "-c", program.format(module=module)], capture_output=True, check=True)
        assert (b"over the screen" in done.stderr) is shown
    assert logging.getLogger("paramiko").propagate is False
