"""`disks`: the engines asked what fills their disks, all hosts at the same time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence

from gpuws.cli.images.query import Answers, HostQuery, query_hosts
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.tables import render, style
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.storage import DiskUsage
from gpuws.present.documents import disks as documents
from gpuws.present.documents.base import printed
from gpuws.present.tables import disks as tables


def show_disks(options: Options, hosts: Sequence[str], *, by_user: bool, everything: bool) -> int:
    with query_hosts(options, hosts) as query:
        answers = usages(query)
        found = list(answers.given.values())
        if options.json:
            sys.stdout.write(f"{printed(documents.disks(query.snapshots, found, time.time()))}\n")
        elif by_user:
            _show(render(tables.by_user(found), style()))
        elif everything:
            _show(render(tables.things(found), style()))
        else:
            _show(render(tables.summary(found, {one.name: one for one in query.snapshots}), style()))
        return query.end(answers)


def usages(query: HostQuery) -> Answers[DiskUsage]:
    """Of each host; Ctrl-C ends it there, too. What is asked is said where somebody waits for it."""
    live = sys.stderr.isatty()
    with ProgressLine() as line:
        report: Callable[[Progress], None] = line.report if live else _unsaid

        def work(cancel: threading.Event) -> Answers[DiskUsage]:
            return query.ask(lambda snapshot: query.fleet.disk_usage(snapshot.name, report, cancel))

        return cancellable(work, line.end)


def _unsaid(progress: Progress) -> None:
    """To nobody."""


def _show(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
