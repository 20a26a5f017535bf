"""The way to a host: resolution, jump hosts, proxy commands, and everything that can be wrong with it."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gpuws.link.connect import tcp
from gpuws.link.connect.connector import Connector
from gpuws.link.local.local import LocalLink
from gpuws.link.paramiko import auth, login
from gpuws.model.errors import AuthFailed, Cancelled, HostError, HostKeyUnknown, TurnedAway, Unreachable, UsageError
from gpuws.model.host.host import Backend, Host
from gpuws.model.host.question import Question
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody
from tests.link.sshd import ME, Keys, Server
from tests.link.wire import Wire, silent_server, wire


def refused(connector: Connector, host: Host, error: type[Exception] = Unreachable) -> str:
    with pytest.raises(error) as caught:
        connector.connect(host, nobody)
    return str(caught.value)


def test_this_machine(connector: Connector):
    assert isinstance(connector.connect(Host("local"), nobody), LocalLink)


def test_phases_are_told_in_order(server: Server, connector: Connector):
    phases: list[str] = []
    connector.connect(host_of(server), nobody, phases.append)
    assert phases == ["resolving", "connecting", "checking the host key", "logging in"]


# what can be wrong


def test_nothing_listens(server: Server, connector: Connector):
    server.write_config(f"Port {sshd.free_port()}")
    assert "refuses connections — is sshd running there" in refused(connector, host_of(server))


def test_an_unknown_name(server: Server, connector: Connector):
    server.write_config("HostName no-such-host.invalid")
    assert "no address is known for no-such-host.invalid" in refused(connector, host_of(server))


def test_no_answer_in_time(server: Server, connector: Connector):
    with socket.socket() as full:  # a full backlog drops what comes: as silent as a dead machine
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        server.write_config(f"Port {full.getsockname()[1]}")
        message = refused(connector, replace(host_of(server), connect_timeout=0.5))
        for sock in waiting:
            sock.close()
    assert "does not answer within 0.5 s" in message


def test_a_server_that_takes_the_connection_and_says_nothing(
    server: Server, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(login, "HANDSHAKE_TIMEOUT", 0.5)
    with silent_server() as port:
        server.write_config(f"Port {port}")
        assert "accepts connections but does not answer" in refused(connector, host_of(server))


def test_a_server_that_falls_silent_during_the_login(
    server: Server, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(auth, "ANSWER_TIMEOUT", 0.5)
    with wire(server.port) as line:
        server.write_config(f"Port {line.port}", f"HostKeyAlias {server.name}")
        freeze = {"logging in": line.freeze}
        with pytest.raises(Unreachable, match="stopped answering during the login"):
            connector.connect(host_of(server), nobody, lambda phase: freeze.get(phase, str)())


@pytest.mark.parametrize("greeting", [b"220 ftp\r\n" * 200, b"", b"\x00" * 100, b"SSH-1.5-old\r\n"])
def test_what_is_no_ssh_server(server: Server, connector: Connector, greeting: bytes):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.write_config(f"Port {listener.getsockname()[1]}")

        def greet() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(greeting)

        threading.Thread(target=greet, daemon=True).start()
        message = refused(connector, host_of(server), HostError)
    assert message.startswith("box: ")
    assert len(message) < 300


def test_a_server_whose_algorithms_paramiko_lacks(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, "Ciphers chacha20-poly1305@openssh.com") as server:
        message = refused(connector, replace(host_of(server), backend="paramiko"), HostError)
    assert "share no" in message
    assert "chacha20-poly1305@openssh.com" in message
    assert "by Ciphers" in message


def test_options_that_ssh_does_not_know(server: Server, connector: Connector):
    message = refused(connector, replace(host_of(server), ssh_options={"NoSuchOption": "1"}), UsageError)
    assert "ssh does not accept its configuration" in message
    assert "nosuchoption" in message


@pytest.mark.parametrize("name", ["-oProxyCommand=touch /tmp/x", "a b", "a;b", ""])
def test_addresses_that_are_none(connector: Connector, name: str):
    assert "is not an address" in refused(connector, Host("box", hostname=name or " "), UsageError)


def test_connecting_ends_when_the_connector_does(server: Server):
    connector = Connector()
    with silent_server() as port:
        server.write_config(f"Port {port}")
        errors: list[Exception] = []

        def connect() -> None:
            try:
                connector.connect(host_of(server), nobody)
            except Cancelled as error:
                errors.append(error)

        thread = threading.Thread(target=connect, daemon=True)
        thread.start()
        while not connector._transports:
            time.sleep(0.01)
        connector.close()
        thread.join(2)
    assert len(errors) == 1


# dialling


@pytest.mark.alone
def test_the_second_address_is_tried_before_the_first_has_failed(server: Server, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fill = [socket.socket() for _ in range(3)]
        for sock in fill:
            sock.setblocking(False)
            sock.connect_ex(deaf.getsockname())
        entries = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", deaf.getsockname()),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
        ]
        monkeypatch.setattr(tcp.socket, "getaddrinfo", lambda *_: entries)
        begin = time.monotonic()
        with tcp.connect_tcp("box", 22, 5) as sock:
            assert sock.getpeername()[1] == server.port
        assert time.monotonic() - begin < 2
        for sock in fill:
            sock.close()


def test_the_last_error_counts_when_all_addresses_refuse(monkeypatch: pytest.MonkeyPatch):
    ports = [sshd.free_port(), sshd.free_port()]
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(tcp.socket, "getaddrinfo", lambda *_: entries)
    with pytest.raises(ConnectionRefusedError):
        tcp.connect_tcp("box", 22, 5)


# names


@pytest.mark.parametrize("name", ["办公", "lab/gpu/a100", "Quoted-Name", "gpu+1", "2001:db8::10", "my_gpu.x", "n=1^#"])
def test_a_host_is_reached_by_whatever_ssh_calls_it(server: Server, connector: Connector, name: str):
    server.write_config(alias=f'"{name}"')
    link = connector.connect(host_of(server, name), nobody)
    assert link.run(["echo", "here"]).stdout == b"here\n"
    link.close()


@pytest.mark.parametrize(("jump", "name"), [("lab/gate", "lab/gate"), ("[rack:1]", "rack:1"), ("[::1]", "::1")])
def test_a_jump_host_is_one_of_the_fleet_by_its_name(jump: str, name: str):
    gate = Host(name, hostname="gate.lab.example")
    assert Connector([gate])._jump_host(jump, None) is gate


# proxy commands


def test_a_proxy_command(server: Server, connector: Connector):
    server.write_config("ProxyCommand sh -c 'echo $0 >&2; exec %d/../bin/nc %h %p'")
    relay = server.folder / "relay.py"
    relay.write_text(RELAY)
    server.write_config(f"ProxyCommand {os.sys.executable} {relay} %h %p")
    link = connector.connect(host_of(server), nobody)
    assert link.run(["echo", "through"]).stdout == b"through\n"
    before = link_children()
    link.close()
    deadline = time.monotonic() + 5
    while link_children() & before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "written",
    [
        "sh -c 'd=%h; exec {relay} ${{d}} %p'",
        "bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3; kill $!'",
        "{relay} ${{HOME:+%h}} %p",
        '{relay} $(echo "${{NOT_SET_HERE:-%h}}") %p',
    ],
)
def test_what_a_proxy_command_leaves_to_the_shell(server: Server, connector: Connector, written: str):
    relay = server.folder / "relay.py"
    relay.write_text(RELAY)
    server.write_config(f"ProxyCommand {written.format(relay=f'{os.sys.executable} {relay}')}")
    link = connector.connect(host_of(server), nobody)
    assert link.run(["echo", "through"]).stdout == b"through\n"
    link.close()


def test_a_proxy_command_that_dies_is_seen_at_once(server: Server, connector: Connector):
    relay = server.folder / "relay.py"
    relay.write_text(RELAY)
    server.write_config(f"ProxyCommand {os.sys.executable} {relay} %h %p")
    before = link_children()
    link = connector.connect(host_of(server), nobody)
    told = threading.Event()
    link.on_lost(lambda _: told.set())
    (child,) = link_children() - before
    os.kill(child, 9)
    assert told.wait(2)


def test_a_proxy_command_that_fails_is_quoted(server: Server, connector: Connector):
    server.write_config("ProxyCommand echo the gate is shut >&2; exit 1")
    assert "the gate is shut" in refused(connector, host_of(server))


RELAY = """
import os, socket, sys, threading
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def up():
    while data := os.read(0, 65536):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while data := sock.recv(65536):
    os.write(1, data)
"""


def link_children() -> set[int]:
    """Our own child processes that run the relay."""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return {int(line.split()[0]) for line in shown.stdout.splitlines() if "relay.py" in line}


# jump hosts

on_both = pytest.mark.parametrize("backend", ["paramiko", "openssh"], indirect=True)
openssh_late = pytest.mark.parametrize(
    "backend", ["paramiko", pytest.param("openssh", marks=pytest.mark.soak)], indirect=True
)


@pytest.fixture
def two(keys: Keys, server: Server, tmp_path: Path):
    """`box` behind `bastion`; the wire in front of the bastion counts logins."""
    with sshd.serve(tmp_path / "bastion", keys) as bastion, wire(bastion.port) as line:
        yield bastion, line


def behind(server: Server, bastion: Server, line: Wire, *more: str) -> None:
    shared = f"User {ME}\n IdentityFile {server.keys.user}\n IdentityAgent none\n GlobalKnownHostsFile none\n"
    server.write_config(*more, "ProxyJump bastion")
    with server.config.open("a") as file:
        file.write(
            f"Host bastion\n HostName 127.0.0.1\n Port {line.port}\n HostKeyAlias bastion\n {shared}"
            f" UserKnownHostsFile {bastion.known_hosts}\n"
        )
    bastion.write_known_hosts(name="bastion")


@on_both
def test_a_jump_host(server: Server, connector: Connector, two, backend: Backend):
    behind(server, *two)
    phases: list[str] = []
    link = connector.connect(host_of(server, backend=backend), nobody, phases.append)
    assert link.run(["echo", "there"]).stdout == b"there\n"
    by_ssh = [] if backend == "paramiko" else ["by the system's ssh: hosts.yaml says so"]
    assert phases[: 3 + len(by_ssh)] == ["resolving", *by_ssh, "waiting for bastion", "bastion: connecting"]
    assert phases[-1] == "logging in"


@openssh_late
def test_eight_hosts_behind_one_jump_host_are_one_login(server: Server, connector: Connector, two, backend: Backend):
    bastion, line = two
    behind(server, bastion, line)
    links = []
    threads = [
        threading.Thread(
            target=lambda: links.append(connector.connect(host_of(server, backend=backend), nobody)), daemon=True
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(links) == 8
    assert line.accepted == 1
    for link in links[1:]:
        link.close()
    assert links[0].run(["true"]).ok  # the shared login stays while somebody uses it
    links[0].close()
    deadline = time.monotonic() + 5
    while bastion.children():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert connector.connect(host_of(server, backend=backend), nobody).alive
    assert line.accepted == 2


@on_both
def test_a_jump_host_that_refuses_is_asked_once_for_all(server: Server, connector: Connector, two, backend: Backend):
    bastion, line = two
    behind(server, bastion, line)
    (bastion.folder / "authorized_keys").write_text("")
    errors = []
    gate = threading.Barrier(5)

    def connect() -> None:
        gate.wait()
        try:
            connector.connect(host_of(server, backend=backend), nobody)
        except AuthFailed as error:
            errors.append(error.message)

    threads = [threading.Thread(target=connect, daemon=True) for _ in range(5)]
    line.freeze()
    for thread in threads:
        thread.start()
    while not line.accepted:
        time.sleep(0.01)
    time.sleep(0.3)  # nothing tells that the other four have come to wait
    line.thaw()
    for thread in threads:
        thread.join(20)
    assert line.accepted == 1
    assert len(errors) == 5
    assert all(message.startswith("bastion: ") for message in errors)


@on_both
def test_a_jump_hosts_question_names_it(server: Server, connector: Connector, two, backend: Backend):
    bastion, line = two
    behind(server, bastion, line)
    bastion.known_hosts.write_text("")
    person = Person()
    with pytest.raises(HostKeyUnknown, match=r"^bastion: "):
        connector.connect(host_of(server, backend=backend), person)
    assert person.questions[0].origin == "bastion"


@on_both
def test_a_target_that_the_jump_host_cant_reach(server: Server, connector: Connector, two, backend: Backend):
    behind(server, *two, f"Port {sshd.free_port()}")
    message = refused(connector, host_of(server, backend=backend))
    assert message.startswith("box: through bastion: 127.0.0.1:")
    assert "connection refused" in message


@on_both
def test_a_lost_jump_host_takes_its_hosts_along_and_says_so(
    server: Server, connector: Connector, two, backend: Backend
):
    bastion, line = two
    behind(server, bastion, line)
    link = connector.connect(host_of(server, backend=backend), nobody)
    reasons: list[str] = []
    told = threading.Event()
    link.on_lost(lambda reason: (reasons.append(reason), told.set()))
    line.cut()
    assert told.wait(5)
    assert reasons == ["its jump host bastion is gone: the server closed the connection"]


@pytest.mark.alone
@on_both
def test_closing_through_a_frozen_jump_host_takes_no_time(server: Server, connector: Connector, two, backend: Backend):
    bastion, line = two
    behind(server, bastion, line)
    link = connector.connect(host_of(server, backend=backend), nobody)
    process = link.popen(["cat"])
    line.freeze()
    threading.Thread(target=_ignore, args=(lambda: process.write(bytes(64 << 20)),), daemon=True).start()
    time.sleep(0.3)  # until the buffers are full; nothing tells
    begin = time.monotonic()
    process.close()
    link.close()
    assert time.monotonic() - begin < 0.5


def _ignore(work) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011
        work()


@openssh_late
def test_a_chain_of_jump_hosts(server: Server, connector: Connector, keys: Keys, two, tmp_path: Path, backend: Backend):
    bastion, line = two
    with sshd.serve(tmp_path / "second", keys) as second:
        behind(server, bastion, line)
        second.write_known_hosts(name="second")
        text = server.config.read_text().replace("ProxyJump bastion", "ProxyJump bastion,second")
        block = (
            text[text.index("Host bastion") :].replace("bastion", "second").replace(str(line.port), str(second.port))
        )
        block = block.replace(str(bastion.known_hosts).replace("bastion", "second"), str(second.known_hosts))
        server.config.write_text(text + block)
        link = connector.connect(host_of(server, backend=backend), nobody)
        assert link.run(["echo", "far"]).stdout == b"far\n"
        assert len(bastion.children()) == len(second.children()) == 1


@on_both
def test_a_jump_host_may_be_a_host_of_the_fleet(server: Server, two, backend: Backend):
    bastion, line = two
    behind(server, bastion, line)
    server.config.write_text(server.config.read_text().replace("  ProxyJump bastion\n", ""))
    gate = Host("gate", hostname="bastion", ssh_config=str(server.config))
    connector = Connector([gate])
    link = connector.connect(replace(host_of(server, backend=backend), jump="gate"), nobody)
    assert link.run(["true"]).ok
    assert line.accepted == 1
    connector.close()


def test_circles_are_seen(server: Server, connector: Connector, two):
    bastion, line = two
    behind(server, bastion, line)
    text = server.config.read_text()
    server.config.write_text(
        f"Host other\n HostName other.invalid\n ProxyJump bastion\nHost bastion\n ProxyJump other\n{text}"
    )
    assert "in a circle" in refused(connector, host_of(server), UsageError)


@openssh_late
def test_a_jump_for_all_hosts_does_not_count_for_the_jump_host_itself(
    server: Server, connector: Connector, two, backend: Backend
):
    bastion, line = two
    behind(server, bastion, line)
    server.config.write_text(server.config.read_text() + "Host *\n ProxyJump bastion\n")
    assert connector.connect(host_of(server, backend=backend), nobody).run(["true"]).ok
    assert line.accepted == 1


@openssh_late
def test_asking_holds_nobody_else_up(server: Server, connector: Connector, two, backend: Backend):
    """Five hosts behind the jump host wait for a person; the sixth gets in (four connect at a time)."""
    behind(server, *two)
    unknown = server.folder / "unknown"
    unknown.write_text("")
    asking = threading.Semaphore(0)
    go_on = threading.Event()

    def ask(question: Question) -> None:
        asking.release()
        go_on.wait(20)

    host = replace(host_of(server, backend=backend), ssh_options={"UserKnownHostsFile": str(unknown)})
    threads = [
        threading.Thread(target=_ignore, args=(lambda: connector.connect(host, ask),), daemon=True) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert asking.acquire(timeout=10)
    assert connector.connect(host_of(server, backend=backend), nobody).alive
    go_on.set()
    for thread in threads:
        thread.join(5)


# hung up before a word


@pytest.mark.parametrize(
    ("greeting", "expected", "wait"),
    [
        (b"", "fail2ban", 4.0),
        (b"Exceeded MaxStartups\r\n", "too many logins are on their way there (MaxStartups)", 5.0),
        (b"Not allowed at this time\r\n", "keeps this address out for a while (PerSourcePenalties)", 30.0),
    ],
)
@pytest.mark.parametrize("reset", [False, True])
def test_a_server_that_hangs_up_is_no_wrong_port(
    server: Server, connector: Connector, greeting: bytes, expected: str, wait: float, reset: bool
):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.write_config(f"Port {listener.getsockname()[1]}")

        def hang_up() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(greeting)
                sock.recv(1000)  # what is read is not reset
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(TurnedAway) as caught:
            connector.connect(host_of(server), nobody)
    assert expected in caught.value.message
    assert "port right" not in str(caught.value)
    assert caught.value.wait == wait


def test_a_real_sshd_with_too_many_logins_says_so(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, "MaxStartups 2:100:2") as server, ExitStack() as held:
        inside = 0  # on their way in, and stay there; whoever looked whether it listens may still count
        while inside < 2:
            sock = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            inside += sock.recv(4) == b"SSH-"
        with pytest.raises(TurnedAway, match="MaxStartups"):
            connector.connect(host_of(server), nobody)


def test_what_is_no_ssh_is_quoted(server: Server, connector: Connector):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.write_config(f"Port {listener.getsockname()[1]}")

        def greet() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(b"220 ftp.lab.example ready\r\n" * 200)
                sock.recv(1)

        threading.Thread(target=greet, daemon=True).start()
        message = refused(connector, host_of(server))
    assert "does not speak SSH 2, it says: 220 ftp.lab.example ready — is the port right?" in message


def test_a_hurried_attempt_has_five_seconds_for_its_connection(
    server: Server, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    dialled = []

    def dial(host: str, port: int, timeout: float, *_: str) -> socket.socket:
        dialled.append(timeout)
        raise TimeoutError

    monkeypatch.setattr("gpuws.link.connect.route.connect_tcp", dial)
    host = replace(host_of(server), connect_timeout=30.0)
    for hurried, seconds in ((False, 30), (True, 5)):
        with pytest.raises(Unreachable, match=f"does not answer within {seconds} s"):
            connector.connect(host, nobody, hurried=hurried)
    assert dialled == [30.0, 5.0]


def test_what_ssh_would_do_besides_is_known_and_not_done(server: Server, connector: Connector):
    server.write_config("RemoteCommand tmux new -A -s main", "LocalForward 18080 db:80", "ForwardAgent yes")
    facts = connector.connect(host_of(server), nobody).facts()
    assert facts is not None
    assert facts.besides == (
        "run `tmux new -A -s main` (RemoteCommand)",
        "forward 18080 to [db]:80 (LocalForward)",
        "lend it your agent (ForwardAgent)",
    )
