"""Logins that only the system's ssh knows, with the real parts: a KDC of MIT Kerberos, a token of SoftHSM, ssh-keysign.
All of it lies in the test's directory and listens on loopback. (A FIDO key has to be touched: no test can.)"""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from tests.keeper.serving import until
from tests.link import sshd
from tests.link.conftest import Person, host_of, nobody

pytestmark = [pytest.mark.soak, pytest.mark.timeout(120)]
REALM, PIN = "GPUWS.TEST", "482913"
SYSTEM = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so", "/usr/lib64/pkcs11/libsofthsm2.so")
KEYSIGN = "/usr/lib/openssh/ssh-keysign"


def need(*programs):
    lacking = [one for one in programs if shutil.which(one, path=SYSTEM) is None]
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not installed here")


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60, **more)


def quiet(server):
    """Nothing was refused there: no login was tried that could not be."""
    log = (server.folder / "log").read_text()
    assert "Failed" not in log, log
    assert "Accepted" in log


def logs_in(server, why, ask=nobody):
    connector = Connector()
    try:
        link = connector.connect(host_of(server, backend="auto"), ask)
        facts = link.facts()
        assert (facts.backend, facts.why) == ("openssh", why)
        done = link.run(["echo", "there"])
        assert (done.status, done.stdout) == (0, b"there\n")
    finally:
        connector.close()
    quiet(server)


def options(*lines):
    return ["LogLevel VERBOSE", *lines]


# Kerberos


@contextmanager
def kdc(folder, monkeypatch):
    """A realm with me and the host `localhost`; whoever is started from here finds it by its environment."""
    folder.mkdir()
    port = sshd.free_port()
    monkeypatch.setenv("PATH", SYSTEM)
    for name, value in (
        ("KRB5_CONFIG", folder / "krb5.conf"),
        ("KRB5_KDC_PROFILE", folder / "kdc.conf"),
        ("KRB5_KTNAME", folder / "keytab"),
        ("KRB5CCNAME", f"FILE:{folder / 'tickets'}"),
    ):
        monkeypatch.setenv(name, str(value))
    (folder / "krb5.conf").write_text(
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n rdns = false\n"
        f" dns_canonicalize_hostname = false\n[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{port}\n }}\n"
        f"[domain_realm]\n localhost = {REALM}\n"
    )
    (folder / "kdc.conf").write_text(
        f"[realms]\n {REALM} = {{\n  database_name = {folder / 'principal'}\n  key_stash_file = {folder / 'stash'}\n"
        f"  acl_file = {folder / 'acl'}\n  kdc_listen = 127.0.0.1:{port}\n  kdc_tcp_listen = 127.0.0.1:{port}\n }}\n"
        f"[logging]\n kdc = FILE:{folder / 'log'}\n"
    )
    run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
    for query in (
        f"addprinc -pw secret {sshd.ME}",
        "addprinc -randkey host/localhost",
        f"ktadd -k {folder / 'keytab'} host/localhost",
    ):
        run("kadmin.local", "-r", REALM, "-q", query)
    with subprocess.Popen(["krb5kdc", "-n", "-r", REALM], stderr=subprocess.DEVNULL) as process:
        try:
            log = folder / "log"
            until(lambda: log.exists() and "commencing operation" in log.read_text(), "the KDC listens", 20)
            yield
        finally:
            process.terminate()


KERBEROS_ONLY = options("GSSAPIAuthentication yes", "GSSAPIStrictAcceptorCheck no", "PubkeyAuthentication no")


@pytest.mark.parametrize(
    ("mine", "why"),
    [
        (("PubkeyAuthentication no",), "GSSAPIAuthentication"),
        ((), "a Kerberos ticket"),
    ],
    ids=["asked for", "found out"],
)
def test_a_ticket_of_a_real_kdc_logs_in(keys, tmp_path, monkeypatch, mine, why):
    need("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
    with kdc(tmp_path / "kdc", monkeypatch), sshd.serve(tmp_path / "server", keys, *KERBEROS_ONLY) as server:
        server.write_known_hosts(name=f"[localhost]:{server.port}")
        server.write_config("HostName localhost", "GSSAPIAuthentication yes", *mine)
        run("kinit", sshd.ME, input="secret\n")
        logs_in(server, why)
        assert "host/localhost" in run("klist").stdout


# a token


def test_a_key_on_a_pkcs11_token_logs_in_by_its_pin(keys, tmp_path, monkeypatch):
    need("softhsm2-util")
    library = next((one for one in SOFTHSM if Path(one).exists()), None) or pytest.skip("no libsofthsm2.so here")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    key = tmp_path / "on_the_token"
    run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "", "-f", key)
    pins = ("--pin", PIN)
    run("softhsm2-util", "--init-token", "--free", "--label", "mine", "--so-pin", PIN, *pins)
    run("softhsm2-util", "--import", key, "--token", "mine", "--label", "ssh", "--id", "01", *pins)
    key.unlink()
    with sshd.serve(tmp_path / "server", keys, *options()) as server:
        (server.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
        server.write_config(f"PKCS11Provider {library}", "IdentityFile none", "IdentitiesOnly no")
        person = Person(PIN)
        logs_in(server, "PKCS11Provider", person)
        (question,) = person.questions
        assert "PIN" in question.text + " ".join(question.said)
        assert not question.echo


# the host vouches for its user


def test_a_host_that_vouches_for_its_user_logs_in(keys, tmp_path, monkeypatch):
    """sshd and ssh have files of the test's own in /etc/ssh and in root's home: no other place is asked for them."""
    need("unshare", "mount")
    if os.getuid() or not os.access(KEYSIGN, os.X_OK) or sshd.ME != "root":
        pytest.skip("needs root, to give ssh-keysign a key of this host")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("no mount namespaces here")
    etc, home, programs = tmp_path / "etc", tmp_path / "home", tmp_path / "programs"
    for folder in (etc, home / ".ssh", programs):
        folder.mkdir(parents=True)
    (etc / "ssh_config").write_text("EnableSSHKeysign yes\n")
    key = sshd.make_key(etc / "ssh_host_ed25519_key")
    kind, blob = key.with_suffix(".pub").read_text().split()[:2]
    (home / ".shosts").write_text(f"localhost {sshd.ME}\n")
    (home / ".ssh" / "known_hosts").write_text(f"localhost {kind} {blob}\n")
    for name, found, binds in (
        ("ssh", shutil.which("ssh"), f"mount --bind {etc} /etc/ssh"),
        ("sshd", sshd.SSHD, f"mount --bind {etc} /etc/ssh && mount --bind {home} /root"),
    ):
        inner = f'{binds} && exec {found} "$@"'
        (programs / name).write_text(f"#!/bin/sh\nexec unshare -m sh -c '{inner}' {name} \"$@\"\n")
        (programs / name).chmod(0o755)
    monkeypatch.setattr(sshd, "SSHD", str(programs / "sshd"))
    monkeypatch.setenv("PATH", f"{programs}:{SYSTEM}")
    only = ("HostbasedAuthentication yes", "HostbasedUsesNameFromPacketOnly yes", "IgnoreRhosts no")
    with sshd.serve(tmp_path / "server", keys, *options(*only, "PubkeyAuthentication no")) as server:
        server.write_config("HostbasedAuthentication yes", "IdentityFile none")
        logs_in(server, "HostbasedAuthentication")
