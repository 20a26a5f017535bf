"""Where ssh refuses, so do we: each rule against a real sshd, and against what the real ssh does there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.resolve.options import parse
from gpuws.link.resolve.policy import Policy
from gpuws.model.errors import AuthFailed, Blocked, GpuwsError, HostKeyUnknown
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import Keys, Server
from tests.link.test_auth import odd_host


def ssh(server: Server, *options: str) -> bool:
    """Whether the real ssh gets in with the same configuration."""
    command = ["ssh", "-n", "-F", str(server.config), "-o", "BatchMode=yes", *options, server.alias, "true"]
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0


def refused(connector: Connector, server: Server, error: type[GpuwsError]) -> str:
    """As by ssh."""
    with pytest.raises(error) as caught:
        connector.connect(host_of(server), nobody)
    assert not ssh(server)
    return str(caught.value)


@pytest.fixture(scope="module")
def two_keys(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd.serve(tmp_path_factory.mktemp("sshd"), keys, f"HostKey {keys.host_rsa}", "LogLevel DEBUG") as server:
        with (server.folder / "authorized_keys").open("a") as file:
            file.write(keys.host_rsa.with_suffix(".pub").read_text())
        yield server


@pytest.fixture
def box(two_keys: Server) -> Server:
    """A server with an RSA and an ed25519 key, both known; its RSA key is a user's as well: making one takes long."""
    two_keys.write_known_hosts()
    ed25519 = two_keys.known_hosts.read_text()
    two_keys.write_known_hosts(two_keys.keys.host_rsa)
    two_keys.known_hosts.write_text(ed25519 + two_keys.known_hosts.read_text())
    two_keys.write_config()
    return two_keys


# algorithms


@pytest.mark.parametrize(
    ("option", "only", "said"),
    [
        ("Ciphers", "aes256-ctr", "server->client cipher: aes256-ctr "),
        ("MACs", "hmac-sha2-512", " MAC: hmac-sha2-512 "),
        ("KexAlgorithms", "curve25519-sha256", "kex: algorithm: curve25519-sha256 "),
        ("KexAlgorithms", "ecdh-sha2-nistp384", "kex: algorithm: ecdh-sha2-nistp384 "),
        ("HostKeyAlgorithms", "rsa-sha2-256", "kex: host key algorithm: rsa-sha2-256 "),
    ],
)
def test_one_algorithm_alone_is_the_one_that_is_used(box: Server, connector: Connector, option, only, said):
    """As the server tells it, of gpuws and of ssh."""
    box.write_config(f"{option} {only}", *(["Ciphers aes128-ctr"] if option == "MACs" else []))
    log = box.folder / "log"
    for connect in (lambda: connector.connect(host_of(box), nobody), lambda: ssh(box, "-o", "PubkeyAuthentication=no")):
        before = len(log.read_text())
        connect()
        assert said in log.read_text()[before:]


def test_the_order_is_sshs(box: Server, connector: Connector):
    box.write_config("Ciphers chacha20-poly1305@openssh.com,aes256-ctr,aes128-gcm@openssh.com")
    assert connector.connect(host_of(box), nobody)._transport.remote_cipher == "aes256-ctr"


def test_where_nobody_chose_a_cipher_the_quickest_is_taken(box: Server, connector: Connector):
    box.write_config()
    assert connector.connect(host_of(box), nobody)._transport.remote_cipher == "aes128-gcm@openssh.com"


@pytest.mark.parametrize(
    ("option", "only"),
    [
        ("Ciphers", "chacha20-poly1305@openssh.com"),
        ("MACs", "umac-64@openssh.com"),
        ("KexAlgorithms", "sntrup761x25519-sha512@openssh.com"),
        ("HostKeyAlgorithms", "sk-ssh-ed25519@openssh.com"),
    ],
)
def test_an_empty_rest_is_refused_by_name(box: Server, connector: Connector, option: str, only: str):
    box.write_config(f"{option} {only}")
    with pytest.raises(Blocked, match=f"box: {option} allows {only} only, and gpuws has none of it"):
        connector.connect(host_of(box), nobody)


def test_how_a_users_key_may_sign():
    written = "ssh-ed25519,rsa-sha2-256,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com"
    for option in ("pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes"):  # before OpenSSH 8.5
        policy = parse(f"{option} {written}").policy
        assert policy.signatures("ssh-rsa") == ("rsa-sha2-256", "rsa-sha2-512")
        assert policy.signatures("ssh-rsa-cert-v01@openssh.com") == ("rsa-sha2-512",)
        assert policy.signatures("sk-ssh-ed25519@openssh.com") == ("sk-ssh-ed25519@openssh.com",)
        assert policy.signatures("ecdsa-sha2-nistp256") == ()
    assert Policy().signatures("ssh-rsa") == ("rsa-sha2-512", "rsa-sha2-256")


# users' keys


@pytest.mark.parametrize(
    ("option", "signed"),
    [
        ("PubkeyAcceptedAlgorithms rsa-sha2-256,rsa-sha2-512", "rsa-sha2-256"),
        ("PubkeyAcceptedAlgorithms ssh-ed25519", ""),
        ("RequiredRSASize 4096", ""),
    ],
)
def test_users_keys_that_are_not_allowed_are_passed_over(box: Server, connector: Connector, option: str, signed: str):
    """An RSA key that the server would take goes first."""
    box.write_config(option, f"IdentityFile {box.keys.host_rsa}")
    transport = connector.connect(host_of(box), nobody)._transport
    assert getattr(transport, "_agreed_pubkey_algorithm", "") == signed


def test_an_rsa_key_whose_signatures_the_server_does_not_take_is_passed_over(
    keys: Keys, tmp_path: Path, connector: Connector
):
    no_rsa = {"pubkeys": ["rsa-sha2-512", "rsa-sha2-256"]}
    with odd_server(Rules(["publickey"]), str(keys.host), no_rsa) as port:
        host = odd_host(port, tmp_path, keys, f"IdentityFile {keys.host_rsa}")
        assert connector.connect(host, nobody).alive  # by the next one


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("RequiredRSASize 4096", "has 3072 bits, and RequiredRSASize is 4096"),
        ("PubkeyAcceptedAlgorithms ssh-ed25519", "is ssh-rsa, and PubkeyAcceptedAlgorithms allows ssh-ed25519"),
    ],
)
def test_where_nothing_else_is_left_the_login_says_why(box: Server, connector: Connector, option: str, why: str):
    box.write_config(option)
    box.config.write_text(box.config.read_text().replace(str(box.keys.user), str(box.keys.host_rsa)))
    assert f"{box.keys.host_rsa} {why}" in refused(connector, box, AuthFailed)


def test_a_private_key_that_others_can_read_is_passed_over(server: Server, connector: Connector, tmp_path: Path):
    key = tmp_path / "open key"
    shutil.copy(server.keys.user, key)
    key.chmod(0o640)
    server.write_config(f'IdentityFile "{key}"')
    assert connector.connect(host_of(server), nobody).facts().exposed == (str(key),)  # in by the next one
    server.config.write_text(server.config.read_text().replace(f"  IdentityFile {server.keys.user}\n", ""))
    message = refused(connector, server, AuthFailed)
    assert "open key is an unprotected private key file (0640, others can read it)" in message
    remedy = f"chmod 600 '{key}'"
    assert remedy in message
    subprocess.run(["sh", "-c", remedy], check=True)
    assert connector.connect(host_of(server), nobody).alive


# hosts' keys


def test_a_host_key_that_is_too_small(box: Server, connector: Connector):
    box.write_config("RequiredRSASize 4096", "HostKeyAlgorithms rsa-sha2-512")
    assert "has 3072 bits, and RequiredRSASize is 4096" in refused(connector, box, Blocked)
    box.write_config("RequiredRSASize 4096")
    assert connector.connect(host_of(box), nobody).alive  # by its other one


def revoked_by(server: Server, file: Path, *lines: str) -> None:
    server.write_config(f"RevokedHostKeys {file}", *lines)


def make_krl(file: Path, *keys: Path, authority: Path | None = None) -> Path:
    signed = ["-s", f"{authority}.pub"] if authority else []
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", file, *signed, *keys], check=True, capture_output=True)
    return file


@pytest.mark.parametrize("kind", ["list", "krl"])
def test_a_revoked_host_key(server: Server, connector: Connector, tmp_path: Path, kind: str):
    host, other = (key.with_suffix(".pub") for key in (server.keys.host, server.keys.other))
    for named, good in ((other, True), (host, False)):
        file = tmp_path / named.name
        if kind == "krl":
            make_krl(file, named)
        else:
            file.write_text(f"# gone\n\n{named.read_text()}")
        revoked_by(server, file)
        if good:
            assert connector.connect(host_of(server), nobody).alive
            assert ssh(server)
        else:
            assert f"is revoked ({file})" in refused(connector, server, Blocked)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"ssh-ed25519 rubbish\n", "line 1 is no key"),
        (b"SSHKRL\n\0rubbish", "ssh-keygen|Invalid KRL|KRL"),
    ],
)
def test_a_file_of_revoked_keys_that_cant_be_read_believes_nobody(
    server: Server, connector: Connector, tmp_path: Path, content: bytes | None, why: str
):
    file = tmp_path / "revoked"
    if content is not None:
        file.write_bytes(content)
    revoked_by(server, file)
    message = refused(connector, server, Blocked)
    assert f"RevokedHostKeys names {file}, which can't be used: " in message
    assert any(part in message for part in why.split("|"))


# certificates of hosts


@pytest.fixture(scope="module")
def certified(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a certificate that an RSA authority signed with SHA-1; known by that authority alone."""
    folder = tmp_path_factory.mktemp("certified")
    shutil.copy(keys.host.with_suffix(".pub"), folder / "host.pub")
    sign = ["ssh-keygen", "-q", "-t", "ssh-rsa", "-s", keys.host_rsa, "-h", "-I", "box", "-z", "7", folder / "host.pub"]
    subprocess.run(sign, check=True, capture_output=True)
    with sshd.serve(folder / "sshd", keys, f"HostCertificate {folder}/host-cert.pub") as server:
        server.known_hosts.write_text(f"@cert-authority * {keys.host_rsa.with_suffix('.pub').read_text()}")
        yield server


def test_a_certificate_signed_with_sha1_holds_only_where_that_is_allowed(certified: Server, connector: Connector):
    certified.write_config()
    person = Person()
    with pytest.raises(HostKeyUnknown):
        connector.connect(host_of(certified), person)
    objection = "it is signed with ssh-rsa, which CASignatureAlgorithms does not allow"
    assert person.questions[0].detail[1] == f"its certificate does not hold: {objection}"
    certified.write_config("StrictHostKeyChecking yes")
    assert objection in refused(connector, certified, Blocked)
    certified.write_config("CASignatureAlgorithms +ssh-rsa")
    assert connector.connect(host_of(certified), nobody).alive
    assert ssh(certified)


@pytest.mark.parametrize("what", ["its authority, listed", "its authority, in a krl", "its key, listed", "its serial"])
def test_a_certificate_that_is_revoked(certified: Server, connector: Connector, tmp_path: Path, what: str):
    authority, file = certified.keys.host_rsa, tmp_path / "revoked"
    if what == "its serial":
        (tmp_path / "serials").write_text("serial: 7\n")
        make_krl(file, tmp_path / "serials", authority=authority)
    elif "krl" in what:
        make_krl(file, authority.with_suffix(".pub"))
    else:
        named = authority if "authority" in what else certified.keys.host
        file.write_text(named.with_suffix(".pub").read_text())
    revoked_by(certified, file, "CASignatureAlgorithms +ssh-rsa")
    assert "is revoked" in refused(connector, certified, Blocked)


# BatchMode


def test_batch_mode_asks_nothing(server: Server, connector: Connector, tmp_path: Path):
    server.write_config("BatchMode yes")
    assert connector.connect(host_of(server), nobody).alive
    server.known_hosts.write_text("")
    assert "BatchMode is `yes`" in refused(connector, server, Blocked)
    server.write_known_hosts()
    locked = tmp_path / "locked"
    shutil.copy(server.keys.user, locked)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "open up", "-f", locked], check=True, capture_output=True)
    server.config.write_text(server.config.read_text().replace(str(server.keys.user), str(locked)))
    assert f"{locked} needs its passphrase, and BatchMode is `yes`" in refused(connector, server, AuthFailed)
    # One host's silence is not another's: the key may be unlocked for others, and is good for all then.
    silent = server.config.read_text()
    server.config.write_text(silent.replace("BatchMode yes", "BatchMode no"))
    connector.connect(host_of(server), Person("open up"))
    server.config.write_text(silent)
    assert connector.connect(host_of(server), nobody).alive


def test_batch_mode_leaves_passwords_and_codes_alone(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, "PasswordAuthentication yes", "PubkeyAuthentication no") as server:
        server.write_config("BatchMode yes")
        message = refused(connector, server, AuthFailed)
    assert "the server takes password; BatchMode is `yes`: nothing is asked" in message
