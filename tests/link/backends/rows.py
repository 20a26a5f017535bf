"""The rows of the matrix in docs/ssh.md: configurations of ssh and of servers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.link.backends.bench import ALIAS, LOOPBACK, Bench, in_a_terminal, short_folder
from tests.link.sshd import ME

CHACHA = "chacha20-poly1305@openssh.com"


@dataclass(frozen=True)
class Row:
    """`group` and `what` stand in the table."""

    group: str
    what: str
    build: Callable[[Bench], None]


ROWS: list[Row] = []


def row(group: str, what: str) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    def keep(build: Callable[[Bench], None]) -> Callable[[Bench], None]:
        ROWS.append(Row(group, what, build))
        return build

    return keep


def plain(group: str, what: str, *options: str) -> None:
    """A row of client options on the server that all share."""
    row(group, what)(lambda bench: bench.alias(bench.shared.port, *options))


def serving(group: str, what: str, *options: str) -> None:
    """A row of an sshd with `options`."""
    row(group, what)(lambda bench: bench.alias(bench.server(*options).port))


# who I am

plain("login", "a key")


@row("login", "a key with a passphrase")
def _(bench: Bench) -> None:
    key, server = bench.key("locked", passphrase="open up"), bench.server()
    (server.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    bench.alias(server.port, key=key)


@row("login", "a certificate (`CertificateFile`)")
def _(bench: Bench) -> None:
    key = bench.key("mine")
    command = ["ssh-keygen", "-q", "-s", bench.keys.other, "-I", "me", "-n", ME, key.with_suffix(".pub")]
    subprocess.run(command, check=True, capture_output=True)
    server = bench.server(f"TrustedUserCAKeys {bench.keys.other}.pub", "AuthorizedKeysFile none")
    bench.alias(server.port, f"CertificateFile {key}-cert.pub", key=key)


def _agent(bench: Bench, *options: str, key: str = "nowhere") -> None:
    folder = Path(bench.stack.enter_context(short_folder()))
    path = folder / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    bench.stack.callback(process.wait)
    bench.stack.callback(process.kill)
    environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
    add = ["ssh-add", "-q", bench.keys.user]
    while subprocess.run(add, env=environment, capture_output=True, check=False).returncode:
        assert process.poll() is None
    bench.alias(bench.shared.port, f"IdentityAgent {path}", *options, key=bench.folder / key)


@row("login", "a key of the agent (`IdentityAgent`)")
def _(bench: Bench) -> None:
    _agent(bench)


@row("login", "the agent's, by its `.pub` (`IdentitiesOnly`)")
def _(bench: Bench) -> None:
    shutil.copy(bench.keys.user.with_suffix(".pub"), bench.folder / "named.pub")
    _agent(bench, "IdentitiesOnly yes", key="named.pub")


@row("login", "a password")
def _(bench: Bench) -> None:
    bench.alias(bench.odd("password"))


@row("login", "keyboard-interactive")
def _(bench: Bench) -> None:
    bench.alias(bench.odd("keyboard-interactive"))


@row("login", "a key, then a code")
def _(bench: Bench) -> None:
    bench.alias(bench.odd("publickey", "keyboard-interactive"))


@row("login", "a key, then a code, while your own ssh is logged in (`ControlMaster`)")
def _(bench: Bench) -> None:
    path = f"{bench.stack.enter_context(short_folder())}/mine"
    bench.alias(bench.odd("publickey", "keyboard-interactive"), f"ControlPath {path}")
    stays = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]  # the terminal ends with the ssh that was typed
    master = [*stays, "ssh", "-F", str(bench.config), "-o", "ControlMaster=yes", "-N", "-f", ALIAS]
    with bench.attempt():
        assert in_a_terminal(master) == "asks, in"
    end = ["ssh", "-F", str(bench.config), "-O", "exit", ALIAS]
    bench.stack.callback(partial(subprocess.run, end, check=True, capture_output=True))


@row("login", "`PreferredAuthentications`")
def _(bench: Bench) -> None:
    bench.alias(bench.odd("password"), "PreferredAuthentications publickey,password")


@row("login", "a key that is not authorized")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, key=bench.keys.other)


@row("login", "a key file that others can read")
def _(bench: Bench) -> None:
    key = Path(shutil.copy(bench.keys.user, bench.folder / "open"))
    key.chmod(0o644)
    bench.alias(bench.shared.port, key=key)


# the way


@row("way", "`ProxyJump`")
def _(bench: Bench) -> None:
    bench.alias(bench.server(name="gate").port, name="gate")
    bench.alias(bench.shared.port, "ProxyJump gate")


@row("way", "`ProxyJump`, two in a row")
def _(bench: Bench) -> None:
    bench.alias(bench.server(name="gate").port, name="gate")
    bench.alias(bench.server(name="second").port, name="second")
    bench.alias(bench.shared.port, "ProxyJump gate,second")


def _relay(bench: Bench) -> Path:
    program = (
        "import os, socket, sys, threading\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def up():\n"
        "    while data := os.read(0, 65536): s.sendall(data)\n"
        "    s.shutdown(socket.SHUT_WR)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536): os.write(1, data)\n"
    )
    (bench.folder / "relay.py").write_text(program)
    return bench.script("relay", f'exec {sys.executable} {bench.folder}/relay.py "$@"')


@row("way", "`ProxyCommand`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, f"ProxyCommand {_relay(bench)} %h %p")


@row("way", "`ProxyCommand` with `ProxyUseFdpass`")
def _(bench: Bench) -> None:
    program = (
        "import array, socket, sys\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "out = socket.socket(fileno=1)\n"
        "out.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])\n"
    )
    (bench.folder / "pass.py").write_text(program)
    script = bench.script("pass", f'exec {sys.executable} {bench.folder}/pass.py "$@"')
    bench.alias(bench.shared.port, f"ProxyCommand {script} %h %p", "ProxyUseFdpass yes")


@row("way", "`Match exec`")
def _(bench: Bench) -> None:
    bench.config.write_text(f'Match originalhost {ALIAS} exec "test -d {bench.folder}"\n  Port {bench.shared.port}\n')
    bench.knows(bench.shared.port)
    bench.alias(1, known=False)


@row("way", "`Include`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port)
    bench.config.rename(bench.folder / "included")
    bench.config.write_text(f"Include {bench.folder}/incl*\n")


@row("way", "an IPv6 address")
def _(bench: Bench) -> None:
    server = bench.server("ListenAddress ::1")
    bench.knows(server.port, name=f"[::1]:{server.port}")
    bench.alias(server.port, "HostName ::1", known=False)


@row("way", "nothing listens")
def _(bench: Bench) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = int(listener.getsockname()[1])
    bench.alias(port)


# who the server is


@row("host key", "`HostKeyAlias`")
def _(bench: Bench) -> None:
    bench.knows(0, name="lab-box")
    bench.alias(bench.shared.port, "HostKeyAlias lab-box", known=False)


@row("host key", "a hashed known_hosts")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port)
    subprocess.run(["ssh-keygen", "-H", "-f", bench.known_hosts], check=True, capture_output=True)


def _certified(bench: Bench, *options: str) -> Path:
    copy = bench.folder / "certified"
    shutil.copy(bench.keys.host, copy)
    shutil.copy(bench.keys.host.with_suffix(".pub"), copy.with_suffix(".pub"))
    command = ["ssh-keygen", "-q", "-s", bench.keys.other, "-h", "-I", "box", *options, copy.with_suffix(".pub")]
    subprocess.run(command, check=True, capture_output=True)
    return bench.folder / "certified-cert.pub"


@row("host key", "`@cert-authority`")
def _(bench: Bench) -> None:
    server = bench.server(f"HostCertificate {_certified(bench)}")
    bench.knows(server.port, bench.keys.other, "@cert-authority")
    bench.alias(server.port, known=False)


@row("host key", "`@cert-authority`, certificate of another host")
def _(bench: Bench) -> None:
    server = bench.server(f"HostCertificate {_certified(bench, '-n', 'elsewhere')}")
    bench.knows(server.port, bench.keys.other, "@cert-authority")
    bench.alias(server.port, "StrictHostKeyChecking yes", known=False)


@row("host key", "`@revoked`")
def _(bench: Bench) -> None:
    bench.knows(bench.shared.port, marker="@revoked")
    bench.alias(bench.shared.port)


@row("host key", "`RevokedHostKeys`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, f"RevokedHostKeys {bench.keys.host}.pub")


@row("host key", "another key than the known one")
def _(bench: Bench) -> None:
    bench.knows(bench.shared.port, bench.keys.other)
    bench.alias(bench.shared.port, known=False)


@row("host key", "an unknown key")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, known=False)


@row("host key", "an unknown key, `StrictHostKeyChecking yes`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, "StrictHostKeyChecking yes", known=False)


@row("host key", "an unknown key, `accept-new`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, "StrictHostKeyChecking accept-new", known=False)


@row("host key", "an unknown key, `BatchMode`")
def _(bench: Bench) -> None:
    bench.alias(bench.shared.port, "BatchMode yes", known=False)


@row("host key", "`KnownHostsCommand`")
def _(bench: Bench) -> None:
    kind, blob = bench.keys.host.with_suffix(".pub").read_text().split()[:2]
    script = bench.script("keys", f"echo '[{LOOPBACK}]:{bench.shared.port} {kind} {blob}'")
    bench.alias(bench.shared.port, f"KnownHostsCommand {script}", known=False)


@row("host key", "RSA only")
def _(bench: Bench) -> None:
    server = bench.server(host_key=bench.keys.host_rsa)
    bench.knows(server.port, bench.keys.host_rsa)
    bench.alias(server.port, known=False)


@row("host key", "RSA, `RequiredRSASize 4096`")
def _(bench: Bench) -> None:
    server = bench.server(host_key=bench.keys.host_rsa)
    bench.knows(server.port, bench.keys.host_rsa)
    bench.alias(server.port, "RequiredRSASize 4096", known=False)


# how it is spoken

serving("algorithms", "the server has ChaCha20 only", f"Ciphers {CHACHA}")
serving("algorithms", "the server has `curve25519-sha256` only", "KexAlgorithms curve25519-sha256")
serving("algorithms", "the server has sntrup761 only", "KexAlgorithms sntrup761x25519-sha512@openssh.com")
serving("algorithms", "the server has umac only", "MACs umac-128-etm@openssh.com", "Ciphers aes256-ctr")
plain("algorithms", "`Ciphers` of ChaCha20 only", f"Ciphers {CHACHA}")
plain("algorithms", "`KexAlgorithms` of sntrup761 only", "KexAlgorithms sntrup761x25519-sha512@openssh.com")
plain("algorithms", "`MACs` of umac only", "MACs umac-128-etm@openssh.com", "Ciphers aes256-ctr")
plain("algorithms", "`PubkeyAcceptedAlgorithms` without my key's", "PubkeyAcceptedAlgorithms rsa-sha2-512")
plain("algorithms", "`Compression`", "Compression yes")

# what the server does

serving("server", "`ForceCommand`", "ForceCommand true")
serving("server", "`MaxSessions 1`", "MaxSessions 1")
serving("server", "`DisableForwarding`", "DisableForwarding yes")
serving("server", "`PermitTTY no`", "PermitTTY no")
serving("server", "a banner", "Banner /etc/os-release")
serving("server", "`RekeyLimit 1M`", "RekeyLimit 1M")
