"""A private OpenSSH server on a loopback port, with keys, known_hosts and configuration of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
TOOLS = [tool for tool in ("ssh", "ssh-keygen", "ssh-agent", "ssh-add") if shutil.which(tool) is None]
ME = pwd.getpwuid(os.getuid()).pw_name


def missing() -> str | None:
    """Why no server can be started here."""
    if SSHD is None or TOOLS:
        return f"OpenSSH is not installed ({'sshd' if SSHD is None else ', '.join(TOOLS)} is missing)"
    if os.getuid() == 0 and not Path("/run/sshd").is_dir():
        Path("/run/sshd").mkdir(mode=0o755)
    return None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", path], check=True)
    return path


@dataclass
class Keys:
    """Keys of a person and of servers, made once for all tests."""

    folder: Path
    user: Path = field(init=False)
    other: Path = field(init=False)
    host: Path = field(init=False)
    host_rsa: Path = field(init=False)

    def __post_init__(self) -> None:
        self.user = make_key(self.folder / "user")
        self.other = make_key(self.folder / "other")
        self.host = make_key(self.folder / "host")
        self.host_rsa = make_key(self.folder / "host_rsa", "rsa")


@dataclass
class Server:
    """`config`: an ssh_config in which `alias` leads here."""

    folder: Path
    keys: Keys
    port: int
    process: subprocess.Popen[bytes]
    alias: str = "box"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def config(self) -> Path:
        return self.folder / "ssh_config"

    @property
    def name(self) -> str:
        """As known_hosts has it."""
        return f"[127.0.0.1]:{self.port}"

    def write_known_hosts(self, key: Path | None = None, name: str | None = None) -> None:
        kind, blob = (key or self.keys.host).with_suffix(".pub").read_text().split()[:2]
        self.known_hosts.write_text(f"{name or self.name} {kind} {blob}\n")

    def write_config(self, *lines: str, alias: str | None = None) -> Path:
        """Options of `lines` go first, so they win."""
        options = [
            *lines,
            "HostName 127.0.0.1",
            f"Port {self.port}",
            f"User {ME}",
            f"IdentityFile {self.keys.user}",
            "IdentityAgent none",
            f"UserKnownHostsFile {self.known_hosts}",
            "GlobalKnownHostsFile none",
        ]
        text = f"Host {alias or self.alias}\n" + "".join(f"  {option}\n" for option in options)
        self.config.write_text(text)
        return self.config

    def children(self) -> list[int]:
        """The server's processes for connections."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, _, rest = entry.read_text().partition(" (")
                parent = int(rest.rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == self.process.pid:
                found.append(int(pid))
        return found

    def stop(self) -> None:
        for pid in self.children():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


@contextmanager
def serve(folder: Path, keys: Keys, *options: str, host_key: Path | None = None) -> Iterator[Server]:
    """A running sshd; options of `options` win over the defaults here."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    authorized = folder / "authorized_keys"
    authorized.write_text(keys.user.with_suffix(".pub").read_text())
    lines = [
        *options,
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {host_key or keys.host}",
        f"AuthorizedKeysFile {authorized}",
        f"PidFile {folder / 'pid'}",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
    ]
    if not any(option.startswith("MaxStartups") for option in options):  # the last one counts
        lines.append("MaxStartups 100")
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    with (folder / "log").open("wb") as log:
        assert SSHD is not None
        process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", folder / "sshd_config"], stdin=subprocess.DEVNULL, stderr=log
        )
    server = Server(folder, keys, port, process)
    try:
        _await_port(server)
        server.write_known_hosts()
        server.write_config()
        yield server
    finally:
        server.stop()


def _await_port(server: Server) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
        except OSError:
            time.sleep(0.02)  # nothing tells when sshd listens
        else:
            return
    raise AssertionError((server.folder / "log").read_text())
