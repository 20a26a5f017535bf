"""exec on many hosts: all at once, and equal answers together."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from gpuws.cli.inside.execution import ExecRequest, environment
from gpuws.cli.toolkit.failures import INTERRUPTED, note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, reachable
from gpuws.cli.toolkit.setup import Setup, open_fleet, set_up
from gpuws.cli.toolkit.tables import cut
from gpuws.cli.toolkit.waiting import settled, until
from gpuws.fleet.local.shared.hosts import read_only
from gpuws.model import units
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.text import harmless
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.answers import Answer, grouped, heading, summed

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.link.place import Process

MOST = 16 << 20  # bytes of each output that are kept
NOTHING: frozenset[str] = frozenset()


def execute_on_many(options: Options, execution: ExecRequest, limit: float | None) -> int:
    """Prints what they said; `limit`: seconds that a program may take. See `present.answers.summed` for the status."""
    if not execution.argv:
        raise UsageError("there is no command to run", "write gpuws exec -H HOST -- CMD…")
    if execution.interactive or execution.tty or execution.user:
        raise UsageError("-i, -t and -u are for one place", "name one TARGET, without -H and --tag")
    setup = set_up(options)
    names = chosen_hosts(setup, options.host, options.tag)
    refused = [name for name in names if _readonly(setup, options, name)]
    if len(refused) == len(names):
        raise read_only(names[0])
    asked = [name for name in names if name not in refused]
    with open_fleet(setup, asked) as fleet:
        all_of = _Everywhere(fleet, replace(execution, env=environment(execution.env)), limit)
        try:
            all_of.begin(asked, PATIENCE if options.timeout is None else options.timeout)
            all_of.wait()
            interrupted = False
        except KeyboardInterrupt:
            interrupted = True
        answers = [Answer(name, error=read_only(name).message) for name in refused] + all_of.end(asked)
    answers.sort(key=lambda one: names.index(one.host))
    _show(answers, options, execution.argv)
    return INTERRUPTED if interrupted else summed(answers)


def _readonly(setup: Setup, options: Options, name: str) -> bool:
    return options.readonly or any(host.readonly for host in setup.hosts if host.name == name)


class _Everywhere:
    """A thread a host, begun as soon as that one is reached: a slow one holds nobody up."""

    def __init__(self, fleet: Fleet, execution: ExecRequest, limit: float | None) -> None:
        self._fleet, self._execution, self._limit = fleet, execution, limit
        self._answers: dict[str, Answer] = {}
        self._running: dict[str, Process] = {}
        self._begun: set[str] = set()
        self._changed = threading.Condition()
        self._ending = False

    def begin(self, hosts: Sequence[str], timeout: float) -> None:
        """On each host that is reached within `timeout` seconds; the others are told."""

        def all_begun() -> bool:
            questions = {question.host for question in self._fleet.questions()}
            for snapshot in self._fleet.snapshots():
                if snapshot.name not in self._begun and settled(snapshot, NOTHING, questions):
                    self._begin(snapshot.name)
            return self._begun.issuperset(hosts)

        until(self._fleet, all_begun, timeout)
        for name in hosts:
            if name not in self._begun:
                self._begin(name)

    def wait(self) -> None:
        """Until the last has answered. On a terminal a line says who is waited for."""
        live = sys.stderr.isatty()
        with self._changed:
            while missing := sorted(self._begun - self._answers.keys()):
                if live:
                    said = f"gpuws: {units.count(len(self._answers), 'answer')}, waiting for {', '.join(missing)}"
                    sys.stderr.write(f"\r\x1b[K{cut(said, shutil.get_terminal_size().columns - 1)}")
                    sys.stderr.flush()
                self._changed.wait()
        self._clear()

    def end(self, hosts: Sequence[str]) -> list[Answer]:
        """End what still runs: what is there by now."""
        with self._changed:
            self._ending = True
            running = list(self._running.values())
            found = dict(self._answers)
        for process in running:
            process.close()
        if running:
            self._clear()
        return [found.get(name) or Answer(name, error="ended before it answered") for name in hosts]

    def _clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _begin(self, name: str) -> None:
        self._begun.add(name)
        threading.Thread(target=self._answer, args=(name,), name=f"exec {name}", daemon=True).start()

    def _answer(self, name: str) -> None:
        try:
            answer = self._run(name)
        except (GpuwsError, OSError) as error:
            said = error.message if isinstance(error, GpuwsError) else str(error)
            answer = Answer(name, error=said.removeprefix(f"{name}: "))
        with self._changed:
            self._running.pop(name, None)
            self._answers[name] = answer
            self._changed.notify_all()

    def _run(self, name: str) -> Answer:
        reachable(next(one for one in self._fleet.snapshots() if one.name == name))
        one = self._execution
        process = self._fleet.popen(PlaceRef(name), one.argv, cwd=one.cwd, env=one.env)
        late = threading.Event()

        def too_long() -> None:
            late.set()
            process.close()

        clock = threading.Timer(self._limit or 0, too_long)
        try:
            with self._changed:
                self._running[name] = process
                if self._ending:
                    return Answer(name, error="ended before it answered")
            if self._limit is not None:
                clock.start()
            return self._read(name, process, late)
        finally:
            clock.cancel()
            process.close()

    def _read(self, name: str, process: Process, late: threading.Event) -> Answer:
        process.close_stdin()
        errors: list[bytes] = []
        beside = threading.Thread(target=_collect, args=(process.read_stderr, errors), daemon=True)
        beside.start()
        output: list[bytes] = []
        whole = _collect(process.read, output)
        if not whole:
            process.close()
        beside.join()
        status = process.wait() if whole and not late.is_set() else None
        said = (b"".join(output), b"".join(errors))
        if late.is_set():
            return Answer(name, None, *said, f"ended after {self._limit:g} s")
        if not whole:
            return Answer(name, None, *said, f"ended: it said more than {units.size(MOST)}")
        return Answer(name, status, *said, "" if status is not None else "the link was lost before its status came")


def _collect(read: Callable[[], bytes], into: list[bytes]) -> bool:
    """All that comes; False where that is too much."""
    size = 0
    try:
        while data := read():
            into.append(data)
            size += len(data)
            if size > MOST:
                return False
    except (GpuwsError, OSError):
        return True  # its status, which never comes, says so
    return True


def _show(answers: Sequence[Answer], options: Options, argv: Sequence[str]) -> None:
    if options.json:
        from gpuws.present.documents.answers import answered
        from gpuws.present.documents.base import printed

        sys.stdout.write(f"{printed(answered(argv, answers))}\n")
        return
    for group in grouped(answers):
        first = group[0]
        sys.stdout.write(f"{heading(group)}\n")
        _write(sys.stdout, first.stdout)
        sys.stdout.flush()
        _write(sys.stderr, first.stderr)
        if first.error:
            note(first.error)


def _write(stream: TextIO, data: bytes) -> None:
    """Each line a bit to the right, so that headings stand out; what steers a terminal is left out on one."""
    if not data:
        return
    if not stream.isatty():
        stream.flush()
        stream.buffer.write(b"".join(b"  " + line for line in data.splitlines(keepends=True)))
        stream.buffer.write(b"" if data.endswith(b"\n") else b"\n")
        stream.buffer.flush()
        return
    text = harmless(data.decode(stream.encoding or "utf-8", "replace"))
    stream.write("".join(f"  {line}\n" for line in text.removesuffix("\n").split("\n")))
