"""Kernels interrupted, restarted, shut down: one by its name, or all of mine that rest; and a word to a holder."""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.cli.kernels.listing import ask, seconds
from gpuws.cli.listings.renewal import renewed
from gpuws.cli.toolkit.confirmation import agreed
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.output import steer
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather
from gpuws.engines import parallel
from gpuws.model.consent.kernels import DONE, WORDS, kernel_command, kernel_confirmation, target_of
from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.ownership.kernels import Kernel, idle_longer, kernels
from gpuws.model.query.target import Found
from gpuws.model.session.notebook import KernelAct
from gpuws.present.documents.base import printed
from gpuws.present.documents.kernels import acted

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot

AT_ONCE = 16
ASKING = 15.0  # seconds for the servers of all hosts: a search for them may take as long


def act_on(act: KernelAct, options: Options, words: Sequence[str], idle: str | None) -> int:
    """All must exist and be confirmed before the first is touched; one that fails does not stop the others."""
    longer, setup = seconds(idle), set_up(options)
    targets = parse_all(words, setup.names())
    if not targets and longer is None:
        raise UsageError(f"kernels {act}: which one?", "HOST[/CONTAINER]:NOTEBOOK, or --idle 6h for all of mine")
    names = hosts_of(setup, *targets) if targets else chosen_hosts(setup, options.host, options.tag)
    with open_fleet(setup, names) as fleet:
        found = _named(fleet, words, options) if targets else _mine(fleet, options)
        if longer is not None:
            found = list(idle_longer(found, longer, time.time()))
        if not found:
            note(f"no kernel of yours has rested for longer than {idle}: nothing to {WORDS[act]}")
            return 0
        return _act(fleet, act, found, options)


def write_message(options: Options, word: str) -> int:
    from gpuws.present.holder_message import by_mail, by_write, text

    setup = set_up(options)
    targets = parse_all([word], setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        [kernel] = _named(fleet, [word], options)
    now = time.time()
    sys.stdout.write(f"{text(kernel, now)}\n")
    sys.stdout.flush()
    if sys.stdout.isatty():  # OSC 52: a terminal may hand it on to the clipboard
        steer(f"\x1b]52;c;{base64.b64encode(text(kernel, now).encode()).decode()}\x07")
    commands = [line for line in (by_write(kernel, now), by_mail(kernel, now)) if line]
    note("nothing was sent; this would:" if commands else "nothing was sent: nobody knows whose it is")
    sys.stderr.write("".join(f"$ {line}\n" for line in commands))
    return 0


def _act(fleet: Fleet, act: KernelAct, found: Sequence[Kernel], options: Options) -> int:
    now = time.time()
    hosts = {snapshot.name: snapshot for snapshot in fleet.snapshots()}
    commands = [kernel_command(act, one) for one in found]
    asked = [kernel_confirmation(act, one, hosts[one.host], now) for one in found]
    going = agreed(asked, [] if options.json else commands, options)

    def do(number: int) -> GpuwsError | None:
        try:
            fleet.act_on_kernel(found[number].host, found[number].id, act)
        except GpuwsError as error:
            return error
        return None

    errors = parallel.each(do, range(len(found)), AT_ONCE) if going else [None] * len(found)
    if options.json:
        rows = [
            acted(one, command, done=going and error is None, error=error)
            for one, command, error in zip(found, commands, errors, strict=True)
        ]
        sys.stdout.write(f"{printed({'kernels': rows})}\n")
    elif going:
        _say(act, found, errors)
    return max((error.exit_code for error in errors if error is not None), default=0)


def _say(act: KernelAct, found: Sequence[Kernel], errors: Sequence[GpuwsError | None]) -> None:
    for one, error in zip(found, errors, strict=True):
        if error is not None:
            note(f"{target_of(one)}: {error}")
        else:
            sys.stdout.write(f"{target_of(one)}\n")
    done = sum(error is None for error in errors)
    if done < len(found) > 1:
        note(f"{DONE[act]} {done} of {len(found)}")


def _named(fleet: Fleet, words: Sequence[str], options: Options) -> list[Kernel]:
    """Each once, as its host tells it now."""
    known = [one.name for one in fleet.snapshots()]
    places = find_all(fleet, parse_all(words, known), options.timeout, HOLDERS)
    hosts = {one.name: one for one in _asked(fleet, {place.snapshot.name for place in places}, options)}
    found = [_one(place, hosts[place.snapshot.name]) for place in places]
    return list({(one.host, one.id): one for one in found}.values())


def _mine(fleet: Fleet, options: Options) -> list[Kernel]:
    """Of all hosts that were asked for; those that tell nothing are named."""
    gather(fleet, HOLDERS, PATIENCE if options.timeout is None else options.timeout)
    snapshots = _asked(fleet, {one.name for one in fleet.snapshots()}, options)
    for one in snapshots:
        if not one.state.reached:
            note(f"{one.name}: not looked at: {one.error or one.state.value}")
    return [one for snapshot in snapshots if not snapshot.readonly for one in kernels(snapshot) if one.mine]


def _asked(fleet: Fleet, names: set[str], options: Options) -> list[HostSnapshot]:
    """Once their notebook servers have told what they run; one that does not is named."""
    wanted = [one for one in fleet.snapshots() if one.name in names]
    snapshots, old = renewed(fleet, wanted, ask, ASKING if options.timeout is None else options.timeout)
    for host in old:
        note(f"{host}: not every notebook server there answered")
    return [one for one in snapshots if one.name in names]


def _one(place: Found, snapshot: HostSnapshot) -> Kernel:
    """The kernel that is named there. `TargetError` with what there is where it is none or several."""
    home = place.container.name if place.container else None
    there = [one for one in kernels(snapshot) if one.container == home]
    word = place.suffix
    named = there if word is None else [one for one in there if one.answers_to(word)]
    if len(named) == 1:
        return named[0]
    what = f"several notebooks {word!r} run" if named and word else f"no notebook {word!r} runs" if word else ""
    if not there:
        raise TargetError(f"no notebook runs in {place.label}", "gpuws kernels lists them")
    known = named or there
    names = ", ".join(f"{target_of(one)} ({one.short})" for one in known[:8])
    raise TargetError(f"{what or f'{len(there)} notebooks run'} in {place.label}", f"one of {names}")
