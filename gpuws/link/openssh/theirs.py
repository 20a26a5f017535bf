"""A connection that an ssh of the user's own shares (ControlMaster): gpuws goes along, and never ends it.

Each program is an `ssh -S` beside it. The proxy mode of its socket, which gpuws' own ssh is spoken to by, would not do:
ssh 9.2 to 10 ends as a whole where somebody leaves of whom a channel was refused ("no remote_id")."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gpuws.link.connect.proxy import ProxySocket
from gpuws.link.local.local import LocalProcess, LocalTerminal
from gpuws.link.openssh.control import Control, NoMaster
from gpuws.link.paramiko.quoting import command_line
from gpuws.link.paramiko.ssh import ROOM_PATIENCE, SshLink
from gpuws.link.place import Stream
from gpuws.link.resolve.resolve import Resolved
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError, NoRoom
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.model.checkup.facts import LinkFacts
    from gpuws.model.session.terminal import Size

SESSIONS = 8
"""Programs and terminals at once: of sshd's usual ten the user's own has one, and another is left."""
STARTED = 20.0  # seconds for a program to be started
QUIET = 2.2  # seconds that a probe may say nothing: only then the server is asked whether it is there
ENDED = "your own ssh, over which it went, has ended"
# It tells its process id, which leads its process group (sshd makes it so), and outlives the program, whose end by a
# signal ssh would not tell.
_PROGRAM = 'echo "$0 $$" >&2; (exec "$@"); exit $?'
_TERMINAL = 'trap : INT QUIT; (exec "$@"); exit $?'
_KILL = 'kill -TERM "-$1" 2>/dev/null || kill -TERM "$1"'


class Watch:
    """Stands where an SshLink has its transport: sees at once that the ssh ended."""

    remote_version = ""
    host_key = None
    sock = None

    def __init__(self, control: Control) -> None:
        self._control = control
        self.pid = control.pid()
        self._asking = threading.Lock()
        self.pinged: Callable[[], None] = lambda: None
        self.on_end: Callable[[str], None] = lambda _: None
        self.ended = threading.Event()
        self.reason = ""
        self.latency: float | None = None
        self.heard = time.monotonic()
        threading.Thread(target=self._watch, name="watching ssh", daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self.ended.is_set()

    def why(self) -> str:
        return self.reason

    def hear(self) -> None:
        """Something came from the server."""
        self.heard = time.monotonic()

    def ping(self) -> None:
        """Where nothing comes by itself, a program is run there. At most one at a time."""
        threading.Thread(target=self._ask, name="asking", daemon=True).start()

    def fail(self, reason: str) -> None:
        if not self.ended.is_set():
            self.reason = self.reason or reason
            self.ended.set()
            self._control.close()
            self.on_end(self.reason)

    def close(self) -> None:
        """It goes on without us."""
        self.fail("it was closed")

    def _watch(self) -> None:
        self._control.await_end()
        self.fail(ENDED)

    def _ask(self) -> None:
        if not self._asking.acquire(blocking=False):
            return
        try:
            before = self.heard
            if not self.ended.wait(QUIET) and self.heard == before:
                with contextlib.suppress(GpuwsError):
                    self.pinged()
        finally:
            self._asking.release()


class SharedLink(SshLink):
    """Leaves the user room for sessions of their own; streams go through one program there."""

    _transport: Any

    def __init__(self, resolved: Resolved, watch: Watch, python: str | None, why: str) -> None:
        self._resolved = resolved
        self._programs: set[SharedProcess | SharedTerminal] = set()
        super().__init__(
            resolved.name,
            watch,  # type: ignore[arg-type]
            asks=True,
            python=python,
            shell=resolved.shell,
            besides=resolved.besides,
            why=why,
        )
        watch.pinged = lambda: self.popen(["true"]).close()

    @property
    def server(self) -> str:
        return ""

    @property
    def sessions(self) -> int:
        with self._lock:
            return len(self._programs)

    def facts(self) -> LinkFacts:
        return replace(super().facts(), server=None, host_key=None, backend="openssh")

    def popen(self, argv: Sequence[str]) -> SharedProcess:  # type: ignore[override]
        deadline = 0.0
        while True:
            try:
                return self._popen(argv)
            except NoRoom:
                if self._give_way():
                    deadline = time.monotonic() + ROOM_PATIENCE
                elif time.monotonic() >= deadline:
                    raise
                time.sleep(ROOM_PATIENCE / 50)

    def _popen(self, argv: Sequence[str]) -> SharedProcess:
        mark = f"gpuws-{secrets.token_hex(8)}"
        self._need_room()
        began = time.monotonic()
        command = command_line(["/bin/sh", "-c", _PROGRAM, mark, *argv], self._shell)
        process = SharedProcess(self, LocalProcess(self._ssh("-T", command)), mark)
        self._keep(process)
        process.await_start(self._transport)
        self._transport.latency = time.monotonic() - began
        return process

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> SharedTerminal:  # type: ignore[override]
        self._need_room()
        command = command_line(["/bin/sh", "-c", _TERMINAL, "sh", *argv], self._shell) if argv else ""
        sent = [f"-oSendEnv={name}" for name, _ in self._resolved.environment]
        terminal = SharedTerminal(self, LocalTerminal(self._ssh("-tt", command, *sent), size, term))
        self._keep(terminal)
        return terminal

    def dial_tcp(self, host: str, port: int) -> Stream:
        return self.relay.dial_tcp(host, port)

    def dial_unix(self, path: str) -> Stream:
        return self.relay.dial_unix(path)

    def open_tcp(self, host: str, port: int, timeout: float = 10.0) -> socket.socket:  # type: ignore[override]  # noqa: ARG002
        import shlex

        argv = self._ssh("-T", "")
        where = f"[{host}]:{port}"
        return ProxySocket.start(shlex.join([*argv[:-2], "-W", where, *argv[-2:]]))

    def kill(self, pid: str) -> None:
        """Have the server end what does not end by itself."""
        with contextlib.suppress(GpuwsError, OSError):
            done = LocalProcess(self._ssh("-T", command_line(["/bin/sh", "-c", _KILL, "sh", pid], self._shell)))
            with contextlib.suppress(TimeoutError):
                done.wait(5)
            done.close()

    def forget(self, program: SharedProcess | SharedTerminal) -> None:
        """It has ended."""
        with self._lock:
            self._programs.discard(program)

    def end(self) -> None:
        with self._lock:
            programs = list(self._programs)
        super().end()
        for program in programs:
            program.close()

    def _ssh(self, terminal: str, command: str, *options: str) -> list[str]:
        """Never one with a connection of its own: without the other it fails."""
        lone = ["-oControlMaster=no", "-oBatchMode=yes", "-oProxyCommand=exit 1", "-oLogLevel=ERROR"]
        argv = ["ssh", "-F", "none", "-S", self._resolved.control_path.replace("%", "%%"), *lone, *options, terminal]
        return [*argv, "--", self._resolved.hostname, *([command] if command else [])]

    def _need_room(self) -> None:
        if not self.alive:
            raise self._fault(OSError(), "a session")
        if self.sessions >= SESSIONS:
            raise GpuwsError(
                f"{self.name}: {SESSIONS} programs are open over your own ssh, which has room for a few more of yours",
                "close some of them; or end that ssh, so that gpuws makes a connection of its own",
            )

    def _keep(self, program: SharedProcess | SharedTerminal) -> None:
        with self._lock:
            self._programs.add(program)


class SharedProcess:
    """A program there. Closing it ends its stdin, and what goes on for all that by SIGTERM."""

    def __init__(self, link: SharedLink, process: LocalProcess, mark: str) -> None:
        self._link = link
        self._process = process
        self._mark = re.compile(rb"(?m)^" + mark.encode() + rb" (\d+)\n")
        self._early = b""
        self._pid = ""
        self._closed = False
        threading.Thread(target=self._reap, name="ssh", daemon=True).start()

    def await_start(self, watch: Watch) -> None:
        """Until it says that it runs. GpuwsError where it never does."""
        late = threading.Timer(STARTED, self._process.close)
        late.daemon = True
        late.start()
        try:
            while not (found := self._mark.search(self._early)):
                part = self._process.read_stderr()
                if not part or len(self._early) > 1 << 16:
                    raise self._refused()
                self._early += part
        finally:
            late.cancel()
        watch.hear()
        self._pid = found[1].decode()
        self._early = self._early[: found.start()] + self._early[found.end() :]

    def read(self, limit: int = 65536) -> bytes:
        return self._whole(self._process.read(limit))

    def read_stderr(self, limit: int = 65536) -> bytes:
        if self._early:
            part, self._early = self._early[:limit], self._early[limit:]
            return part
        return self._whole(self._process.read_stderr(limit))

    def write(self, data: bytes) -> None:
        self._process.write(data)

    def close_stdin(self) -> None:
        self._process.close_stdin()

    def wait(self, timeout: float | None = None) -> int | None:
        if self._closed:
            return None
        status = self._process.wait(timeout)
        return status if self._link.alive else None

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        ended = not running(self._process)
        if not ended and self._pid and self._link.alive:
            threading.Thread(target=self._end, name="ending", daemon=True).start()
        else:
            self._process.close()
            self._link.forget(self)

    def _end(self) -> None:
        self._process.close_stdin()
        with contextlib.suppress(TimeoutError):
            self._process.wait(0.3)
        if running(self._process):  # its outputs are there until then: who writes a last word must not die of it
            self._link.kill(self._pid)
            with contextlib.suppress(TimeoutError):
                self._process.wait(0.3)
        self._process.close()
        self._link.forget(self)

    def _reap(self) -> None:
        with contextlib.suppress(TimeoutError):
            self._process.wait()
        if not self._closed:
            self._link.forget(self)

    def _whole(self, data: bytes) -> bytes:
        if data:
            self._link._transport.hear()
        elif not self._closed and not self._link.alive:
            raise StreamBroken(f"{self._link.name}: the connection was lost")
        return data

    def _refused(self) -> GpuwsError:
        said = plain(self._early.decode(errors="replace"), 200)
        self._process.close()
        self._closed = True
        self._link.forget(self)
        if "refused by peer" in said:
            return NoRoom(
                f"{self._link.name}: the server opens no more sessions over your own ssh",
                "close some of yours there, or raise MaxSessions in its sshd_config",
            )
        words = f": {said}" if said else ""
        return GpuwsError(f"{self._link.name}: no program could be started over your own ssh{words}")


class SharedTerminal:
    """A program on a PTY there, by one here."""

    def __init__(self, link: SharedLink, terminal: LocalTerminal) -> None:
        self._link = link
        self._terminal = terminal

    def recv(self, limit: int = 65536) -> bytes:
        data = self._terminal.recv(limit)
        if data:
            self._link._transport.hear()
        else:
            self._link.forget(self)
        return data

    def sendall(self, data: bytes) -> None:
        self._terminal.sendall(data)

    def resize(self, size: Size) -> None:
        """The ssh here would tell the other one, too, but later than what is typed next."""
        self._terminal.resize(size)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self._link._transport.pid, signal.SIGWINCH)

    def exit_status(self) -> int | None:
        return self._terminal.exit_status() if self._link.alive else None

    def close(self) -> None:
        self._terminal.close()
        self._link.forget(self)


def running(process: LocalProcess) -> bool:
    try:
        process.wait(0)
    except TimeoutError:
        return True
    return False


def along(resolved: Resolved, python: str | None, why: str) -> SharedLink | None:
    """A link over the ssh that listens at the host's ControlPath; None: there is none. A person has logged in there, so
    it does not come back without one."""
    if not resolved.control_path:
        return None
    try:
        return SharedLink(resolved, Watch(Control(resolved.control_path)), python, why)
    except NoMaster:
        return None
