"""A session channel: one program, on a terminal or with pipes, its signals and its exit status."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Protocol

from paramiko import Message

from gpuws.fleet.base import Process, Terminal
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Size
from gpuws.model.text import plain
from gpuws.sshserver import program
from gpuws.sshserver.channel import ServerChannel

FAILED = 255  # as ssh says what was not the program's own failure
MOST_VARIABLES = 64
LONGEST_PROLOGUE = 1 << 16  # bytes that start-up files may print
LONGEST_SIDE = 10_000  # columns or rows
MOST_SIGNALS = 4  # on their way at once
NO_AGENT = "the agent is not forwarded"
KEYS = {"INT": b"\x03", "QUIT": b"\x1c", "TSTP": b"\x1a"}
"""What a terminal makes of them. Any other signal hangs it up."""
SIGNALS = frozenset({"HUP", "INT", "QUIT", "TERM", "KILL", "USR1", "USR2", "ALRM", "PIPE"})


class Opener(Protocol):
    """Where sessions run. Each raises GpuwsError where there is nothing to run them in."""

    @property
    def label(self) -> str:
        """As a person types it."""
        ...

    @property
    def login(self) -> bool:
        """It is a host, where the login's own shell and its profile are meant."""
        ...

    def popen(self, argv: tuple[str, ...], env: tuple[str, ...]) -> Process: ...

    def interactive(self, argv: tuple[str, ...], size: Size, term: str, env: tuple[str, ...]) -> Terminal: ...

    def run(self, argv: tuple[str, ...]) -> None:
        """To its end; whatever it says is dropped."""
        ...


class Session:
    """What is asked for before the program, then the program. Requests come on the transport's thread."""

    def __init__(self, channel: ServerChannel, place: Opener) -> None:
        self._channel = channel
        self._place = place
        self._lock = threading.Lock()
        self._env: dict[str, str] = {}
        self._size: Size | None = None  # None: no terminal is wanted
        self._term = ""
        self._begun = False
        self._gone = False
        self._terminal: Terminal | None = None
        self._process: Process | None = None
        self._number = ""
        self._resizing = False
        self._signalling = threading.BoundedSemaphore(MOST_SIGNALS)
        self._notes: list[str] = []
        self._requests: Mapping[str, Callable[[Message], bool]] = {
            "env": self._set_variable,
            "pty-req": self._want_terminal,
            "window-change": self._resize,
            "shell": lambda _: self._begin(self._shell),
            "exec": self._command,
            "subsystem": self._subsystem,
            "signal": self._signal,
            "auth-agent-req@openssh.com": self._refuse_agent,
        }
        channel.asked = self._asked
        channel.gone = self._leave

    def _asked(self, kind: str, message: Message) -> bool:
        answer = self._requests.get(kind)
        return answer is not None and answer(message)

    # before the program

    def _set_variable(self, m: Message) -> bool:
        """Those of the language, as sshd takes them; any other may make a program do what nobody asked for."""
        name, value = m.get_text(), m.get_text()
        wanted = name == "LANG" or (name.startswith("LC_") and name.isascii() and name.isidentifier())
        if self._begun or not wanted or "\0" in value or len(self._env) >= MOST_VARIABLES:
            return False
        self._env[name] = value
        return True

    def _want_terminal(self, m: Message) -> bool:
        term, columns, rows = m.get_text(), m.get_int(), m.get_int()
        if self._begun or "\0" in term:
            return False
        self._term, self._size = term or "xterm", _size(columns, rows)
        return True

    def _refuse_agent(self, _: Message) -> bool:
        """Said on stderr once: ssh asks without waiting for an answer, and would not tell."""
        if not self._begun:
            self._notes = [NO_AGENT]
        return False

    def _resize(self, m: Message) -> bool:
        with self._lock:
            if self._size is None:
                return False
            self._size = _size(m.get_int(), m.get_int())
            begin = self._terminal is not None and not self._resizing
            self._resizing = self._resizing or begin
        if begin:
            threading.Thread(target=self._follow_size, name="ssh resize", daemon=True).start()
        return True

    def _follow_size(self) -> None:
        """Until the terminal has the size that was asked for last."""
        told = None
        while True:
            with self._lock:
                terminal, size = self._terminal, self._size
                if terminal is None or size is None or size == told:
                    self._resizing = False
                    return
            with contextlib.suppress(GpuwsError, OSError):  # the program is gone
                terminal.resize(size)
            told = size

    # the program

    def _command(self, m: Message) -> bool:
        line = m.get_binary()
        return b"\0" not in line and self._begin(lambda: self._start(program.command(line)))

    def _subsystem(self, m: Message) -> bool:
        return m.get_text() == "sftp" and self._begin(self._sftp)

    def _begin(self, start: Callable[[], None]) -> bool:
        if self._begun:
            return False
        self._begun = self._channel.working = True
        self._channel.then = threading.Thread(target=self._run, args=(start,), name="ssh session", daemon=True).start
        return True

    def _shell(self) -> None:
        if self._size is not None:
            self._on_terminal(())
        else:
            self._with_pipes(program.shell(login=self._place.login))

    def _start(self, argv: tuple[str, ...]) -> None:
        if self._size is not None:
            self._on_terminal(argv)
        else:
            self._with_pipes(argv)

    def _sftp(self) -> None:
        source = resources.files("gpuws.sshserver").joinpath("sftp_server.py").read_bytes()
        self._with_pipes(program.sftp(source, self._place.label))

    def _run(self, start: Callable[[], None]) -> None:
        """The session from its program's start to its end, whatever goes wrong."""
        try:
            self._say(self._notes)
            start()
        except GpuwsError as error:
            self._fail(str(error))
        except OSError:
            self._channel.finish(None)  # the client took no more
        except Exception as error:  # noqa: BLE001 - a person gets a line, and ssh a status
            self._fail(f"a bug in gpuws: {type(error).__name__}: {error}")
        finally:
            self._leave()
            self._channel.rest()

    def _fail(self, sentence: str) -> None:
        with contextlib.suppress(OSError):
            self._say(sentence.splitlines())
        self._channel.finish(FAILED)

    def _say(self, lines: Sequence[str]) -> None:
        """On stderr; text of hosts can't steer the client's terminal."""
        if lines:
            self._channel.give("".join(f"gpuws: {plain(line, 4000)}\r\n" for line in lines).encode(), error=True)

    def _on_terminal(self, argv: tuple[str, ...]) -> None:
        size = self._size or Size(80, 24)
        terminal = self._place.interactive(argv, size, self._term, self._environment())
        with self._lock:
            self._terminal, newest = terminal, self._size or size
        self._close_if_gone(terminal.close)
        if newest != size:  # it was changed meanwhile
            terminal.resize(newest)
        self._beside(lambda: self._feed(terminal.sendall, lambda: None))
        while data := terminal.recv():
            self._channel.give(data)
        self._finish(terminal.exit_status())

    def _with_pipes(self, argv: tuple[str, ...]) -> None:
        mark = secrets.token_hex(8)
        process = self._place.popen(program.told(argv, mark), self._environment())
        with self._lock:
            self._process = process
        self._close_if_gone(process.close)
        self._beside(lambda: self._feed(process.write, process.close_stdin))
        errors = self._beside(lambda: self._copy(process.read_stderr, error=True))
        begun, head = self._until_it_begins(process, mark.encode())
        self._channel.give(head, error=not begun)
        self._copy(process.read)
        errors.join()
        self._finish(process.wait())

    def _until_it_begins(self, process: Process, mark: bytes) -> tuple[bool, bytes]:
        """Keep the number of the program's process; what came behind it is the program's own. A program that was never
        begun has no such line: what is there says why, on stderr, since of stdout a client takes each byte for what it
        asked for."""
        head = b""
        while (at := head.find(mark)) < 0 or b"\n" not in head[at:]:
            data = process.read()
            if not data or len(head) > LONGEST_PROLOGUE:
                return False, head + data
            head += data
        number, _, rest = head[at + len(mark) :].partition(b"\n")
        self._number = number.decode(errors="replace").strip()
        return True, rest

    def _finish(self, status: int | None) -> None:
        if status is None and not self._channel.closed:
            self._fail(f"{self._place.label}: the link was lost before the program's status came")
        else:
            self._channel.finish(status)

    def _environment(self) -> tuple[str, ...]:
        return tuple(f"{name}={value}" for name, value in self._env.items())

    # its streams

    def _copy(self, read: Callable[[], bytes], *, error: bool = False) -> None:
        while data := read():
            self._channel.give(data, error=error)

    def _feed(self, write: Callable[[bytes], None], end: Callable[[], None]) -> None:
        while data := self._channel.take():
            write(data)
        end()

    def _beside(self, work: Callable[[], None]) -> threading.Thread:
        """On a thread of its own. What fails there, the one that reads stdout meets, too, and tells."""

        def run() -> None:
            with contextlib.suppress(GpuwsError, OSError):
                work()

        thread = threading.Thread(target=run, name="ssh stream", daemon=True)
        thread.start()
        return thread

    # its end

    def _signal(self, m: Message) -> bool:
        name = m.get_text()
        if (name not in SIGNALS and name not in KEYS) or not self._signalling.acquire(blocking=False):
            return False
        threading.Thread(target=self._send_signal, args=(name,), name="ssh signal", daemon=True).start()
        return True

    def _send_signal(self, name: str) -> None:
        try:
            with contextlib.suppress(GpuwsError, OSError):
                self._pass_on(name)
        finally:
            self._signalling.release()

    def _pass_on(self, name: str) -> None:
        if self._terminal is not None and name in KEYS:
            self._terminal.sendall(KEYS[name])
        elif self._terminal is not None:
            self._terminal.close()
        elif self._number.isdecimal():
            self._place.run(program.kill(self._number, name))

    def _leave(self) -> None:
        """The channel ended, or the program did: nothing is left of the other."""
        with self._lock:
            self._gone = True
            opened = [one for one in (self._terminal, self._process) if one is not None]
        for one in opened:
            one.close()

    def _close_if_gone(self, close: Callable[[], None]) -> None:
        """The client left while the program was being started."""
        with self._lock:
            gone = self._gone
        if gone:
            close()


def _size(columns: int, rows: int) -> Size:
    """A client may say 0, for unknown, or anything."""
    return Size(min(columns, LONGEST_SIDE) or 80, min(rows, LONGEST_SIDE) or 24)
