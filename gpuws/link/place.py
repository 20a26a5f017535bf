"""The seams of this layer: a Place runs programs, a Link is a host's connection.

All calls block, and may be made from any thread but the screen's. They raise `GpuwsError`: `Unreachable`, also as the
`StreamBroken` that libraries take for an OSError, where the link was lost or nobody answers; else one sentence of what
the other side refuses. Times are seconds, sizes bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from gpuws.model.checkup.facts import LinkFacts
    from gpuws.model.host.question import Answer, Question
    from gpuws.model.session.terminal import Completed, Size

Ask: TypeAlias = "Callable[[Question], Answer | None]"
"""Hands a question to a person and waits; None: nobody answers, or they declined."""


class Stream(Protocol):
    """A two-way byte stream, of one reader and one writer at a time. Closing it from any thread frees both."""

    def recv(self, limit: int = 65536) -> bytes:
        """The next bytes, at most `limit`; b"" at the end. Raises TimeoutError after `settimeout`."""
        ...

    def sendall(self, data: bytes) -> None:
        """Returns when a buffer on the way has taken all. Raises TimeoutError after `settimeout`."""
        ...

    def shutdown_write(self) -> None:
        """Tell the other side that nothing more comes; reading goes on. Nothing to it where the stream is broken."""
        ...

    def settimeout(self, seconds: float | None) -> None:
        """How long each later `recv` and `sendall` waits; None, as at first: without an end."""
        ...

    def close(self) -> None:
        """Returns at once; a second time does nothing."""
        ...


class Process(Protocol):
    """A running program's streams: its outputs have a reader each, its input a writer."""

    def read(self, limit: int = 65536) -> bytes:
        """The next bytes of stdout, at most `limit`; b"" at the end."""
        ...

    def write(self, data: bytes) -> None:
        """Returns when the program, or a buffer on the way, has taken all. Raises when it reads no more."""
        ...

    def close_stdin(self) -> None:
        """Its input ends; it runs on."""
        ...

    def read_stderr(self, limit: int = 65536) -> bytes:
        """The next bytes of stderr; b"" at the end. Unread, it stalls a program that writes much."""
        ...

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit status, 128 + signal; None when it was never told. TimeoutError after `timeout` seconds."""
        ...

    def close(self) -> None:
        """End it as far as the other side lets us: its stdin ends, and it is asked to. Returns at once."""
        ...


class Terminal(Protocol):
    """A program on a PTY, as a byte stream."""

    def recv(self, limit: int = 65536) -> bytes:
        """The next bytes of the screen; b"" when the program is gone, or the link."""
        ...

    def sendall(self, data: bytes) -> None:
        """Keys, as a terminal sends them. Raises when the terminal is closed."""
        ...

    def resize(self, size: Size) -> None:
        """In columns and rows; the program is told by SIGWINCH. Of no effect once it is gone."""
        ...

    def exit_status(self) -> int | None:
        """After the end: status, 128 + signal, or None when it was never told (the link broke)."""
        ...

    def close(self) -> None:
        """Hang the PTY up: what runs on it gets SIGHUP. Returns at once."""
        ...


class Dialer(Protocol):
    """Makes connections from somewhere else."""

    def dial_tcp(self, host: str, port: int) -> Stream:
        """Connect from there: `host` is a name or address as it is known there."""
        ...

    def dial_unix(self, path: str) -> Stream:
        """Connect from there to a unix socket, by its absolute path."""
        ...


class Place(Dialer, Protocol):
    """Somewhere programs run: a host, or the inside of a workspace. It lives as long as the link that it goes over.

    `argv` is a program and its arguments, never a shell line."""

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        """A program from start to end, whatever its status. `input`: its stdin, else none. After `timeout` seconds, and
        where it says more than fits in memory, it is closed and a GpuwsError raised."""
        ...

    def popen(self, argv: Sequence[str]) -> Process:
        """A program that runs on; whoever asked for it closes it."""
        ...

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> Terminal:
        """A program on a PTY of `size`, or with an empty `argv` the login shell. `term`: its TERM."""
        ...


class Link(Place, Protocol):
    """A host's connection. Made by `connect`; once lost it stays lost, the supervisor makes a new one.

    One link carries everything to its host at once: programs, terminals and streams do not wait for each other."""

    @property
    def alive(self) -> bool:
        """Neither lost nor closed, as far as is known here. Never blocks."""
        ...

    @property
    def needed_human(self) -> bool:
        """A person answered a question during login, here or at a jump host: one to be kept."""
        ...

    @property
    def latency(self) -> float | None:
        """Seconds of the last round trip; None before the first, and for this machine. Never blocks."""
        ...

    def facts(self) -> LinkFacts | None:
        """How the host was reached, None: it is this machine. Never blocks."""
        ...

    def on_lost(self, callback: Callable[[str], None]) -> None:
        """Call `callback(reason)` once, from any thread, when the link is lost; at once if it is already. One that is
        closed here is not lost."""
        ...

    def on_crowded(self, give_way: Callable[[], bool]) -> None:
        """Have `give_way` called, from any thread, where the server opens no more programs (MaxSessions), no further
        connection can be had, and somebody wants one; again for as long as they wait. It ends one that can be spared;
        True: it did."""
        ...

    @property
    def relay(self) -> Dialer:
        """Connections made by a program there: for servers that forward nothing. TCP comes to it by itself."""
        ...

    def relay_by(self, popen: Callable[[Sequence[str]], Process]) -> None:
        """Start the relay's program by `popen` from now on, which stands for this link's own: what is started there by
        itself is noted as everything else is (`watched.py`)."""
        ...

    def close(self) -> None:
        """End it and all that is open over it. Returns at once, however dead the other side is."""
        ...
