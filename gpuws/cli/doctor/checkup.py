"""Checkups of all hosts at the same time, and how they are printed."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from queue import SimpleQueue

from gpuws.cli import json
from gpuws.cli.tables import Cell, Style, coloured, style
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather
from gpuws.fleet.base import Fleet
from gpuws.model.checkup.rules import summary, worst
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.owed import HOLDERS, final, shortfall
from gpuws.model.plan import Check
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import about, plain

SIGNS = {"ok": Cell("✓", "good"), "warn": Cell("⚠", "warm"), "fail": Cell("✗", "bad")}
NAME = 12
"""Columns of a check's name."""


def examine(options: Options, hosts: Sequence[str], *, everything: bool) -> int:
    """Print what was found; the exit code."""
    setup = set_up(options)
    names = chosen_hosts(setup, [*hosts, *options.host], options.tag)
    if not names:
        note("there are no hosts — gpuws hosts import names the aliases of your SSH configuration")
    with open_fleet(setup, names) as fleet:
        snapshots = gather(fleet, HOLDERS, PATIENCE if options.timeout is None else options.timeout)
        found: dict[str, Sequence[Check]] = {}
        for snapshot, answer in _ask(fleet, snapshots, setup.look.thresholds.idle_after):
            found[snapshot.name] = checks = answer.get()
            if not options.json:
                _print(report(snapshot, checks, style(), everything=everything))
        if options.json:
            _print([json.text(json.checkups(snapshots, found, time.time()))])
    for snapshot in snapshots:
        if not snapshot.state.reached:
            note(str(GpuwsError(about(snapshot.name, trouble(snapshot)), snapshot.remedy)))
        elif not final(snapshot, HOLDERS):
            note(str(shortfall(snapshot, HOLDERS)))
    return _code(options, snapshots, found)


def _ask(
    fleet: Fleet, snapshots: Sequence[HostSnapshot], idle_after: float
) -> list[tuple[HostSnapshot, SimpleQueue[Sequence[Check]]]]:
    """All hosts at once; what each answers can be waited for by itself."""

    def work(name: str, answer: SimpleQueue[Sequence[Check]]) -> None:
        try:
            answer.put(fleet.checkup(name, idle_after=idle_after))
        except GpuwsError as error:
            answer.put((Check("link", "fail", error.message, error.remedy),))
        except Exception as error:  # noqa: BLE001 - a bug must not leave the command waiting
            answer.put((Check("link", "fail", f"a bug in gpuws: {type(error).__name__}: {error}", "please report it"),))

    asked: list[tuple[HostSnapshot, SimpleQueue[Sequence[Check]]]] = [(one, SimpleQueue()) for one in snapshots]
    for snapshot, answer in asked:
        threading.Thread(target=work, args=(snapshot.name, answer), name="checkup", daemon=True).start()
    return asked


def _code(options: Options, snapshots: Sequence[HostSnapshot], found: Mapping[str, Sequence[Check]]) -> int:
    reached = [snapshot for snapshot in snapshots if snapshot.state.reached]
    told = [snapshot for snapshot in reached if final(snapshot, HOLDERS)]
    if len(told) < len(snapshots) and not options.allow_partial:
        return HostError.exit_code
    failed = any(check.status == "fail" for one in reached for check in found[one.name])
    return GpuwsError.exit_code if failed else 0


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def report(snapshot: HostSnapshot, checks: Sequence[Check], style: Style, *, everything: bool) -> Iterator[str]:
    """A heading; under it what is wrong, with `everything` all of it. Pure."""
    yield _heading(snapshot, checks, style)
    for check in checks if snapshot.state.reached else ():
        if everything or check.status != "ok":
            yield from _rows(check, style)


def _heading(snapshot: HostSnapshot, checks: Sequence[Check], style: Style) -> str:
    name = " = ".join((snapshot.name, *snapshot.aliases))
    return f"{coloured(SIGNS[worst(checks)], style)} {name}  {summary(checks)}"


def _rows(check: Check, style: Style) -> Iterator[str]:
    sign = coloured(SIGNS[check.status], style)
    name = plain(check.name.replace("_", " "), NAME)
    room = None if style.width is None else max(style.width - NAME - 6, 20)
    first, *more = _wrapped(check.detail, room)
    yield f"  {sign} {name:<{NAME}} {first}"
    yield from (f"{'':{NAME + 5}}{line}" for line in more)
    if check.remedy:
        first, *more = _wrapped(check.remedy, None if room is None else room - 2)
        yield f"{'':{NAME + 5}}{coloured(Cell(f'→ {first}', 'mine'), style)}"
        yield from (f"{'':{NAME + 7}}{coloured(Cell(line, 'mine'), style)}" for line in more)


def _wrapped(text: str, room: int | None) -> list[str]:
    """Never in the middle of a word of a command."""
    line = plain(text, 1000)
    if room is None:
        return [line]
    return textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]
