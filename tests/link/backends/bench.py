"""A place to build servers and ssh configurations in, and a person at a terminal who answers what ssh asks."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

from tests.link import sshd
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import ME, Keys, Server, make_key

ALIAS = "box"
ANSWERS = {"passphrase": "open up", "password": "sesame", "code": "123456", "pin": "0000", "yes/no": "yes"}
"""What a person says, by a word of the question."""
CHACHA = "chacha20-poly1305@openssh.com"
LIMIT = 20.0  # seconds for one attempt
LOOPBACK = "127.0.0.1"


class Answering(Rules):
    """Runs programs to their end, and tells then what they said."""

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_ran, args=(channel, command), daemon=True).start()
        return True


def _ran(channel: paramiko.Channel, command: bytes) -> None:
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    with suppress(OSError, paramiko.SSHException):  # nobody listens any more
        channel.sendall_stderr(done.stderr)
        channel.sendall(done.stdout)
        channel.send_exit_status(done.returncode)
        channel.close()


@dataclass
class Bench:
    """What a row's setup has at hand. `config`: the ssh_config that it wrote."""

    folder: Path
    keys: Keys
    shared: Server
    stack: ExitStack
    config: Path = field(init=False)
    rules: list[tuple[Answering, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.config = self.folder / "ssh_config"
        self.known_hosts.touch()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Afterwards all is as it was built."""
        known = self.known_hosts.read_text()
        yield
        self.known_hosts.write_text(known)
        for rules, methods in self.rules:
            rules.methods[:] = methods

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def server(self, *options: str, host_key: Path | None = None, name: str = "sshd") -> Server:
        return self.stack.enter_context(sshd.serve(self.folder / name, self.keys, *options, host_key=host_key))

    def odd(self, *methods: str) -> int:
        rules = Answering(list(methods))
        self.rules.append((rules, methods))
        return self.stack.enter_context(odd_server(rules, str(self.keys.host)))

    def key(self, name: str, *, kind: str = "ed25519", passphrase: str = "") -> Path:
        return make_key(self.folder / name, kind, passphrase)

    def knows(self, port: int, key: Path | None = None, marker: str = "", name: str = "") -> None:
        kind, blob = (key or self.keys.host).with_suffix(".pub").read_text().split()[:2]
        with self.known_hosts.open("a") as file:
            file.write(f"{marker} {name or f'[{LOOPBACK}]:{port}'} {kind} {blob}\n".lstrip())

    def alias(self, port: int, *options: str, name: str = ALIAS, key: Path | None = None, known: bool = True) -> None:
        """A `Host` whose `options` win; `known`: its key is."""
        if known:
            self.knows(port)
        lines = [
            *options,
            f"HostName {LOOPBACK}",
            f"Port {port}",
            f"User {ME}",
            f"IdentityFile {key or self.keys.user}",
            "IdentityAgent none",
            f"UserKnownHostsFile {self.known_hosts}",
            "GlobalKnownHostsFile none",
            "ConnectTimeout 10",
        ]
        with self.config.open("a") as file:
            file.write(f"Host {name}\n" + "".join(f"  {line}\n" for line in lines))

    def script(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o700)
        return path


def outcome(asked: bool, *, reached: bool) -> str:
    return f"{'asks, ' if asked else ''}{'in' if reached else 'refused'}"


def in_a_terminal(argv: list[str]) -> str:
    """As a person at a keyboard would see it, who answers what is asked."""
    master, slave = pty.openpty()
    process = subprocess.Popen(["setsid", "--ctty", "--wait", *argv], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    text, asked, deadline = "", False, time.monotonic() + LIMIT
    try:
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([master], [], [], left)
            data = read(master) if ready else b""
            if not data:
                break
            text += data.decode(errors="replace")
            question = text.rpartition("\n")[2].lower().rstrip()
            word = next((word for word in ANSWERS if word in question), "")
            if word and question.endswith((":", "?")):
                asked, text = True, ""
                os.write(master, f"{ANSWERS[word]}\n".encode())
        status = process.wait(max(deadline - time.monotonic(), 0.1))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)
    return outcome(asked, reached=status == 0)


def read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the other end is closed
        return b""


@contextmanager
def short_folder() -> Iterator[str]:
    """pytest's own folders are too deep for a socket's path."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder
