"""attach and shell: this terminal inside a host or a container."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from gpuws.cli.compose import Setup, open_fleet, set_up
from gpuws.cli.confirming import confirm
from gpuws.cli.entering import OWN_FAILURE
from gpuws.cli.failures import note
from gpuws.cli.options import Options
from gpuws.cli.selection import GLANCE, find, hosts_of
from gpuws.cli.terminal import pump, terminal_type
from gpuws.cli.wait import gather
from gpuws.fleet.base import Fleet
from gpuws.link.place import Terminal
from gpuws.model.commands import attach_command
from gpuws.model.container import PlaceRef
from gpuws.model.errors import Refused, TargetError
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.target import parse
from gpuws.model.terminal import Size
from gpuws.model.text import plain
from gpuws.tmux.sessions import DETACH


def attach_to(options: Options, word: str | None) -> int:
    setup = set_up(options)
    if word is None:
        return _pick(options, setup)
    target = parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        return enter(fleet, found.place, target.session)


def enter(fleet: Fleet, place: PlaceRef, session: str | None) -> int:
    """Into a session, or what a place offers by itself."""
    if session or place.container:
        note(DETACH)
    return _through(lambda size: fleet.attach(place, session, size, term=terminal_type()))


def shell_in(options: Options, word: str) -> int:
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        container = found.container.name if found.container else None
        confirm("shell", [found], options, command=attach_command(found.snapshot.name, container, None))
        return _through(lambda size: fleet.interactive(found.place, (), size, term=terminal_type()))


def _through(opener: Callable[[Size], Terminal]) -> int:
    """The program's status; where it was never told, the terminal has said why."""
    status = pump(opener)
    return OWN_FAILURE if status is None else status


def _pick(options: Options, setup: Setup) -> int:
    """A numbered list of all that can be entered, mine first."""
    if not sys.stdin.isatty():
        raise Refused("there is no terminal to choose on", "name a target: gpuws attach HOST/CONTAINER")
    with open_fleet(setup, setup.names()) as fleet:
        needs = frozenset({"sessions", "containers"})
        choices = enterable(gather(fleet, needs, GLANCE if options.timeout is None else options.timeout))
        if not choices:
            raise TargetError(
                "there is nothing to attach to", "gpuws launch makes a container, gpuws tmux new a session"
            )
        for number, (label, _, _) in enumerate(choices, 1):
            sys.stderr.write(f"{number:>3}  {plain(label)}\n")
        sys.stderr.write("Number: ")
        sys.stderr.flush()
        reply = sys.stdin.readline().strip()
        if not (reply.isascii() and reply.isdigit() and 0 < int(reply) <= len(choices)):
            raise TargetError(f"{reply!r} is not in the list")
        _, place, session = choices[int(reply) - 1]
        return enter(fleet, place, session)


Choice = tuple[str, PlaceRef, str | None]


def enterable(snapshots: Sequence[HostSnapshot]) -> list[Choice]:
    """My containers, then sessions of hosts, then everybody's containers."""
    mine: list[Choice] = []
    sessions: list[Choice] = []
    others: list[Choice] = []
    for snapshot in snapshots:
        for container in (one for one in snapshot.containers if one.running):
            choice = (f"{snapshot.name}/{container.name}", container.place, None)
            (mine if container.mine else others).append(choice)
        own = [one.name for one in snapshot.sessions if one.container is None]
        sessions += [(f"{snapshot.name}:{name}", PlaceRef(snapshot.name), name) for name in own]
    return mine + sessions + others
