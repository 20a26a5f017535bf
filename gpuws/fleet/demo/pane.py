"""A scripted terminal: a small shell, or a tmux pane in which something trains. Ends on `exit` or ctrl-b d."""

from __future__ import annotations

import queue
import shlex
import threading
import time
from collections.abc import Callable
from typing import Literal

from gpuws.fleet.demo.shell import SHELLS, Where, answer
from gpuws.model.session.session import Session
from gpuws.model.session.terminal import Size

CTRL_B, CTRL_C, CTRL_D, BACKSPACE = "\x02", "\x03", "\x04", ("\x7f", "\b")
Ended = Literal["program", "session"]
BEAT = 1.0  # seconds between two lines of a running program


class DemoTerminal:
    """A Terminal. `session`: shown as tmux would; a program other than a shell runs in it until ctrl-c. `look`: only
    ctrl-b d gets there. `told` hears what of the session ended by what was typed."""

    def __init__(
        self,
        where: Where,
        size: Size,
        *,
        session: Session | None = None,
        look: bool = False,
        argv: tuple[str, ...] = (),
        told: Callable[[Ended], None] = lambda _: None,
    ) -> None:
        self._told = told
        self._where, self._size, self._session, self._look = where, size, session, look
        self._output: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._line, self._prefix, self._step = "", False, 0
        self._status: int | None = None
        self._ended = False
        self._running = bool(session and session.command and session.command not in SHELLS)
        self._open(argv)

    def _open(self, argv: tuple[str, ...]) -> None:
        if argv and (argv[0].rsplit("/", 1)[-1] not in SHELLS or len(argv) > 1):
            reply = answer(argv, self._where)
            self._write(reply.text)
            self._end(reply.status)
        elif self._session:
            self._write("\x1b[?1049h" + self._tmux_screen())
            self._write(self._progress() if self._running else self._where.prompt)
        else:
            welcome = (
                f"Welcome to {self._where.hostname}, a machine of the demo lab. It has ls, nvidia-smi, tmux, exit."
            )
            self._write(f"{welcome}\n{self._where.prompt}")

    # the Terminal protocol

    def recv(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - what is queued is always small
        while True:
            try:
                return self._output.get(timeout=BEAT if self._running else None)
            except queue.Empty:
                with self._lock:
                    if self._running and not self._ended:
                        self._write(self._progress())

    def sendall(self, data: bytes) -> None:
        with self._lock:
            for char in data.decode(errors="replace"):
                if self._ended:
                    return
                self._key(char)

    def resize(self, size: Size) -> None:
        with self._lock:
            changed, self._size = size != self._size, size
            if changed and self._session and not self._ended:
                self._write(self._tmux_screen() + (self._progress() if self._running else self._where.prompt))

    def exit_status(self) -> int | None:
        return self._status

    def close(self) -> None:
        with self._lock:
            self._end(None)

    # keys

    def _key(self, char: str) -> None:
        if self._prefix:
            self._prefix = False
            if char == "d" and self._session:
                self._leave(0, f"[detached (from session {self._session.name})]\n")
        elif char == CTRL_B and self._session:
            self._prefix = True
        elif self._look:
            return
        elif self._running:
            self._interrupt(char)
        else:
            self._edit(char)

    def _interrupt(self, char: str) -> None:
        if char == CTRL_C:
            self._running = False
            self._told("program")
            self._write(f"^C\nKeyboardInterrupt\n{self._where.prompt}")
        elif char.isprintable():
            self._write(char)

    def _edit(self, char: str) -> None:
        if char in "\r\n":
            line, self._line = self._line, ""
            self._write("\n")
            self._execute(line)
        elif char in BACKSPACE:
            self._write("\b \b" if self._line else "")
            self._line = self._line[:-1]
        elif char == CTRL_C:
            self._line = ""
            self._write(f"^C\n{self._where.prompt}")
        elif char == CTRL_D and not self._line:
            self._exit(0, "exit\n")
        elif char.isprintable():
            self._line += char
            self._write(char)

    def _execute(self, line: str) -> None:
        try:
            argv = shlex.split(line)
        except ValueError as error:
            self._write(f"syntax error: {error}\n{self._where.prompt}")
            return
        reply = answer(argv, self._where)
        if argv and argv[0] == "exit":
            self._exit(reply.status, "[exited]\n" if self._session else "")
        else:
            self._write(reply.text + self._where.prompt)

    # the screen

    def _exit(self, status: int, words: str) -> None:
        """The shell ends, and with the shell of its only window a session."""
        self._leave(status, words)
        if self._session is not None and self._session.windows == 1:
            self._told("session")

    def _leave(self, status: int, words: str) -> None:
        self._write(("\x1b[r\x1b[?1049l" if self._session else "") + words)
        self._end(status)

    def _end(self, status: int | None) -> None:
        if not self._ended:
            self._ended, self._running, self._status = True, False, status
            self._output.put(b"")

    def _write(self, text: str) -> None:
        if text and not self._ended:
            self._output.put(text.replace("\n", "\r\n").encode())

    def _tmux_screen(self) -> str:
        assert self._session is not None
        left = f"[{self._session.name}] 0:{self._session.command or 'bash'}*"
        right = f'"{self._where.hostname}" {time.strftime("%H:%M")}'
        bar = f"{left}{right:>{max(self._size.columns - len(left), 0)}}"[: self._size.columns]
        rows = max(self._size.rows, 2)
        return f"\x1b[r\x1b[2J\x1b[{rows};1H\x1b[30;42m{bar}\x1b[0m\x1b[1;{rows - 1}r\x1b[H"

    def _progress(self) -> str:
        self._step += 1
        assert self._session is not None
        loss = 2.4 / (1 + self._step * 0.02)
        return f"{self._session.command}: step {18_400 + self._step * 20}  loss {loss:.4f}  {31.4:.1f} it/s\n"
