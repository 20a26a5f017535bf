"""The seams of this layer: a Place runs programs, a Link is a host's connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from gpuws.model.checkup.facts import LinkFacts
    from gpuws.model.question import Answer, Question
    from gpuws.model.terminal import Completed, Size

Ask: TypeAlias = "Callable[[Question], Answer | None]"
"""Hands a question to a person and waits; None: nobody answers, or they declined."""


class Stream(Protocol):
    """A two-way byte stream. Closing it from any thread frees a blocked reader or writer."""

    def recv(self, limit: int = 65536) -> bytes:
        """The next bytes; b"" at the end. Raises TimeoutError after `settimeout`."""
        ...

    def sendall(self, data: bytes) -> None: ...
    def shutdown_write(self) -> None:
        """Tell the other side that nothing more comes; reading goes on."""
        ...

    def settimeout(self, seconds: float | None) -> None: ...
    def close(self) -> None: ...


class Process(Protocol):
    """A running program's streams. `close()` ends it as far as the other side lets us: its stdin ends."""

    def read(self, limit: int = 65536) -> bytes:
        """The next bytes of stdout; b"" at the end."""
        ...

    def write(self, data: bytes) -> None: ...
    def close_stdin(self) -> None: ...
    def read_stderr(self, limit: int = 65536) -> bytes:
        """The next bytes of stderr; b"" at the end. Unread, it stalls a program that writes much."""
        ...

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit status; None when it was never told. TimeoutError after `timeout` seconds."""
        ...

    def close(self) -> None: ...


class Terminal(Protocol):
    """A program on a PTY, as a byte stream. Closing it hangs the PTY up."""

    def recv(self, limit: int = 65536) -> bytes:
        """The next bytes of the screen; b"" when the program is gone."""
        ...

    def sendall(self, data: bytes) -> None: ...
    def resize(self, size: Size) -> None: ...
    def exit_status(self) -> int | None:
        """After the end: status, 128 + signal, or None when it was never told (the link broke)."""
        ...

    def close(self) -> None: ...


class Place(Protocol):
    """Somewhere programs run: a host, or the inside of a container.

    `argv` is a program and its arguments, never a shell line. All of it raises `GpuwsError`."""

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        ...

    def popen(self, argv: Sequence[str]) -> Process: ...
    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> Terminal:
        """`argv` empty: the login shell."""
        ...

    def dial_tcp(self, host: str, port: int) -> Stream: ...


class Link(Place, Protocol):
    """A host's connection. Made by `connect`; once lost it stays lost, the supervisor makes a new one."""

    @property
    def alive(self) -> bool: ...
    @property
    def needed_human(self) -> bool:
        """A person answered a question during login, here or at a jump host: never reconnected without one."""
        ...

    @property
    def latency(self) -> float | None:
        """Seconds of the last round trip."""
        ...

    def facts(self) -> LinkFacts | None:
        """How the host was reached, None: it is this machine. Never blocks."""
        ...

    def on_lost(self, callback: Callable[[str], None]) -> None:
        """Call `callback(reason)` once, from any thread, when the link is lost; at once if it is already."""
        ...

    def dial_unix(self, path: str) -> Stream: ...
    def close(self) -> None:
        """Returns at once, however dead the other side is."""
        ...
