"""What speaks SSH to a host is decided by its configuration; each reason is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import KeyFile, PublicKey
from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.resolve import backend, security_keys
from gpuws.link.resolve.backend import Choice, chosen
from gpuws.link.resolve.options import parse
from gpuws.link.resolve.resolve import Resolved

CHACHA = "chacha20-poly1305@openssh.com"


def resolved(*lines: str, **more) -> Resolved:
    """As `ssh -G` prints it."""
    options = parse("\n".join(lines))
    told = {"policy": options.policy, "demands": options.demands, "methods": options.methods, **more}
    return Resolved("box", "box", "box.example", "ada", **told)


PARAMIKO = [
    [],
    ["gssapiauthentication yes"],  # Debian's ssh_config has it for everybody
    ["gssapiauthentication yes", "preferredauthentications publickey,gssapi-with-mic"],
    ["gssapiauthentication yes", "pubkeyauthentication no", "preferredauthentications password"],
    ["gssapiauthentication no", "pubkeyauthentication no"],
    ["hostbasedauthentication no"],
    ["hostbasedauthentication yes", "preferredauthentications publickey"],
    ["knownhostscommand none", "pkcs11provider none", "controlpath none"],
    ["proxyusefdpass yes"],  # of no effect without a ProxyCommand
    ["securitykeyprovider internal"],
    ["controlpath /run/me/%C"],  # a master is asked for where a person would have to log in
    [f"ciphers {CHACHA},aes128-ctr"],
    ["kexalgorithms curve25519-sha256"],
    ["pubkeyacceptedalgorithms sk-ssh-ed25519@openssh.com"],  # an agent may have such a key
    ["hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com"],
]
OPENSSH = [
    (["gssapiauthentication yes", "pubkeyauthentication no"], "GSSAPIAuthentication"),
    (["gssapiauthentication yes", "preferredauthentications gssapi-with-mic,publickey"], "GSSAPIAuthentication"),
    (["gssapiauthentication yes", "preferredauthentications gssapi-with-mic"], "GSSAPIAuthentication"),
    (["hostbasedauthentication yes"], "HostbasedAuthentication"),
    (["knownhostscommand /usr/local/bin/lab-keys %H"], "KnownHostsCommand"),
    (["pkcs11provider /usr/lib/opensc-pkcs11.so"], "PKCS11Provider"),
    ([f"ciphers {CHACHA}"], f"Ciphers {CHACHA}"),
    (["macs umac-64@openssh.com,umac-128@openssh.com"], "MACs umac-64@openssh.com, umac-128@openssh.com"),
    (["kexalgorithms sntrup761x25519-sha512"], "KexAlgorithms sntrup761x25519-sha512"),
    (["hostkeyalgorithms ssh-rsa"], "HostKeyAlgorithms ssh-rsa"),
    (["pubkeyacceptedalgorithms ssh-rsa"], "PubkeyAcceptedAlgorithms ssh-rsa"),
]


@pytest.mark.parametrize("lines", PARAMIKO, ids=" ".join)
def test_paramiko_where_nothing_speaks_against_it(lines):
    assert chosen(resolved(*lines), (), ssh=True) == Choice("paramiko")


@pytest.mark.parametrize(("lines", "why"), OPENSSH, ids=lambda value: value if isinstance(value, str) else "")
def test_ssh_where_paramiko_lacks_what_is_written(lines, why):
    assert chosen(resolved(*lines), (), ssh=True) == Choice("openssh", why)
    assert chosen(resolved(*lines), (), ssh=False) == Choice("paramiko")


def test_a_descriptor_is_only_passed_by_a_proxy_command():
    told = resolved("proxyusefdpass yes", proxy_command="fdpass h 22")
    assert chosen(told, (), ssh=True) == Choice("openssh", "ProxyUseFdpass")


def test_a_security_key_is_named():
    assert chosen(resolved(), ("~/.ssh/id_lab_sk",), ssh=True) == Choice("openssh", "security key ~/.ssh/id_lab_sk")


@pytest.mark.parametrize("forced", ["paramiko", "openssh"])
def test_either_can_be_forced(forced):
    told = resolved("knownhostscommand /bin/keys", backend=forced)
    assert chosen(told, (), ssh=True) == Choice(forced, "hosts.yaml says so")


def test_a_long_list_is_not_told_whole():
    assert backend.listed(["a", "b", "c", "d"]) == "a, b, c …"


def test_the_algorithms_are_those_that_paramiko_has():
    options = SshTransport
    assert set(options._preferred_kex) == backend.KEX
    assert set(options._preferred_ciphers) == backend.CIPHERS
    assert set(options._preferred_macs) == backend.MACS
    assert set(options._preferred_keys) == backend.KEYS
    assert set(options._preferred_pubkeys) == backend.KEYS


# FIDO key files


def file(path: str, kind: str, *, private: bool = True) -> KeyFile:
    return KeyFile(path, PublicKey(kind, path.encode()), private, encrypted=False)


PLAIN = file("id_ed25519", "ssh-ed25519")
TOKEN = file("id_ed25519_sk", "sk-ssh-ed25519@openssh.com")
IN_AGENT = file("id_ed25519_sk.pub", "sk-ssh-ed25519@openssh.com", private=False)


@pytest.mark.parametrize(
    ("files", "held", "configured", "needed"),
    [
        ([TOKEN], set(), False, True),
        ([TOKEN, PLAIN], set(), False, False),  # the other may do
        ([TOKEN, PLAIN], set(), True, True),  # somebody wants it
        ([TOKEN], {b"id_ed25519_sk"}, True, False),  # through the agent
        ([IN_AGENT], set(), True, False),  # the agent's, if anybody's
        ([PLAIN], set(), True, False),
        ([], set(), False, False),
    ],
)
def test_a_fido_key_is_needed_where_it_is_wanted_or_the_only_one(files, held, configured, needed):
    found = security_keys.needed(files, held, configured=configured)
    assert found == (("id_ed25519_sk",) if needed else ())


def test_the_kind_of_a_key_is_read_from_its_public_half(tmp_path: Path):
    """As `ssh-keygen -t ed25519-sk` leaves it; the private half is never looked at."""
    key = tmp_path / "id_lab_sk"
    blob = "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gAAAABHNzaDo="
    key.write_text("-----BEGIN ELSEWHERE-----\n")
    assert key_files.kind(str(key)) is None
    key.with_suffix(".pub").write_text(f"sk-ssh-ed25519@openssh.com {blob} lab\n")
    assert key_files.kind(str(key)) == "sk-ssh-ed25519@openssh.com"
    assert security_keys.security_keys(resolved(identity_files=(str(key),), configured_keys=True)) == (str(key),)
    assert security_keys.security_keys(resolved(identity_files=(str(key),), methods=("password",))) == ()
    assert key_files.kind(str(tmp_path / "none")) is None
