"""tasks: what goes on in the keeper, its logs, its end, and once more."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.inside.log_output import Cleaner
from gpuws.cli.inside.log_window import lines
from gpuws.cli.keeper.keeper import condition_of
from gpuws.cli.tasks.begun import say_begun
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.environment import demo_wanted, keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts
from gpuws.cli.toolkit.setup import keeper_home, open_fleet, set_up, user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.cli.toolkit.waiting import gather
from gpuws.cli.tunnels.tunnels import fleet_of
from gpuws.fleet.background.log import TaskLog
from gpuws.keeper.server.task_files import TaskFiles
from gpuws.keeper.wire.tasks import read
from gpuws.model.errors import Cancelled, GpuwsError, TargetError
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.task import Task
from gpuws.model.workspace.logs import LogWindow
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed
from gpuws.present.tables import tasks

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.link.place import Stream

NONE = "nothing runs in the background, and nothing did in the last day"


def list_tasks(options: Options) -> int:
    found = known_tasks(options)
    if options.json:
        sys.stdout.write(f"{printed(listings.tasks(found))}\n")
        return 0
    if not found:
        note(f"{NONE} — gpuws launch PROFILE --detach begins something")
        return 0
    for line in render(tasks.listing(found, time.time()), style()):
        sys.stdout.write(f"{line}\n")
    return 0


def show_log(options: Options, word: str, *, follow: bool, timestamps: bool, tail: str) -> int:
    """As it was kept, also where no keeper runs; following is the keeper's."""
    window = LogWindow(follow, lines(tail), timestamps=timestamps)
    task = _named(options, word)
    clean = Cleaner(sys.stdout.encoding) if sys.stdout.isatty() else None
    with _log(options, task, window) as stream:
        while data := stream.recv():
            sys.stdout.buffer.write(clean(data) if clean else data)
            sys.stdout.buffer.flush()
    if not task.running and _alive(options):
        with fleet_of(options) as fleet:
            fleet.see_task(task.id)
    return 0


@contextmanager
def _log(options: Options, task: Task, window: LogWindow) -> Iterator[Stream]:
    if _alive(options) or task.running:
        with fleet_of(options) as fleet, closing(fleet.task_log(task.id, window)) as stream:
            yield stream
        return
    kept = TaskLog(TaskFiles(_folder(options)), task.id, begun=True)
    with closing(kept.read(replace(window, follow=False))) as stream:
        yield stream


def cancel_tasks(options: Options, words: Sequence[str]) -> int:
    """All of them, or an error before any is ended."""
    chosen = {word: _named(options, word) for word in words}
    deeds = [Deed(task.host, word, f"gpuws tasks cancel {word}") for word, task in chosen.items()]
    with fleet_of(options) as fleet, Outcome("cancel", "tasks", deeds, options) as outcome:
        for word, task in chosen.items():
            done = "cancelled" if task.running else "forgotten"
            if options.dry_run:
                outcome.would(f"{word}: {task.title}: would be {done}")
            else:
                (fleet.cancel_task if task.running else fleet.forget_task)(word)
                outcome.done(task.host, word, f"{word}: {task.title}: {done}")
    return 0


def retry_task(options: Options, word: str, *, detach: bool) -> int:
    before = _named(options, word)
    if options.dry_run:
        where = f" on {before.host}" if before.host else ""
        sys.stdout.write(f"{word}: {before.title}{where}: would be begun anew\n")
        return 0
    setup = set_up(options)
    names = chosen_hosts(setup, [before.host] if before.host else (), ())
    with open_fleet(setup, names) as fleet:
        gather(fleet, HOLDERS, PATIENCE if options.timeout is None else options.timeout)
        task = fleet.retry_task(before.id, dict(os.environ))
        return say_begun(task, options) if detach else _stay(fleet, task, options)


def _stay(fleet: Fleet, task: Task, options: Options) -> int:
    """Until it has ended; Ctrl-C cancels it."""
    with ProgressLine() as line:
        ended = cancellable(lambda cancel: _ended(fleet, task, line, cancel), line.end)
    if ended.state == "cancelled":
        raise Cancelled(ended.error.message if ended.error else "cancelled")
    if ended.error is not None:
        raise GpuwsError(ended.error.message, ended.error.remedy)
    told = printed(listings.tasks([ended]), indent=None) if options.json else ended.result or ended.title
    sys.stdout.write(f"{told}\n")
    return 0


def _ended(fleet: Fleet, task: Task, line: ProgressLine, cancel: threading.Event) -> Task:
    """Followed to its end; where that is wanted, it is cancelled, and followed all the same."""
    try:
        return fleet.follow_task(task.id, line.report, cancel)
    except Cancelled:
        fleet.cancel_task(task.id)
        return fleet.follow_task(task.id, line.report, threading.Event())


def known_tasks(options: Options) -> tuple[Task, ...]:
    """Those of the keeper, or those that the last one left."""
    if demo_wanted():
        with fleet_of(options) as fleet:
            return fleet.tasks()
    if not keeper_wanted():
        note("without the keeper each task lives in the program that does it")
        return ()
    if (found := condition_of(keeper_home(options, user_paths(options)))) is not None:
        return read(found.tasks)
    left = TaskFiles(_folder(options)).tasks()
    if any(task.running for task in left):
        note("no keeper runs; the next command that needs hosts starts one, and it looks what became of these")
    return left


def _named(options: Options, word: str) -> Task:
    known = {task.id: task for task in known_tasks(options)}
    if word not in known:
        raise TargetError(f"no task {word!r}", "there are: " + (", ".join(known) or "none"))
    return known[word]


def _alive(options: Options) -> bool:
    """Somebody has tasks in memory: a keeper, or the demo."""
    return demo_wanted() or condition_of(keeper_home(options, user_paths(options))) is not None


def _folder(options: Options) -> Path:
    return keeper_home(options, user_paths(options)).tasks
