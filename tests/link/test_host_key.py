"""Host keys: the rules on real known_hosts lines as ssh-keygen reads them, then the whole road to a real sshd."""

from __future__ import annotations

import base64
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import PublicKey
from gpuws.link.resolve import known_hosts
from gpuws.link.resolve.host_cert import objection
from gpuws.link.resolve.known_hosts import KnownKey, fingerprint, host_name, judge, look_up, ordered, remember
from gpuws.link.resolve.policy import AUTHORITY_SIGNATURES
from gpuws.model.errors import Blocked, HostKeyChanged, HostKeyUnknown
from gpuws.model.host.question import Answer
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody
from tests.link.sshd import Keys, Server

ED, RSA = "ssh-ed25519", "ssh-rsa"


def public(key: Path) -> tuple[str, str]:
    kind, blob = key.with_suffix(".pub").read_text().split()[:2]
    return kind, blob


def blob_of(key: Path) -> bytes:
    return base64.b64decode(public(key)[1])


def line(pattern: str, key: Path, marker: str = "") -> str:
    return " ".join(filter(None, (marker, pattern, *public(key)))) + "\n"


def known(kind: str, blob: bytes, marker: str = "") -> KnownKey:
    return KnownKey(marker, kind, blob, "kh", 1)


# rules


def test_judging():
    lines = (known(ED, b"a"), known(ED, b"b"), known(ED, b"bad", "REVOKED"), known(ED, b"ca", "CA"))
    assert judge(lines, ED, b"a").status == "ok"
    assert judge(lines, ED, b"b").status == "ok"  # several keys of one type
    assert judge(lines, ED, b"c").status == "changed"
    assert judge(lines, ED, b"bad").status == "revoked"
    assert judge(lines, RSA, b"r").status == "changed"
    assert judge(lines[3:], ED, b"ca").status == "unknown"  # an authority's own key is no host key
    assert judge((known(ED, b"a"), known(ED, b"a", "REVOKED")), ED, b"a").status == "revoked"


def test_algorithms_of_known_keys_go_first():
    algorithms = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256")
    assert ordered(algorithms, ()) == algorithms
    assert ordered(algorithms, (known(RSA, b"r"),))[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert ordered(algorithms, (known(RSA, b"r", "REVOKED"),)) == algorithms


def test_names():
    assert host_name("Bravo.Lab", 22) == "bravo.lab"
    assert host_name("bravo", 2222) == "[bravo]:2222"
    assert host_name("bravo", 2222, "alias") == "alias"


# files


def test_hashed_names_globs_negation_markers_and_rubbish(keys: Keys, tmp_path: Path):
    file = tmp_path / "known_hosts"
    file.write_text(
        "# a comment\nrubbish\nbravo ssh-ed25519 !!!notbase64\nbravo ssh-ed25519 AAAA\n\n"
        + line("*.lab,!bad.lab", keys.host)
        + line("bravo.lab", keys.other, "@revoked")
        + line("*.lab", keys.host_rsa, "@cert-authority")
        + line("[bravo]:2222", keys.host)
    )
    remember(str(file), "bravo.lab", "ssh-ed25519", blob_of(keys.other), hashed=True)
    found = look_up("bravo.lab", [str(file), str(tmp_path / "missing")])
    assert [(key.marker, key.type) for key in found] == [("", ED), ("REVOKED", ED), ("CA", RSA), ("", ED)]
    assert found[0].where == f"{file}:6"
    assert [key.marker for key in look_up("bad.lab", [str(file)])] == ["CA"]
    assert len(look_up("[bravo]:2222", [str(file)])) == 1


def test_fingerprints_are_ssh_keygens(keys: Keys):
    shown = subprocess.run(["ssh-keygen", "-lf", keys.host], capture_output=True, check=True, text=True).stdout
    assert shown.split()[1] == fingerprint(blob_of(keys.host))


@pytest.mark.parametrize("hashed", [False, True])
def test_a_remembered_key_is_found_again(keys: Keys, tmp_path: Path, hashed: bool):
    file = tmp_path / "new" / "known_hosts"
    remember(str(file), "[bravo]:2222", ED, blob_of(keys.host), hashed=hashed)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert ("bravo" in file.read_text()) is not hashed
    file.write_text(file.read_text().rstrip("\n"))  # an editor left no newline
    remember(str(file), "alpha", ED, blob_of(keys.other), hashed=hashed)
    assert [look_up(name, [str(file)])[0].blob for name in ("[bravo]:2222", "alpha")] == [
        blob_of(keys.host),
        blob_of(keys.other),
    ]


# certificates


def certified(keys: Keys, folder: Path, *options: str) -> Path:
    """The server's key, certified by `keys.other`; the path that sshd wants."""
    copy = folder / "certified"
    shutil.copy(keys.host, copy)
    shutil.copy(keys.host.with_suffix(".pub"), copy.with_suffix(".pub"))
    command = ["ssh-keygen", "-q", "-s", keys.other, "-I", "box", *options, copy.with_suffix(".pub")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certified-cert.pub"


@pytest.mark.parametrize("extra", [[], ["-n", "other,127.0.0.1"]])
def test_an_authority_vouches_for_a_host(keys: Keys, tmp_path: Path, connector: Connector, extra: list[str]):
    certificate = certified(keys, tmp_path, "-h", *extra)
    with sshd.serve(tmp_path / "sshd", keys, f"HostCertificate {certificate}") as server:
        server.known_hosts.write_text(line("[127.0.0.*]:*", keys.other, "@cert-authority"))
        assert connector.connect(host_of(server), nobody).alive
        checked = subprocess.run(["ssh", "-F", server.config, "-o", "BatchMode=yes", "box", "true"], check=False)
        assert checked.returncode == 0  # ssh thinks so, too


@pytest.mark.parametrize(
    ("options", "authority", "objection"),
    [
        (["-h", "-n", "elsewhere"], "other", "it is made for elsewhere"),
        (["-h", "-n", "127.*"], "other", "it is made for 127.*"),
        (["-h", "-V", "-2d:-1d"], "other", "it is not valid now"),
        (["-h"], "user", "its authority is not known"),
    ],
)
def test_a_certificate_that_does_not_hold_is_an_unknown_key(
    keys: Keys, tmp_path: Path, connector: Connector, options: list[str], authority: str, objection: str
):
    certificate = certified(keys, tmp_path, *options)
    with sshd.serve(tmp_path / "sshd", keys, f"HostCertificate {certificate}") as server:
        server.known_hosts.write_text(line("*", getattr(keys, authority), "@cert-authority"))
        person = Person()
        with pytest.raises(HostKeyUnknown):
            connector.connect(host_of(server), person)
        assert person.questions[0].detail[1] == f"its certificate does not hold: {objection}"


def test_a_revoked_authority(keys: Keys, tmp_path: Path, connector: Connector):
    certificate = certified(keys, tmp_path, "-h")
    with sshd.serve(tmp_path / "sshd", keys, f"HostCertificate {certificate}") as server:
        trusted, revoked = (line("*", keys.other, marker) for marker in ("@cert-authority", "@revoked"))
        server.known_hosts.write_text(trusted + revoked)
        person = Person()
        with pytest.raises(HostKeyUnknown):
            connector.connect(host_of(server), person)
        assert "its authority is revoked" in person.questions[0].detail[1]


def test_what_is_no_host_certificate(keys: Keys, tmp_path: Path):
    ours = key_files.read_public(str(certified(keys, tmp_path, "-n", "box")))
    authority = (KnownKey("CA", ED, blob_of(keys.other), "kh", 1),)
    assert ours is not None

    def said(certificate: PublicKey) -> str:
        return objection(certificate, authority, AUTHORITY_SIGNATURES, "box", time.time())

    assert said(ours) == "it is not made for hosts"
    forged = PublicKey(ours.type, ours.blob[:-1] + bytes([ours.blob[-1] ^ 1]))
    assert said(forged) == "its signature is wrong"
    assert "can't be read" in said(PublicKey(ours.type, ours.blob[:50]))
    assert said(PublicKey(ED, blob_of(keys.host))) == "it is no certificate"


# the whole road


def test_a_known_key_asks_nobody(server: Server, connector: Connector):
    assert connector.connect(host_of(server), nobody).alive


def test_an_unknown_key_is_asked_for_and_remembered(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    person = Person(Answer())
    link = connector.connect(host_of(server), person)
    (question,) = person.questions
    assert (question.kind, question.origin) == ("host-key", "box")
    assert question.detail == (f"ssh-ed25519 {fingerprint(blob_of(server.keys.host))}",)
    assert link.needed_human is False  # nobody is asked next time
    assert connector.connect(host_of(server), nobody).alive
    assert Connector().connect(host_of(server), nobody).alive
    checked = subprocess.run(["ssh", "-F", server.config, "-o", "BatchMode=yes", "box", "true"], check=False)
    assert checked.returncode == 0  # ssh reads our line, too


@pytest.mark.parametrize("answer", [None, Answer(accept=False)])
def test_an_unconfirmed_key_is_refused_and_not_written(server: Server, connector: Connector, answer: Answer | None):
    server.known_hosts.write_text("")
    with pytest.raises(HostKeyUnknown, match="is not known and nobody confirmed it"):
        connector.connect(host_of(server), Person(answer))
    assert server.known_hosts.read_text() == ""


def test_strict_checking_refuses_without_asking(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    server.write_config("StrictHostKeyChecking yes")
    with pytest.raises(Blocked, match="is not known, and StrictHostKeyChecking is `yes`") as error:
        connector.connect(host_of(server), nobody)
    assert fingerprint(blob_of(server.keys.host)) in error.value.remedy


def test_strict_checking_off_means_ask(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    server.write_config("StrictHostKeyChecking no")
    person = Person(Answer())
    connector.connect(host_of(server), person)
    assert len(person.questions) == 1


def test_accept_new_takes_a_new_key_but_not_another_one(server: Server, connector: Connector):
    server.known_hosts.write_text("")
    server.write_config("StrictHostKeyChecking accept-new")
    connector.connect(host_of(server), nobody)
    assert server.name in server.known_hosts.read_text()
    server.write_known_hosts(server.keys.host_rsa)
    with pytest.raises(HostKeyChanged, match=r"known ssh-rsa .* now ssh-ed25519"):
        connector.connect(host_of(server), nobody)


def test_a_null_known_hosts_file_asks_once_a_program(server: Server, connector: Connector):
    server.write_config("UserKnownHostsFile /dev/null")
    person = Person(Answer())
    connector.connect(host_of(server), person)
    connector.connect(host_of(server), person)
    assert len(person.questions) == 1


def test_with_a_file_of_our_own_a_null_one_asks_once_for_all_programs(server: Server, tmp_path: Path):
    own = tmp_path / "state" / "known_hosts"
    server.write_config("UserKnownHostsFile /dev/null", "StrictHostKeyChecking no")
    person = Person(Answer())
    assert Connector(own_known_hosts=str(own)).connect(host_of(server), person).alive
    assert len(person.questions) == 1
    assert Connector(own_known_hosts=str(own)).connect(host_of(server), nobody).alive
    assert (own.stat().st_mode & 0o777, own.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not server.known_hosts.read_text().count("\n") > 1
    # a changed key stops, and the remedy names the file that knows the other one
    own.write_text(line(server.name, server.keys.other))
    with pytest.raises(HostKeyChanged) as error:
        Connector(own_known_hosts=str(own)).connect(host_of(server), nobody)
    assert f"ssh-keygen -f {own} -R '{server.name}'" in error.value.remedy


def test_a_file_that_the_configuration_names_is_used_instead_of_our_own(server: Server, tmp_path: Path):
    own = tmp_path / "known_hosts"
    server.known_hosts.write_text("")
    Connector(own_known_hosts=str(own)).connect(host_of(server), Person(Answer()))
    assert not own.exists()
    assert server.name in server.known_hosts.read_text()


def test_a_file_that_cant_be_written_is_told(server: Server, connector: Connector, tmp_path: Path):
    (tmp_path / "file").write_text("")
    server.write_config(f"UserKnownHostsFile {tmp_path}/file/known_hosts")
    phases: list[str] = []
    assert connector.connect(host_of(server), Person(Answer()), phases.append).alive
    assert any("could not be kept in" in phase for phase in phases)


def test_a_changed_key_stops_before_any_login(server: Server, connector: Connector):
    server.write_known_hosts(server.keys.other)
    with pytest.raises(HostKeyChanged, match=r"box: the host key of \[127\.0\.0\.1\]:\d+ has changed") as error:
        connector.connect(host_of(server), nobody)
    for expected in (blob_of(server.keys.other), blob_of(server.keys.host)):
        assert fingerprint(expected) in error.value.message
    assert f"{server.known_hosts}:1" in error.value.message
    remedy = f"ssh-keygen -f {server.known_hosts} -R '{server.name}'"
    assert remedy in error.value.remedy
    subprocess.run(["sh", "-c", remedy], check=True, capture_output=True)
    assert server.known_hosts.read_text() == ""


@pytest.mark.parametrize("name", ["*", "127.0.0.1"])
def test_a_revoked_key_stops_although_it_is_known(server: Server, connector: Connector, name: str):
    server.known_hosts.write_text(line(server.name, server.keys.host) + line(name, server.keys.host, "@revoked"))
    with pytest.raises(Blocked, match=r"is revoked \(.*:2\)"):
        connector.connect(host_of(server), nobody)


def test_a_key_known_without_the_port_is_good(server: Server, connector: Connector):
    server.write_known_hosts(name="127.0.0.1")
    assert connector.connect(host_of(server), nobody).alive


def test_a_key_of_its_own_needs_no_look_at_the_bare_name(
    server: Server, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    monkeypatch.setattr(
        known_hosts, "look_up", lambda name, files, real=known_hosts.look_up: asked.append(name) or real(name, files)
    )
    server.known_hosts.write_text(line(server.name, server.keys.host) + line("127.0.0.1", server.keys.host_rsa))
    assert connector.connect(host_of(server), nobody).alive
    assert asked == [server.name]


def test_host_key_alias(server: Server, connector: Connector):
    server.write_known_hosts(name="the-box")
    server.write_config("HostKeyAlias the-box")
    assert connector.connect(host_of(server), nobody).alive


def test_the_server_shows_the_kind_of_key_that_is_known(keys: Keys, tmp_path: Path, connector: Connector):
    with sshd.serve(tmp_path / "sshd", keys, f"HostKey {keys.host}", host_key=keys.host_rsa) as server:
        server.write_known_hosts(keys.host_rsa)
        assert connector.connect(host_of(server), nobody).alive
        server.write_known_hosts(keys.host)
        assert connector.connect(host_of(server), nobody).alive
