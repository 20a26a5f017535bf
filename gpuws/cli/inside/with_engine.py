"""with: a program of this workstation whose `docker` is a host's engine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, reachable, with_engine
from gpuws.cli.toolkit.setup import Setup, keeper_home, open_fleet, set_up, user_paths
from gpuws.cli.toolkit.waiting import gather
from gpuws.fleet.local.shared.hosts import read_only
from gpuws.model.errors import GpuwsError, Refused, Unreachable, UsageError
from gpuws.model.host.docker_endpoint import LED_ELSEWHERE

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet, Stream

ELSEWHERE = frozenset({"DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"})
"""Variables by which docker would go to another engine, or speak TLS to this one."""

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)  # the program gets them itself: it is in the same group
NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as shells, env and timeout say it
NOTEWORTHY = 2.0  # seconds that a host is away before it is said
Action = Callable[[int, FrameType | None], object]


def run_with(options: Options, host: str, words: Sequence[str]) -> int:
    """The program's own status."""
    argv = list(words[1:] if words[0] == "--" else words)
    if not argv:
        raise UsageError("there is no command to run", "write gpuws with HOST -- CMD…")
    setup = set_up(options)
    names = chosen_hosts(setup, [host], [])
    if _readonly(setup, options, host):
        return _refused(
            read_only(host, "an engine knows no looking only: drop `readonly` from hosts.yaml or --readonly")
        )
    with open_fleet(setup, names) as fleet:
        (snapshot,) = gather(fleet, frozenset({"containers"}), PATIENCE if options.timeout is None else options.timeout)
        with_engine(reachable(snapshot))
        fleet.dial_engine(host).close()  # what refuses us says so here, not in docker's words
        with engine_socket(_directory(options), Dialling(fleet, host)) as path:
            return _run(argv, environment(os.environ, path))


@contextlib.contextmanager
def engine_socket(directory: Path, dial: Callable[[], Stream]) -> Iterator[Path]:
    """A socket file that leads to an engine, in a private directory, for as long as the block lasts."""
    from gpuws.link.forward.unix import UnixForward

    _remove_stale(directory)
    forward = UnixForward(dial, directory / f"with-{os.getpid()}.sock")
    try:
        yield forward.path
    finally:
        forward.close()


def environment(environ: Mapping[str, str], path: Path) -> dict[str, str]:
    """The program's: our own, but docker is led to `path`, which a gpuws in it does not take for this machine's."""
    kept = {name: value for name, value in environ.items() if name not in ELSEWHERE}
    return {**kept, "DOCKER_HOST": f"unix://{path}", LED_ELSEWHERE: f"unix://{path}"}


def _readonly(setup: Setup, options: Options, host: str) -> bool:
    return options.readonly or any(one.readonly for one in setup.hosts if one.name == host)


def _refused(error: Refused) -> int:
    note(str(error))
    return error.exit_code


def _directory(options: Options) -> Path:
    from gpuws.keeper.home import prepare

    home = keeper_home(options, user_paths(options))
    prepare(home)
    return home.directory


class Dialling:
    """The way to the engine of `host`. Says why there is none: docker itself would only ask whether its daemon runs."""

    def __init__(self, fleet: Fleet, host: str) -> None:
        self._fleet = fleet
        self._host = host
        self._away_since: float | None = None
        self._said = ""

    def __call__(self) -> Stream:
        try:
            stream = self._fleet.dial_engine(self._host)
        except GpuwsError as error:
            if not (isinstance(error, Unreachable) or self._coming_up()):
                self._say(error)
                raise
            now = time.monotonic()
            self._away_since = self._away_since or now
            if now - self._away_since >= NOTEWORTHY:
                self._say(error)
            raise Unreachable(error.message, error.remedy) from error
        self._away_since, self._said = None, ""
        return stream

    def _coming_up(self) -> bool:
        """The link is new: what is known of its engine is not told yet."""
        return any("containers" not in one.complete for one in self._fleet.snapshots() if one.name == self._host)

    def _say(self, error: GpuwsError) -> None:
        if error.message != self._said:
            self._said = error.message
            note(str(error))


def _remove_stale(directory: Path) -> None:
    """Sockets whose gpuws was killed: its process is gone."""
    for path in directory.glob("with-*.sock"):
        pid = path.stem.removeprefix("with-")
        if pid.isdecimal() and not _lives(int(pid)):
            path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    if pid == os.getpid():  # ours is not made yet: a namesake's
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _run(argv: list[str], env: Mapping[str, str]) -> int:
    """Its status; 128 and the signal's number where one ended it. Signals meant for us are its own business."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    with _handled(PASSED_ON, pass_on), _handled(OF_THE_TERMINAL, lambda *_: None):
        try:
            child = subprocess.Popen(argv, env=env)
        except FileNotFoundError:
            note(f"{argv[0]}: there is no such program here")
            return NOT_FOUND
        except OSError as error:
            note(f"{argv[0]} can't be run: {error.strerror}")
            return NOT_EXECUTABLE
        for number in early:
            child.send_signal(number)
        status = _end_of(child)
    return status if status >= 0 else 128 - status


def _end_of(child: subprocess.Popen[bytes]) -> int:
    """Its return code. `Popen.wait` itself would sleep on where the kernel gave a signal to another of our threads, as
    it does with the second of two: this thread would pass it on only when the program has ended."""
    waking, woken = socket.socketpair()
    with waking, woken:
        waking.setblocking(False)
        before = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        ended = threading.Thread(target=lambda: (child.wait(), waking.send(b".")), daemon=True)
        ended.start()
        try:
            while child.returncode is None:
                woken.recv(64)
        finally:
            signal.set_wakeup_fd(before)
        ended.join()
    return child.returncode


@contextlib.contextmanager
def _handled(numbers: Sequence[signal.Signals], action: Action) -> Iterator[None]:
    """`action` on these signals. One that we were started to ignore stays so, for the program too."""
    before = {number: signal.getsignal(number) for number in numbers}
    for number, old in before.items():
        if old is not signal.SIG_IGN:
            signal.signal(number, action)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
