"""notify: where notices go, a test of that, and what was told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.keeper.keeper import condition_of
from gpuws.cli.toolkit.environment import demo_wanted, keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import keeper_home, set_up, user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.cli.tunnels.tunnels import fleet_of
from gpuws.fleet.noticing.ledger import Ledger
from gpuws.fleet.noticing.store import NoStore
from gpuws.keeper.server.notice_file import NoticeFile
from gpuws.model.notice.record import Entry, Told
from gpuws.present.documents import notices as documents
from gpuws.present.documents.base import printed
from gpuws.present.tables import notices as tables

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

NONE = "nothing was told in the last week"
FAILED = 1


def show_plan(options: Options) -> int:
    with _fleet(options) as fleet:
        plan, watches, told = fleet.notice_plan(), fleet.watches(), fleet.notices()
    for line in tables.plan_lines(plan, watches, told, time.time()):
        sys.stdout.write(f"{line}\n")
    return 0


def try_all(options: Options) -> int:
    with _fleet(options) as fleet:
        tried = fleet.try_notices()
    if options.json:
        sys.stdout.write(f"{printed(documents.tried(tried))}\n")
    else:
        for line in tables.tried_lines(tried):
            sys.stdout.write(f"{line}\n")
    return FAILED if any(one.error for one in tried) else 0


def list_told(options: Options) -> int:
    told = _told(options)
    if options.json:
        sys.stdout.write(f"{printed(documents.told(told))}\n")
        return 0
    if not told:
        note(f"{NONE} — gpuws notify says what would be, and where")
        return 0
    for line in render(tables.listing(told, time.time()), style()):
        sys.stdout.write(f"{line}\n")
    return 0


@contextmanager
def _fleet(options: Options) -> Iterator[Fleet]:
    """The keeper's, which is started; else one of this program, which connects to nothing."""
    if demo_wanted() or keeper_wanted():
        with fleet_of(options) as fleet:
            yield fleet
        return
    with closing(set_up(options).make(())) as fleet:
        yield fleet


def _told(options: Options) -> tuple[Told, ...]:
    """As the keeper has it, or as the last one left it."""
    if not demo_wanted():
        home = keeper_home(options, user_paths(options))
        if not keeper_wanted() or condition_of(home) is None:
            return Ledger(_Left(home.notices)).all()
    with _fleet(options) as fleet:
        return fleet.notices()


class _Left(NoStore):
    """What lies there, and stays as it is."""

    def __init__(self, path: Path) -> None:
        self._file = NoticeFile(path)

    def read(self) -> Iterable[Entry]:
        return self._file.read()
