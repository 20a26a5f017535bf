"""keeper: how the background process is, its end, its log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import keeper_dialer, keeper_home, user_paths
from gpuws.keeper.home import Home
from gpuws.keeper.wire.messages import Condition, Inquire
from gpuws.keeper.wire.tasks import read
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.task import Task
from gpuws.model.text import plain
from gpuws.model.units import count, duration
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.present.documents.fields.keeper import KeeperDocument, KeeperRow


def show_status(options: Options) -> int:
    """0 also where none runs: that is no failure."""
    condition = condition_of(keeper_home(options, user_paths(options)))
    if options.json:
        sys.stdout.write(f"{printed(_document(condition))}\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(condition)))
    return 0


def stop_keeper(options: Options, *, keep_tunnels: bool) -> int:
    home = keeper_home(options, user_paths(options))
    condition = condition_of(home)
    if options.dry_run:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(condition)))
        return 0
    stopped = keeper_dialer(home).retire(forget=not keep_tunnels)
    sys.stdout.write(_stopped(condition, stopped=stopped, keep_tunnels=keep_tunnels) + "\n")
    return 0


def show_log(options: Options, lines: int) -> int:
    path = keeper_home(options, user_paths(options)).log
    found = [*_read(path.with_suffix(".log.old")), *_read(path)]
    sys.stdout.write("".join(f"{plain(line, 2000)}\n" for line in (found[-lines:] if lines else found)))
    return 0


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GpuwsError(f"{path} can't be read: {error.strerror}") from error


def condition_of(home: Home) -> Condition | None:
    """None: no keeper runs."""
    try:
        answer = keeper_dialer(home, person=False).ask(Inquire(), start=False)
    except Unreachable:
        return None
    return answer if isinstance(answer, Condition) else None


def _lines(condition: Condition | None) -> list[str]:
    if condition is None:
        return ["no keeper runs; the next command that needs hosts starts one"]
    stay = (
        "while clients, tunnels, waits, tasks, notices or caps on GPU memory need it"
        if condition.ends_in is None
        else f"{duration(condition.ends_in)} more"
    )
    return [
        f"keeper   pid {condition.pid}, gpuws {condition.version}, up {duration(condition.age)}; stays {stay}",
        f"config   {condition.config_dir}",
        f"log      {condition.log}",
        f"clients  {condition.clients}",
        f"hosts    {', '.join(condition.hosts) or 'none connected'}",
        *(f"wait     {one.id}: {plain(one.order.called)} on {one.order.spec} ({one.state})" for one in condition.waits),
        *(f"task     {one.id}: {plain(one.title)} on {one.host} ({one.state})" for one in _running(condition)),
        *(f"when over {plain(label)}" for label in condition.watches),
        *([f"watched  {', '.join(condition.watched)}, by rules of config.yaml"] if condition.watched else []),
        *(f"cap      {plain(name)}: its GPU memory is watched" for name in condition.capped),
        *(f"tunnel   {one.here} → {plain(one.target.text)} ({one.state})" for one in condition.tunnels),
    ]


def _running(condition: Condition) -> list[Task]:
    return [task for task in read(condition.tasks) if task.running]


def _document(condition: Condition | None) -> KeeperDocument:
    return {"keeper": None if condition is None else _row(condition)}


def _row(condition: Condition) -> KeeperRow:
    return {
        "pid": condition.pid,
        "version": condition.version,
        "config_dir": condition.config_dir,
        "log": condition.log,
        "age_seconds": round(condition.age, 1),
        "clients": condition.clients,
        "hosts": list(condition.hosts),
        "tunnels": listings.tunnels(condition.tunnels)["tunnels"],
        "waits": listings.waits(condition.waits)["waits"],
        "tasks": listings.tasks(read(condition.tasks))["tasks"],
        "watches": list(condition.watches),
        "watched": list(condition.watched),
        "capped": list(condition.capped),
        "ends_in_seconds": None if condition.ends_in is None else round(condition.ends_in, 1),
    }


def _stopped(condition: Condition | None, *, stopped: bool, keep_tunnels: bool) -> str:
    if not stopped:
        return "no keeper runs"
    if condition is None or keep_tunnels:
        return "stopped"
    tunnels, waits = len(condition.tunnels), sum(one.open for one in condition.waits)
    words = [f"{tunnels} {'tunnel' if tunnels == 1 else 'tunnels'} closed"] if tunnels else []
    words += [f"{waits} {'wait' if waits == 1 else 'waits'} ended"] if waits else []
    broken = len(_running(condition))
    words += [f"{count(broken, 'task')} broken off: see gpuws tasks"] if broken else []
    return "; ".join(["stopped", *words])
