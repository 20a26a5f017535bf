"""A host reached over SSH: everything goes through one paramiko transport."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gpuws.link.paramiko.channel import RequestRefused, SshChannel
from gpuws.link.paramiko.outgoing import FAILURES
from gpuws.link.paramiko.quoting import command_line
from gpuws.link.paramiko.second_link import SecondLink
from gpuws.link.paramiko.streams import ChannelStream, SshProcess, SshTerminal, start
from gpuws.link.paramiko.transport import OPEN_TIMEOUT, LinkDead, OpenRefused, SshTransport
from gpuws.link.place import Process, Stream
from gpuws.link.resolve.known_hosts import fingerprint
from gpuws.link.running import collect
from gpuws.model import text
from gpuws.model.errors import GpuwsError, NoRoom, Unreachable
from gpuws.model.session.terminal import Completed, Size

if TYPE_CHECKING:
    from gpuws.link.relay.kept import KeptRelay
    from gpuws.model.checkup.facts import LinkFacts

SESSION_PATIENCE = 1.0  # seconds
ROOM_PATIENCE = 5.0  # the same, where another program was ended for this one
FORWARDING = "AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen in its sshd_config rule this"
FORBIDDEN = 1  # RFC 4254, 5.1: administratively prohibited


class SshLink:
    """`environment` goes to interactive programs, as ssh's SendEnv and SetEnv. `jump`: the jump host's link, which
    `release` gives back. `asks`: a person answered in this login, and would have to again. `explain` turns the reason
    of a loss into a better one. `second`: where sessions go that the server opens no more of on this connection.
    `python`: the only interpreter there to use, where one is set. `login`: seconds that it took, None where a person
    answered meanwhile. `exposed`: private key files that others can read. `why`: what decided that paramiko speaks SSH,
    "" where nothing spoke against it. `told`: what the server said meanwhile. `shell`: what
    runs commands there, where the login shell does not. `besides`: what ssh would do besides."""

    def __init__(
        self,
        name: str,
        transport: SshTransport,
        *,
        asks: bool = False,
        jump: SshLink | None = None,
        environment: Sequence[tuple[str, str]] = (),
        release: Callable[[], None] | None = None,
        explain: Callable[[str], str] = str,
        second: SecondLink[SshLink] | None = None,
        python: str | None = None,
        login: float | None = None,
        exposed: tuple[str, ...] = (),
        why: str = "",
        told: tuple[str, ...] = (),
        shell: str | None = None,
        besides: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self._transport = transport
        self.asks = asks
        self._jump = jump
        self._environment = environment
        self._release = release
        self._explain = explain
        self._second = second
        self._login = login
        self._exposed = exposed
        self._chosen_for = why
        self._told = told
        self._shell = shell
        self._besides = besides
        self._open_sessions: weakref.WeakSet[SshChannel] = weakref.WeakSet()
        self._forbidden: set[str] = set()
        self._python = python
        self._relay: KeptRelay | None = None
        self._relay_by: Callable[[Sequence[str]], Process] = self.popen
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[str], None]] = []
        self._give_way: Callable[[], bool] = lambda: False
        self._lost: str | None = None
        self._closed = False
        self._let_go: Callable[[], None] = self.end
        transport.on_end = self._ended
        if transport.ended.is_set():
            self._ended(transport.why())

    @property
    def alive(self) -> bool:
        return self._transport.alive

    @property
    def needed_human(self) -> bool:
        return self.asks or (self._jump is not None and self._jump.needed_human)

    @property
    def latency(self) -> float | None:
        return self._transport.latency

    @property
    def server(self) -> str:
        """The server's software, as it names itself."""
        return text.plain(self._transport.remote_version)

    @property
    def sessions(self) -> int:
        """Programs and terminals that are open now, those over further connections included."""
        with self._lock:
            own = sum(not channel.closed for channel in self._open_sessions)
        return own + (self._second.sessions if self._second else 0)

    def facts(self) -> LinkFacts:
        from gpuws.model.checkup.facts import LinkFacts

        key = self._transport.host_key
        return LinkFacts(
            server=self.server.removeprefix("SSH-2.0-"),
            host_key=f"{key.get_name()} {fingerprint(key.asbytes())}" if key else None,
            login=self._login,
            needed_human=self.asks,
            sessions=self.sessions,
            spilled=self._second.sessions if self._second else 0,
            forbidden=tuple(sorted(self._forbidden)),
            exposed=self._exposed,
            backend="paramiko",
            why=self._chosen_for,
            told=self._told,
            besides=self._besides,
        )

    # programs

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        return collect(self.popen(argv), f"{self.name}: {argv[0]}", input, timeout)

    def popen(self, argv: Sequence[str]) -> SshProcess:
        channel = self._started(command_line(argv, self._shell), None)
        return SshProcess(channel, self.name)

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> SshTerminal:
        channel = self._started(command_line(argv, self._shell) if argv else "", (size, term))
        return SshTerminal(channel, self.name)

    def _started(self, command: str, pty: tuple[Size, str] | None) -> SshChannel:
        channel = self._session()
        try:
            if pty:
                size, term = pty
                channel.get_pty(term, size.columns, size.rows)
            start(channel, command, self._environment if pty else ())
        except (RequestRefused, *FAILURES) as error:
            channel.close()
            raise self._fault(error, "a terminal" if pty else "a command") from error
        return channel

    def _session(self) -> SshChannel:
        """A program that was closed a moment ago still counts for MaxSessions until sshd has seen it end."""
        deadline, made_room = time.monotonic() + SESSION_PATIENCE, False
        while True:
            try:
                return self._counted(self._transport.open("session"))
            except OpenRefused as error:
                late = time.monotonic() >= deadline
                with self._further(make=late) as further:
                    if further is not None:
                        return further._session()
                if (late or made_room or self._second is None) and self._give_way():
                    deadline, made_room = time.monotonic() + ROOM_PATIENCE, True
                elif late:
                    raise self._refusal(error, "a session") from error
                time.sleep(SESSION_PATIENCE / 10)
            except (LinkDead, TimeoutError) as error:
                raise self._fault(error, "a session") from error

    def _further(self, *, make: bool) -> AbstractContextManager[SshLink | None]:
        """Another connection, where this one is full. One without any session refuses them for another reason."""
        return self._second.lent(make=make) if self._second is not None and self.sessions else nullcontext()

    def _counted(self, channel: SshChannel) -> SshChannel:
        with self._lock:
            self._open_sessions.add(channel)
        if self._second is not None:  # there is room again on this connection
            self._second.rest()
        return channel

    # streams

    def dial_tcp(self, host: str, port: int) -> Stream:
        """By a channel of its own; where the server forbids that, by a program there."""
        what = f"{host}:{port}"
        if what not in self._forbidden:
            try:
                return ChannelStream(self.open_tcp(host, port), f"{self.name}: {what}")
            except GpuwsError:
                if what not in self._forbidden:
                    raise
        return self._dial_by_program(host, port)

    def _dial_by_program(self, host: str, port: int) -> Stream:
        from gpuws.link.relay.relay import NoRelay

        try:
            return self.relay.dial_tcp(host, port)
        except NoRelay as error:
            why = error.message.removeprefix(f"{self.name}: ")
            text = f"{self.name}: the server forbids forwarding to {host}:{port}, and {why}"
            raise GpuwsError(text, FORWARDING) from error

    @property
    def relay(self) -> KeptRelay:
        from gpuws.link.relay.kept import KeptRelay

        with self._lock:
            self._relay = self._relay or KeptRelay(self._relay_by, self.name, self._python)
            return self._relay

    def relay_by(self, popen: Callable[[Sequence[str]], Process]) -> None:
        self._relay_by = popen

    def dial_unix(self, path: str) -> Stream:
        return ChannelStream(self._open("direct-streamlocal@openssh.com", (path, "", 0), path), f"{self.name}: {path}")

    def open_tcp(self, host: str, port: int, timeout: float = OPEN_TIMEOUT) -> SshChannel:
        """The channel itself, which paramiko takes for a socket: a connection through this host as a jump host."""
        return self._open("direct-tcpip", (host, port, "127.0.0.1", 0), f"{host}:{port}", timeout)

    def _open(self, kind: str, payload: Sequence[str | int], what: str, timeout: float = OPEN_TIMEOUT) -> SshChannel:
        try:
            return self._transport.open(kind, payload, timeout=timeout)
        except (OpenRefused, LinkDead, TimeoutError) as error:
            raise self._fault(error, what) from error

    def _fault(self, error: Exception, what: str) -> GpuwsError:
        """What went wrong with `what`, as one sentence."""
        if not self._transport.alive:
            return Unreachable(f"{self.name}: the connection was lost: {self._transport.why()}")
        if isinstance(error, OpenRefused):
            return self._refusal(error, what)
        if isinstance(error, TimeoutError):
            return Unreachable(f"{self.name}: no answer in time when asked for {what}")
        if isinstance(error, RequestRefused):
            return GpuwsError(
                f"{self.name}: the server refused {what}", "see ForceCommand, PermitTTY in its sshd_config"
            )
        return Unreachable(f"{self.name}: the connection broke: {error}")

    def _refusal(self, error: OpenRefused, what: str) -> GpuwsError:
        reason = text.plain(error.reason).lower() or "no reason given"
        if what == "a session":
            return NoRoom(
                f"{self.name}: the server opens no more sessions ({reason})",
                "close some of yours there, or raise MaxSessions in its sshd_config",
            )
        if error.code == FORBIDDEN:
            self._forbidden.add(what)
            return GpuwsError(f"{self.name}: the server forbids forwarding to {what}", FORWARDING)
        return GpuwsError(f"{self.name}: {what} can't be reached from there ({reason})")

    # liveness

    @property
    def heard(self) -> float:
        return self._transport.heard

    def ping(self) -> None:
        self._transport.ping()

    # the end of it

    def on_lost(self, callback: Callable[[str], None]) -> None:
        with self._lock:
            if self._lost is None:
                self._callbacks.append(callback)
                return
        callback(self._lost)

    def on_crowded(self, give_way: Callable[[], bool]) -> None:
        self._give_way = give_way

    def lose(self, reason: str) -> None:
        """The peer is dead: end at once and tell those who asked."""
        self._transport.fail(reason)

    def give_to(self, let_go: Callable[[], None]) -> None:
        """Hand it to somebody whose `close` is `let_go`, since others go on using it."""
        with self._lock:
            self._let_go, self._closed = let_go, False

    def close(self) -> None:
        with self._lock:
            first, self._closed = not self._closed, True
            self._callbacks = []
        if first:
            self._let_go()

    def end(self) -> None:
        """End it whoever uses it."""
        with self._lock:
            self._closed = True
        self._transport.close()
        self._give_back()

    def why(self, patience: float) -> str | None:
        """Why it is lost; None if it is not, and is not about to be within `patience` seconds."""
        return self._transport.why() if self._transport.ended.wait(patience) else None

    def _ended(self, reason: str) -> None:
        reason = self._explain(reason)
        with self._lock:
            callbacks = [] if self._closed else self._callbacks
            self._callbacks = []
            self._lost = reason
        self._give_back()
        for callback in callbacks:
            callback(reason)

    def _give_back(self) -> None:
        """The share of the jump host, once, and the further connections."""
        with self._lock:
            release, self._release = self._release, None
        if self._second is not None:
            self._second.close()
        if release:
            release()
