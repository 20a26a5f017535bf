"""start, stop, restart, kill and rm, on one container or many."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.confirmation import agreed, each
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.shell_command import act_command
from gpuws.model.errors import GpuwsError
from gpuws.model.query.target import Found
from gpuws.model.workspace.actions import Action

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

FIGURES = frozenset({"telemetry"})  # how busy it is belongs into the question


def act(
    action: Action, options: Options, words: Sequence[str], *, grace: float | None = None, force: bool = False
) -> int:
    """All targets must exist and be confirmed before the first is touched; one that fails does not stop the others."""
    setup = set_up(options)
    targets = parse_all(words)
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = _distinct(find_all(fleet, targets, options.timeout, FIGURES))
        commands = [_command(one, action, force, grace) for one in found]
        if not agreed(each(action, found, commands), commands, options):
            return 0
        return max([_do(fleet, one, action, force, grace) for one in found], default=0)


def _command(one: Found, action: Action, force: bool, grace: float | None) -> str:
    """As typed at the workstation."""
    return act_command(action, container_of(one), one.snapshot, force=force, grace=grace)


def _do(fleet: Fleet, one: Found, action: Action, force: bool, grace: float | None) -> int:
    try:
        fleet.act(container_of(one).ref, action, force=force, grace=grace)
    except GpuwsError as error:
        note(f"{one.label}: {error}")
        return error.exit_code
    sys.stdout.write(f"{one.label}\n")
    sys.stdout.flush()
    return 0


def _distinct(found: Sequence[Found]) -> list[Found]:
    return list({container_of(one).ref: one for one in found}.values())
