"""What ssh asks reaches a person as gpuws' own questions do, and why it failed is told in the same errors."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.model.errors import (
    AuthFailed,
    Blocked,
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    NeedsPerson,
    TurnedAway,
    Unreachable,
)
from gpuws.model.host.host import Host
from gpuws.model.host.question import Answer
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import Keys, Server


def odd_host(port: int, folder: Path, keys: Keys) -> Host:
    known = folder / "known_hosts"
    kind, blob = keys.host.with_suffix(".pub").read_text().split()[:2]
    known.write_text(f"[127.0.0.1]:{port} {kind} {blob}\n")
    config = folder / "config"
    config.write_text(
        f"Host odd\n HostName 127.0.0.1\n Port {port}\n User alice\n IdentityFile {keys.user}\n IdentityAgent none\n"
        f" UserKnownHostsFile {known}\n GlobalKnownHostsFile none\n"
    )
    return Host("odd", ssh_config=str(config), backend="openssh")


def test_a_new_host_key_is_shown_and_kept(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    person = Person(Answer())
    link = connector.connect(host_of(server, backend="openssh"), person)
    (question,) = person.questions
    facts = link.facts()
    assert facts is not None
    assert (question.kind, question.origin) == ("host-key", "box")
    assert question.text == f"The host key of {server.name} is not known. Is this its fingerprint?"
    assert question.detail == (facts.host_key,)
    assert (link.needed_human, facts.backend) == (False, "openssh")
    assert server.known_hosts.read_text()
    assert connector.connect(host_of(server, backend="openssh"), nobody).alive


def test_a_host_key_that_nobody_confirms_ends_it(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    with pytest.raises(
        HostKeyUnknown, match=r"is not known and nobody confirmed it — compare ssh-ed25519 SHA256:"
    ) as caught:
        connector.connect(host_of(server, backend="openssh"), Person(None))
    assert not caught.value.asks  # whoever comes next may try: once the key is known, nobody is asked
    assert server.known_hosts.read_text() == ""


def test_a_changed_host_key_stops(server: Server, keys: Keys, connector: Connector):
    server.write_known_hosts(keys.other)
    server.write_config("StrictHostKeyChecking no")
    with pytest.raises(HostKeyChanged) as caught:
        connector.connect(host_of(server, backend="openssh"), nobody)
    assert (
        f"the host key of {server.name} has changed: known ED25519 ({server.known_hosts}:1), now ssh-ed25519 SHA"
        in (caught.value.message)
    )
    assert f"ssh-keygen -f {server.known_hosts} -R '{server.name}'" in caught.value.remedy


def test_strict_checking_takes_no_new_key(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    server.write_config("StrictHostKeyChecking yes")
    with pytest.raises(Blocked, match="StrictHostKeyChecking is `yes`"):
        connector.connect(host_of(server, backend="openssh"), nobody)


def test_a_passphrase(server: Server, keys: Keys, tmp_path: Path, connector: Connector):
    key = sshd.make_key(tmp_path / "locked", passphrase="sesame")
    authorized = server.folder / "authorized_keys"
    before = authorized.read_text()
    authorized.write_text(before + key.with_suffix(".pub").read_text())
    server.write_config(f"IdentityFile {key}", "IdentitiesOnly yes")
    server.config.write_text(server.config.read_text().replace(f"  IdentityFile {keys.user}\n", ""))
    person = Person("wrong", "sesame")
    try:
        link = connector.connect(host_of(server, backend="openssh"), person)
    finally:
        authorized.write_text(before)
    assert [(question.kind, question.text, question.detail) for question in person.questions] == [
        ("passphrase", f"Passphrase of {key}", ()),
        ("passphrase", f"Passphrase of {key}", ("That was not it, try again.",)),
    ]
    assert link.needed_human


def test_a_password_is_asked_again_and_stands_in_no_argument(keys: Keys, tmp_path: Path, connector: Connector):
    person = Person("wrong", "sesame")
    with odd_server(Rules(["password"]), str(keys.host)) as port:
        link = connector.connect(odd_host(port, tmp_path, keys), person)
        assert link.alive
        everything = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
        assert not any(b"sesame" in line for line in everything)
    assert [(question.kind, question.text, question.detail) for question in person.questions] == [
        ("password", "Password of alice@127.0.0.1", ()),
        ("password", "Password of alice@127.0.0.1", ("Not accepted, try again.",)),
    ]
    assert link.needed_human


def readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def test_a_servers_words_stand_in_its_frame(keys: Keys, tmp_path: Path, connector: Connector):
    rules, person = Rules(["publickey", "keyboard-interactive"]), Person("123456", "0000")
    with odd_server(rules, str(keys.host)) as port:
        connector.connect(odd_host(port, tmp_path, keys), person)
    assert rules.tried[-1] == "keyboard-interactive"
    for question, last in zip(person.questions, ("Code:", "PIN:"), strict=True):
        assert (question.kind, question.said[-1], question.detail) == ("prompt", last, ())
        assert question.server == "alice@127.0.0.1"
        assert question.text == "The server alice@127.0.0.1 asks in its own words"
    assert any("factors" in row for row in person.questions[0].said)


def test_what_nobody_answers_is_not_guessed(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["password"])
    with (
        odd_server(rules, str(keys.host)) as port,
        pytest.raises(NeedsPerson, match="odd: nobody answered when it asked for a password") as caught,
    ):
        connector.connect(odd_host(port, tmp_path, keys), Person(None))
    assert rules.tried == []
    assert caught.value.asks


def test_a_refused_login_says_what_was_tried(server: Server, keys: Keys, connector: Connector):
    server.config.write_text(server.config.read_text().replace(str(keys.user), str(keys.other)))
    with pytest.raises(AuthFailed) as caught:
        connector.connect(host_of(server, backend="openssh"), nobody)
    assert f"refused the login (tried {keys.other}; the server takes publickey)" in caught.value.message
    assert not caught.value.asks


def test_a_port_that_refuses(server: Server, connector: Connector):
    port = sshd.free_port()
    server.write_config(f"Port {port}")
    with pytest.raises(Unreachable, match=rf"box: 127\.0\.0\.1 port {port} refuses connections — is sshd running"):
        connector.connect(host_of(server, backend="openssh"), nobody)


def test_a_server_that_hangs_up_is_left_alone_for_a_while(server: Server, connector: Connector):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.write_config(f"Port {listener.getsockname()[1]}")

        def hang_up() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(1000)

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(TurnedAway, match="ended the connection before a word"):
            connector.connect(host_of(server, backend="openssh"), nobody)


def test_no_common_algorithm(server: Server, connector: Connector, keys: Keys, tmp_path: Path):
    with sshd.serve(tmp_path / "sshd", keys, "Ciphers aes128-ctr") as other:
        other.write_config("Ciphers chacha20-poly1305@openssh.com")
        with pytest.raises(HostError, match="box: the server and ssh share no cipher: it only has aes128-ctr"):
            connector.connect(host_of(other, backend="openssh"), nobody)


def test_what_only_ssh_speaks(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, "Ciphers chacha20-poly1305@openssh.com") as other:
        assert connector.connect(host_of(other, backend="openssh"), nobody).run(["true"]).status == 0
