"""Logging in at a real sshd, and at an odd one for what OpenSSH asks only with PAM."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paramiko import AUTH_FAILED, AUTH_PARTIALLY_SUCCESSFUL, InteractiveQuery, Message
from paramiko.common import cMSG_USERAUTH_BANNER

from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import Unusable, WrongPassphrase
from gpuws.model.errors import AuthFailed, NeedsPerson, Unreachable
from gpuws.model.host.host import Host
from gpuws.model.host.question import Answer, Question
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import Keys, Server, make_key


def add_to_server(server: Server, key: Path) -> None:
    with (server.folder / "authorized_keys").open("a") as file:
        file.write(key.with_suffix(".pub").read_text())


@pytest.fixture
def own(keys: Keys, tmp_path: Path) -> Iterator[Server]:
    """A server that a test may change."""
    with sshd.serve(tmp_path / "sshd", keys, "LogLevel VERBOSE") as server:
        yield server


@pytest.fixture
def agent() -> Iterator[dict[str, str]]:
    folder = tempfile.mkdtemp()  # pytest's own folders are too deep for a socket's path
    path = f"{folder}/agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    environment = {**os.environ, "SSH_AUTH_SOCK": path}
    while subprocess.run(["ssh-add", "-l"], env=environment, capture_output=True, check=False).returncode == 2:
        assert process.poll() is None
    yield environment
    process.kill()
    process.wait()
    shutil.rmtree(folder)


# refused


def test_a_refused_key_names_what_was_tried(server: Server, connector: Connector):
    server.write_config(f"IdentityFile {server.keys.other}", "IdentitiesOnly yes")
    text = server.config.read_text().replace(f"  IdentityFile {server.keys.user}\n", "")
    server.config.write_text(text)
    with pytest.raises(AuthFailed, match=r"box: \w+@127\.0\.0\.1:\d+ refused the login") as error:
        connector.connect(host_of(server), nobody)
    assert str(server.keys.other) in error.value.message
    assert "the server takes publickey" in error.value.message
    assert "authorized_keys" in error.value.remedy


def test_a_configured_key_that_is_missing_is_named(server: Server, connector: Connector, tmp_path: Path):
    server.write_config(f"IdentityFile {tmp_path}/absent")
    server.config.write_text(server.config.read_text().replace(f"  IdentityFile {server.keys.user}\n", ""))
    with pytest.raises(AuthFailed, match="/absent can't be read"):
        connector.connect(host_of(server), nobody)


@pytest.mark.parametrize(("only", "most"), [(False, 6), (True, 6), (False, 9)])
def test_keys_are_offered_up_to_the_servers_own_limit(
    keys: Keys, connector: Connector, tmp_path: Path, agent: dict[str, str], only: bool, most: int
):
    """Of seven keys the right one is the last: it is reached where the server lets ssh reach it."""
    made = [make_key(tmp_path / f"key{number}") for number in range(7)]
    for key in made:
        subprocess.run(["ssh-add", "-q", key], env=agent, check=True)
    with sshd.serve(tmp_path / "sshd", keys, f"MaxAuthTries {most}") as server:
        add_to_server(server, made[-1])
        server.write_config(f"IdentityAgent {agent['SSH_AUTH_SOCK']}", f"IdentitiesOnly {'yes' if only else 'no'}")
        named = "".join(f"  IdentityFile {key}\n" for key in made) if only else ""
        text = server.config.read_text().replace("  IdentityAgent none\n", "")
        server.config.write_text(text.replace(f"  IdentityFile {server.keys.user}\n", named))
        if most > len(made):
            assert connector.connect(host_of(server), nobody).alive
            return
        with pytest.raises(AuthFailed, match="it said: Too many authentication failures") as error:
            connector.connect(host_of(server), nobody)
        assert error.value.message.count("/key") + error.value.message.count("(agent)") >= most
        assert ("IdentitiesOnly: yes" in error.value.remedy) != only
        assert "more keys than the server takes" in error.value.remedy


def test_what_identities_only_leaves_out_is_told(server: Server, connector: Connector, tmp_path: Path, agent):
    for number in range(2):
        subprocess.run(["ssh-add", "-q", make_key(tmp_path / f"key{number}")], env=agent, check=True)
    server.write_config(f"IdentityAgent {agent['SSH_AUTH_SOCK']}", "IdentitiesOnly yes")
    text = server.config.read_text().replace("  IdentityAgent none\n", "")
    server.config.write_text(text.replace(str(server.keys.user), str(server.keys.other)))
    with pytest.raises(AuthFailed, match="IdentitiesOnly is `yes`: 2 keys of the agent not offered"):
        connector.connect(host_of(server), nobody)


def test_a_server_that_ends_it_is_quoted(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, "MaxAuthTries 1") as server:
        server.write_config(f"IdentityFile {keys.other}")
        with pytest.raises(AuthFailed, match="it said: Too many authentication failures"):
            connector.connect(host_of(server), nobody)


# key files


@pytest.mark.parametrize(
    ("kind", "options"), [("rsa", []), ("ecdsa", []), ("rsa", ["-m", "PEM"]), ("rsa", ["-m", "PKCS8"])]
)
def test_kinds_and_formats_of_keys(own: Server, connector: Connector, tmp_path: Path, kind: str, options: list[str]):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", *options, "-f", key], check=True)
    add_to_server(own, key)
    key.with_suffix(".pub").unlink()  # the private file alone must do
    own.config.write_text(own.config.read_text().replace(str(own.keys.user), str(key)))
    assert connector.connect(host_of(own), nobody).alive


@pytest.mark.parametrize("options", [[], ["-m", "PEM"], ["-m", "PKCS8"]])
def test_reading_encrypted_keys(tmp_path: Path, options: list[str]):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "open up", *options, "-f", key], check=True)
    file = key_files.read(str(key))
    assert file is not None
    assert (file.encrypted, file.private) == (True, True)
    assert file.public == key_files.read_public(f"{key}.pub")
    assert key_files.load(str(key), "open up").get_name() == "ssh-rsa"
    for wrong in (None, "wrong"):
        with pytest.raises(WrongPassphrase):
            key_files.load(str(key), wrong)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        os.urandom(2000),
        b"\x00" * 2000000,
    ],
)
def test_damaged_key_files(tmp_path: Path, content: bytes):
    path = tmp_path / "key"
    path.write_bytes(content)
    file = key_files.read(str(path))
    assert file is not None
    assert file.public is None
    with pytest.raises(Unusable):
        key_files.load(str(path), None)


def test_a_damaged_key_does_not_hinder_the_next(server: Server, connector: Connector, tmp_path: Path):
    (tmp_path / "broken").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nrubbish\n")
    server.write_config(f"IdentityFile {tmp_path}/broken")
    assert connector.connect(host_of(server), nobody).alive


# passphrases


@pytest.fixture
def locked(own: Server, tmp_path: Path) -> Server:
    """A server that takes a key with a passphrase only."""
    key = make_key(tmp_path / "locked", passphrase="open up")
    (own.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    own.config.write_text(own.config.read_text().replace(str(own.keys.user), str(key)))
    return own


def test_a_passphrase_is_asked_until_it_is_right_and_remembered(locked: Server, connector: Connector):
    person = Person("wrong", "open up")
    link = connector.connect(host_of(locked), person)
    assert [question.kind for question in person.questions] == ["passphrase", "passphrase"]
    assert "/locked" in person.questions[0].text
    assert person.questions[1].detail == ("That was not it, try again.",)
    assert link.needed_human is False  # the unlocked key is kept: a new login asks nobody
    assert connector.connect(host_of(locked), nobody).alive


def test_a_declined_passphrase_fails_the_login(locked: Server, connector: Connector):
    with pytest.raises(NeedsPerson, match="nobody answered when it asked for the passphrase of"):
        connector.connect(host_of(locked), Person(None))


def test_no_passphrase_is_asked_for_a_key_that_the_server_would_not_take(
    server: Server, connector: Connector, tmp_path: Path
):
    key = make_key(tmp_path / "locked", passphrase="open up")
    server.write_config(f"IdentityFile {key}")
    assert connector.connect(host_of(server), nobody).alive


def test_many_hosts_with_one_locked_key_ask_once(locked: Server, connector: Connector):
    asked, release = [], threading.Event()

    def ask(question: Question) -> Answer:
        asked.append(question)
        assert release.wait(20)
        return Answer(text="open up")

    links = []
    threads = [
        threading.Thread(target=lambda: links.append(connector.connect(host_of(locked), ask)), daemon=True)
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    log = locked.folder / "log"
    while log.read_text().count("Accepted key") + log.read_text().count("Postponed publickey") < 6:
        assert any(thread.is_alive() for thread in threads)
    release.set()
    for thread in threads:
        thread.join(20)
    assert len(links) == 6
    assert len(asked) == 1


# agent


def test_agent_keys_and_the_socket_of_identity_agent(own: Server, connector: Connector, tmp_path: Path, agent):
    key = make_key(tmp_path / "held")
    add_to_server(own, key)
    subprocess.run(["ssh-add", "-q", key], env=agent, check=True)
    key.unlink()
    own.write_config(f"IdentityAgent {agent['SSH_AUTH_SOCK']}")
    own.config.write_text(own.config.read_text().replace(f"  IdentityFile {own.keys.user}\n", ""))
    assert connector.connect(host_of(own), nobody).alive
    own.write_config(f"IdentityAgent {agent['SSH_AUTH_SOCK']}", "IdentitiesOnly yes", "IdentityFile none")
    own.config.write_text(own.config.read_text().replace(f"  IdentityFile {own.keys.user}\n", ""))
    with pytest.raises(AuthFailed, match="tried nothing"):
        connector.connect(host_of(own), nobody)


def test_the_configured_key_goes_first_among_the_agents(own: Server, connector: Connector, tmp_path: Path, agent):
    """Seven keys in the agent, and sshd's six tries: the one that IdentityFile names must be the first."""
    for number in range(7):
        subprocess.run(["ssh-add", "-q", make_key(tmp_path / f"key{number}")], env=agent, check=True)
    add_to_server(own, tmp_path / "key6")
    own.write_config(f"IdentityAgent {agent['SSH_AUTH_SOCK']}")
    own.config.write_text(own.config.read_text().replace(str(own.keys.user), f"{tmp_path}/key6.pub"))
    assert connector.connect(host_of(own), nobody).alive


def test_a_dead_agent_is_no_hindrance(server: Server, connector: Connector, tmp_path: Path):
    server.write_config(f"IdentityAgent {tmp_path}/nothing")
    assert connector.connect(host_of(server), nobody).alive


# certificates


@pytest.mark.parametrize("held", [False, True])
def test_certificates_of_key_files_and_agents(
    keys: Keys, tmp_path: Path, connector: Connector, agent: dict[str, str], held: bool
):
    authority, key = make_key(tmp_path / "authority"), make_key(tmp_path / "key", "rsa")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "me", "-n", sshd.ME, key.with_suffix(".pub")],
        check=True,
        capture_output=True,
    )
    with sshd.serve(tmp_path / "sshd", keys, f"TrustedUserCAKeys {authority}.pub") as server:
        server.write_config()
        text = server.config.read_text()
        if held:
            subprocess.run(["ssh-add", "-q", key], env=agent, check=True, capture_output=True)
            shutil.move(tmp_path / "key", tmp_path / "elsewhere")
            text = text.replace("IdentityAgent none", f"IdentityAgent {agent['SSH_AUTH_SOCK']}")
        server.config.write_text(text.replace(str(keys.user), str(key)))
        assert connector.connect(host_of(server), nobody).alive


# people


def test_a_server_that_does_not_wait_for_the_answer(keys: Keys, tmp_path: Path, connector: Connector):
    key = make_key(tmp_path / "locked", passphrase="open up")
    with sshd.serve(tmp_path / "sshd", keys, "LoginGraceTime 1") as server:
        (server.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
        server.config.write_text(server.config.read_text().replace(str(keys.user), str(key)))

        def ask(question: Question) -> Answer:
            (transport,) = connector._transports
            assert transport.ended.wait(10)
            return Answer(text="open up")

        with pytest.raises(Unreachable, match="the server did not wait for the passphrase"):
            connector.connect(host_of(server), ask)
        assert connector.connect(host_of(server), nobody).alive  # the key is unlocked by now


def odd_host(port: int, tmp_path: Path, keys: Keys, *options: str) -> Host:
    kind, blob = keys.host.with_suffix(".pub").read_text().split()[:2]
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {blob}\n")
    config = tmp_path / "ssh_config"
    config.write_text(
        "".join(f"{line}\n" for line in ("Host odd", *options))
        + f" HostName 127.0.0.1\n Port {port}\n User alice\n IdentityFile {keys.user}\n IdentityAgent none\n"
        f" UserKnownHostsFile {tmp_path}/known_hosts\n GlobalKnownHostsFile none\n"
    )
    return Host("odd", ssh_config=str(config))


def test_two_factors(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["publickey", "keyboard-interactive"])
    person = Person("123456", "0000")
    with odd_server(rules, str(keys.host)) as port:
        link = connector.connect(odd_host(port, tmp_path, keys), person)
    assert rules.tried == ["publickey", "keyboard-interactive"]
    assert [(question.kind, question.said, question.echo) for question in person.questions] == [
        ("prompt", ("Two [31m factors", "From your phone", "Code:"), True),
        ("prompt", ("Two [31m factors", "From your phone", "PIN:"), False),
    ]
    for question in person.questions:  # none of the server's words among ours
        assert (question.text, question.detail) == (f"The server alice@127.0.0.1:{port} asks in its own words", ())
        assert question.server == f"alice@127.0.0.1:{port}"
    assert link.needed_human is True


def test_a_wrong_code_may_be_typed_again(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["keyboard-interactive"])
    with odd_server(rules, str(keys.host)) as port:
        connector.connect(odd_host(port, tmp_path, keys), Person("999999", "0000", "123456", "0000"))
    assert rules.tried == ["keyboard-interactive", "keyboard-interactive"]


def test_a_declined_code_ends_the_login_without_a_guess(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["keyboard-interactive"])
    with (
        odd_server(rules, str(keys.host)) as port,
        pytest.raises(NeedsPerson, match='nobody answered when it asked for "Code:"'),
    ):
        connector.connect(odd_host(port, tmp_path, keys), Person(None))
    assert rules.tried == []


@dataclass
class Insatiable(Rules):
    """Asks again whatever is answered."""

    methods: list[str] = field(default_factory=lambda: ["keyboard-interactive"])
    prompts: list[tuple[str | bytes, bool]] = field(default_factory=list)
    rounds: int = 0

    def check_auth_interactive(self, username: str, submethods: str) -> InteractiveQuery:
        self.rounds += 1
        query = InteractiveQuery("", "")
        query.prompts = self.prompts
        return query

    def check_auth_interactive_response(self, responses: list[str]) -> InteractiveQuery:
        return self.check_auth_interactive("", "")


class Lying(list):
    """Far more prompts than there are."""

    def __len__(self) -> int:
        return 0xFFFFFFFF


@pytest.mark.parametrize(
    ("prompts", "asked"),
    [([], 0), ([("Code: ", True)], 12), ([("Code: ", True)] * 9, 0), (Lying(), 0)],
    ids=["empty rounds", "rounds", "prompts", "prompts that are not there"],
)
def test_a_server_that_asks_without_an_end(
    keys: Keys, tmp_path: Path, connector: Connector, prompts: list[tuple[str | bytes, bool]], asked: int
):
    rules, person = Insatiable(prompts=prompts), Person(*["1"] * 99)
    with odd_server(rules, str(keys.host)) as port:
        with pytest.raises(AuthFailed, match=r"odd: alice@.* asks without an end"):
            connector.connect(odd_host(port, tmp_path, keys), person)
        (transport,) = connector._transports
        assert transport.ended.wait(5)
    assert rules.rounds <= 13
    assert len(person.questions) == asked


class NeverEnough(Rules):
    def check_auth_interactive(self, username: str, submethods: str) -> int:
        self.tried.append("keyboard-interactive")
        return AUTH_PARTIALLY_SUCCESSFUL


def test_a_server_that_takes_every_step_and_wants_another(keys: Keys, tmp_path: Path, connector: Connector):
    rules = NeverEnough(["keyboard-interactive"])
    with odd_server(rules, str(keys.host)) as port, pytest.raises(AuthFailed, match="asks without an end"):
        connector.connect(odd_host(port, tmp_path, keys), nobody)
    assert len(rules.tried) == 12


class Talkative(Rules):
    def check_auth_none(self, username: str) -> int:
        transport = threading.current_thread()
        banner = Message()
        banner.add_byte(cMSG_USERAUTH_BANNER)
        for word in ("Welcome", "en"):
            banner.add_string(word)
        with suppress(OSError, EOFError):  # nobody listens any more
            for _ in range(100_000):
                transport._send_message(banner)
        return AUTH_FAILED


def test_a_server_that_talks_without_an_end(keys: Keys, tmp_path: Path, connector: Connector):
    with (
        odd_server(Talkative(["password"]), str(keys.host)) as port,
        pytest.raises(Unreachable, match="the server sent more than 1000 packets before the login was done"),
    ):
        connector.connect(odd_host(port, tmp_path, keys), nobody)


def test_prompts_that_are_not_utf_8(keys: Keys, tmp_path: Path, connector: Connector):
    rules, person = Insatiable(prompts=[("Kennwort für alice: ".encode("latin-1"), False)]), Person(None)
    with odd_server(rules, str(keys.host)) as port, pytest.raises(NeedsPerson, match="nobody answered"):
        connector.connect(odd_host(port, tmp_path, keys), person)
    assert person.questions[0].said == ("Kennwort f\ufffdr alice:",)


def test_a_password(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["password"])
    person = Person("wrong", "sesame")
    with odd_server(rules, str(keys.host)) as port:
        link = connector.connect(odd_host(port, tmp_path, keys), person)
        assert person.questions[0].text == f"Password of alice@127.0.0.1:{port}"
    assert person.questions[1].detail == ("Not accepted, try again.",)
    assert link.needed_human is True
    assert "sesame" not in repr(Answer(text="sesame"))


def test_three_wrong_passwords_are_enough(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["password"])
    with odd_server(rules, str(keys.host)) as port, pytest.raises(AuthFailed, match="the server takes password"):
        connector.connect(odd_host(port, tmp_path, keys), Person("1", "2", "3", "4"))
    assert rules.tried == ["password"] * 3


def test_a_declined_password(keys: Keys, tmp_path: Path, connector: Connector):
    rules = Rules(["password"])
    with (
        odd_server(rules, str(keys.host)) as port,
        pytest.raises(NeedsPerson, match="nobody answered when it asked for a password"),
    ):
        connector.connect(odd_host(port, tmp_path, keys), Person())
    assert rules.tried == []


# what the server says, and what it takes


def test_a_banner_stands_in_the_reason_of_a_refused_login(keys: Keys, tmp_path: Path, connector: Connector):
    (tmp_path / "banner").write_text("*** Lab rules ***\nKeys of before \x1b[31mMay are not taken: see Eve, room 7\n")
    with sshd.serve(tmp_path / "sshd", keys, f"Banner {tmp_path}/banner") as server:
        assert connector.connect(host_of(server), nobody).facts().told == (
            "*** Lab rules ***",
            "Keys of before  [31mMay are not taken: see Eve, room 7",
        )
        server.config.write_text(server.config.read_text().replace(str(keys.user), str(keys.other)))
        with pytest.raises(AuthFailed, match=r"it told: \*\*\* Lab rules \*\*\* Keys of before .* see Eve, room 7"):
            connector.connect(host_of(server), nobody)


def test_what_was_told_stands_with_the_next_question_once(server: Server, connector: Connector):
    class Expiring(Rules):
        rounds = 0

        def check_auth_interactive(self, username: str, submethods: str) -> InteractiveQuery:
            return InteractiveQuery("", "Your account expires in 3 days")

        def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
            self.rounds += 1
            if self.rounds < 3:
                return InteractiveQuery("", f"Round {self.rounds}", ("Code: ", True))
            return self._passed("keyboard-interactive", True)

    with odd_server(Expiring(["keyboard-interactive"]), str(server.keys.host)) as port:
        server.write_config(f"Port {port}", f"HostKeyAlias {server.name}", "PubkeyAuthentication no")
        person = Person("1", "2")
        link = connector.connect(host_of(server), person)
    assert [question.said for question in person.questions] == [
        ("Your account expires in 3 days", "Round 1", "Code:"),
        ("Round 2", "Code:"),
    ]
    assert link.facts().told == ("Your account expires in 3 days",)


@pytest.mark.parametrize(
    ("method", "words", "remedy"),
    [
        ("gssapi-with-mic", r"the server takes Kerberos \(gssapi-with-mic\)", "kinit"),
        ("hostbased", r"takes logins of known machines \(hostbased\)", "HostbasedAuthentication"),
        ("password", "the server takes password", "PasswordAuthentication yes"),
    ],
)
def test_the_remedy_is_for_what_the_server_takes(
    server: Server, connector: Connector, method: str, words: str, remedy: str
):
    with odd_server(Rules([method]), str(server.keys.host)) as port:
        server.write_config(f"Port {port}", f"HostKeyAlias {server.name}", "PasswordAuthentication no")
        with pytest.raises(AuthFailed, match=words) as error:
            connector.connect(host_of(server), nobody)
    assert remedy in error.value.remedy
    assert "authorized_keys" not in error.value.remedy
