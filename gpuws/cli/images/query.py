"""The hosts that a command is about, all asked at the same time, and what each of them answered."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import GLANCE, PATIENCE, chosen_hosts, reachable, with_engine
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather
from gpuws.model.consent.confirm import writable
from gpuws.model.errors import Cancelled, EngineMissing, EngineShut, GpuwsError, UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import about

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

NEEDS = frozenset({"containers"})
Snapshots = Sequence[HostSnapshot]
Result = TypeVar("Result")


@dataclass(slots=True)
class Answers(Generic[Result]):
    """What each host said, and why others did not."""

    given: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, GpuwsError] = field(default_factory=dict)

    def end(self, options: Options, *, named: bool) -> int:
        """Say who failed; the exit code. Where nobody asked for a host, that it has no engine is no failure."""
        code = 0
        for host, error in self.failed.items():
            if named or not isinstance(error, EngineMissing | EngineShut):
                note(about(host, str(error)))
                code = max(code, error.exit_code)
        return 0 if options.allow_partial else code


@dataclass(frozen=True, slots=True)
class HostQuery:
    """A fleet with the hosts that a command is about. `named`: the user said which."""

    fleet: Fleet
    snapshots: Snapshots
    options: Options
    named: bool

    def ask(self, question: Callable[[HostSnapshot], Result], *, engine: bool = True) -> Answers[Result]:
        """Every host at the same time; one that fails does not hide the others. `engine`: it takes a host with one."""
        answers: Answers[Result] = Answers()

        def work(snapshot: HostSnapshot) -> None:
            try:
                answers.given[snapshot.name] = question(
                    with_engine(reachable(snapshot)) if engine else reachable(snapshot)
                )
            except GpuwsError as error:
                answers.failed[snapshot.name] = error

        threads = [threading.Thread(target=work, args=(one,), name="image", daemon=True) for one in self.snapshots]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        order = [snapshot.name for snapshot in self.snapshots]
        answers.given = dict(sorted(answers.given.items(), key=lambda item: order.index(item[0])))
        return answers

    def end(self, answers: Answers[Result]) -> int:
        return answers.end(self.options, named=self.named)

    def end_of(self, answers: Answers[str], reference: str) -> int:
        """Of bringing an image there: `Cancelled` where that was meant."""
        cancelled = [host for host, error in answers.failed.items() if isinstance(error, Cancelled)]
        answers.failed = {host: error for host, error in answers.failed.items() if host not in cancelled}
        code = self.end(answers)
        if cancelled:
            raise Cancelled(f"cancelled: {', '.join(cancelled)} keep what came of {reference} for the next time")
        return code


@contextlib.contextmanager
def query_hosts(options: Options, hosts: Sequence[str], *, changing: bool = False) -> Iterator[HostQuery]:
    """`changing`: among several hosts the user says which are meant, and read-only ones are refused."""
    setup = set_up(options)
    named = bool(hosts or options.host or options.tag)
    if changing and not named and len(setup.hosts) > 1:
        raise UsageError("on which hosts?", "say -H HOST or --tag TAG")
    names = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    with open_fleet(setup, names) as fleet:
        usual = PATIENCE if named else GLANCE
        snapshots = gather(fleet, NEEDS, usual if options.timeout is None else options.timeout)
        if changing:
            for snapshot in snapshots:
                writable(snapshot)
        yield HostQuery(fleet, snapshots, options, named)
