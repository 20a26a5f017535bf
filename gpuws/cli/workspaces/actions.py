"""start, stop, restart, kill, pause, unpause, rm, rename and prune: on one container or many, all at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.images.query import query_hosts
from gpuws.cli.toolkit.confirmation import agreed, each
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.engines import parallel
from gpuws.model.consent.confirm import Verb
from gpuws.model.consent.prune import to_prune
from gpuws.model.consent.shell_command import act_command, rename_command
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.host.naming import labelled
from gpuws.model.query.target import Found, parse
from gpuws.model.workspace.actions import DONE, Action
from gpuws.model.workspace.workspace import NAME
from gpuws.present.documents import actions
from gpuws.present.documents.actions import Acted
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

FIGURES = frozenset({"telemetry"})  # how busy it is belongs into the question
Call = Callable[[Found], None]
AT_ONCE = 16
"""Containers that are acted on at the same time: each `stop` may take its whole grace."""


def act(
    action: Action, options: Options, words: Sequence[str], *, grace: float | None = None, force: bool = False
) -> int:
    """All targets must exist and be confirmed before the first is touched; one that fails does not stop the others."""
    setup = set_up(options)
    targets = parse_all(words, setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = distinct(find_all(fleet, targets, options.timeout, FIGURES))
        commands = [act_command(action, container_of(one), one.snapshot, force=force, grace=grace) for one in found]
        if not sure(fleet, action, found, commands, options):
            return 0
        return all_of(action, found, commands, options, lambda one: _act(fleet, one, action, force, grace))


def _act(fleet: Fleet, one: Found, action: Action, force: bool, grace: float | None) -> None:
    fleet.act(container_of(one).ref, action, force=force, grace=grace)


def rename(options: Options, word: str, name: str) -> int:
    if not NAME.match(name):
        raise UsageError(f"{name!r} is no name for a container", "letters, digits, _ . - and no more: train-2")
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find_all(fleet, [target], options.timeout, FIGURES)
        container = container_of(found[0])
        commands = [rename_command(container, found[0].snapshot, name)]
        if not sure(fleet, "rename", found, commands, options):
            return 0

        def call(one: Found) -> None:
            fleet.rename(container_of(one).ref, name)

        return all_of("rename", found, commands, options, call, now=name)


def prune(options: Options, hosts: Sequence[str], expressions: Sequence[str]) -> int:
    """What has ended and is mine, as far as the filters mean it."""
    with query_hosts(options, hosts, changing=True) as query:
        code = query.end(query.ask(lambda _: None))
        found = [
            Found(snapshot, one, None, ()) for snapshot in query.snapshots for one in to_prune(snapshot, expressions)
        ]
        commands = [act_command("remove", container_of(one), one.snapshot) for one in found]
        if not found:
            note("nothing of yours has ended: nothing to prune")
        fleet = query.fleet
        if not sure(fleet, "remove", found, commands, options):
            return code
        done = all_of("remove", found, commands, options, lambda one: _act(fleet, one, "remove", False, None))
        return max(code, done)


def sure(fleet: Fleet, verb: Verb, found: Sequence[Found], commands: Sequence[str], options: Options) -> bool:
    """Whether to go on; False once `--dry-run` has shown what would be done, as a document with `--json`."""
    if agreed(each(verb, found, commands, fleet.tunnels()), [] if options.json else commands, options):
        return True
    if options.json:
        rows = [Acted(container_of(one), command) for one, command in zip(found, commands, strict=True)]
        sys.stdout.write(f"{printed(actions.acted(verb, rows))}\n")
    return False


def all_of(
    verb: str, found: Sequence[Found], commands: Sequence[str], options: Options, call: Call, *, now: str = ""
) -> int:
    """Do it to all at once. What became of each is said in the order in which they were named, with `--json` in one
    document; the worst exit code. `now`: what it is called from then on."""
    saying = _Saying(found, options, now)

    def do(number: int) -> GpuwsError | None:
        error = None
        try:
            call(found[number])
        except GpuwsError as failure:
            error = failure
        saying.ended(number, error)
        return error

    errors = parallel.each(do, range(len(found)), AT_ONCE)
    if options.json:
        rows = [
            Acted(container_of(one), command, done=error is None, error=error, now=now)
            for one, command, error in zip(found, commands, errors, strict=True)
        ]
        sys.stdout.write(f"{printed(actions.acted(verb, rows))}\n")
    failed = [error for error in errors if error is not None]
    if failed and len(found) > 1:
        note(f"{DONE[verb]} {len(found) - len(failed)} of {len(found)}")
    return max((error.exit_code for error in failed), default=0)


class _Saying:
    """Says how each has ended as soon as all that were named before it have."""

    def __init__(self, found: Sequence[Found], options: Options, now: str) -> None:
        self._found, self._options, self._now = found, options, now
        self._ended: dict[int, GpuwsError | None] = {}
        self._next = 0
        self._lock = threading.Lock()

    def ended(self, number: int, error: GpuwsError | None) -> None:
        with self._lock:
            self._ended[number] = error
            while self._next in self._ended:
                self._say(self._found[self._next], self._ended[self._next])
                self._next += 1

    def _say(self, one: Found, error: GpuwsError | None) -> None:
        if error is not None:
            note(f"{one.label}: {error}")
        elif not self._options.json:
            sys.stdout.write(f"{labelled(one.snapshot.name, self._now)}\n" if self._now else f"{one.label}\n")
            sys.stdout.flush()


def distinct(found: Sequence[Found]) -> list[Found]:
    """Each container once."""
    return list({container_of(one).ref: one for one in found}.values())
