"""exec: a program on a host or in a container, its streams and its exit status."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.cli.terminal.lasting import pump
from gpuws.cli.terminal.pipes import carry, status_or_lost
from gpuws.cli.terminal.tty import terminal_type
from gpuws.cli.toolkit.confirmation import confirm
from gpuws.cli.toolkit.failures import OWN_FAILURE
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import until
from gpuws.model.consent.shell_command import in_place
from gpuws.model.errors import Swallows, UsageError
from gpuws.model.query.target import Found, parse
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.workstation.around import my_terminal

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot


JUST_NOW = 3.0  # seconds for what a host that was just reached tells of itself


@dataclass(frozen=True, slots=True)
class ExecRequest:
    """What `exec` was asked to run. `env`: K=V, or K alone for the value it has here."""

    argv: tuple[str, ...]
    interactive: bool = False
    tty: bool = False
    user: str | None = None
    cwd: str | None = None
    env: tuple[str, ...] = ()


def execute(options: Options, word: str, execution: ExecRequest) -> int:
    argv = execution.argv[1:] if execution.argv[:1] == ("--",) else execution.argv
    if not argv:
        raise UsageError("there is no command to run", "write gpuws exec TARGET CMD…")
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        confirm("exec", [found], options, command=_command(found, argv))
        status = _run(fleet, found.place, argv, execution)
        if found.container is None:
            _need_run(fleet, found.snapshot.name)
        return OWN_FAILURE if status is None and execution.tty else status_or_lost(status, found.label)


def _need_run(fleet: Fleet, host: str) -> None:
    """`Swallows` where the host, as it is known just now, ran no command of ours: what was printed is the login's. With
    a host that was reached for this one only, the answer comes at about the same time."""

    def there() -> HostSnapshot | None:
        return next((each for each in fleet.snapshots() if each.name == host and each.facts is None), None)

    until(fleet, lambda: (now := there()) is None or now.telemetry_error is not None, JUST_NOW)
    now = there()
    if now is not None and now.telemetry_error is not None and now.telemetry_error.kind == "swallowed":
        raise Swallows(f"{host}: {now.telemetry_error.text}", now.telemetry_error.remedy)


def _command(found: Found, argv: tuple[str, ...]) -> str:
    return in_place(found.snapshot, found.container.name if found.container else None, argv)


def _run(fleet: Fleet, place: PlaceRef, argv: tuple[str, ...], execution: ExecRequest) -> int | None:
    env = environment(execution.env)
    if execution.tty:
        env = (*(my_terminal().environment if place.workspace else ()), *env)
        return pump(
            lambda size: fleet.interactive(
                place, argv, size, term=terminal_type(), user=execution.user, cwd=execution.cwd, env=env
            )
        )
    process = fleet.popen(place, argv, user=execution.user, cwd=execution.cwd, env=env)
    return carry(process, with_input=execution.interactive)


def environment(items: tuple[str, ...]) -> tuple[str, ...]:
    """KEY=VALUE for each; a name alone is taken from here, and left out where it has no value."""
    given = [
        item if "=" in item else f"{item}={os.environ[item]}" for item in items if "=" in item or item in os.environ
    ]
    if any(not item.partition("=")[0] for item in given):
        raise UsageError("-e needs a name", "write -e KEY=VALUE")
    return tuple(given)
