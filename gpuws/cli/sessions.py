"""tmux sessions made and ended."""

from __future__ import annotations

import shlex
import sys
import time

from gpuws.cli.compose import open_fleet, set_up
from gpuws.cli.confirming import settle
from gpuws.cli.options import Options
from gpuws.cli.selection import find, hosts_of
from gpuws.model.commands import on_host
from gpuws.model.confirm import confirmation
from gpuws.model.errors import UsageError
from gpuws.model.session import NAME
from gpuws.model.target import Found, Target, parse


def new_session(options: Options, word: str) -> int:
    setup, target = set_up(options), _session(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        name = target.suffix or ""
        if options.dry_run:
            return _show(_command(found, ["tmux", "new-session", "-d", "-s", name]))
        fleet.new_session(found.place, name)
        sys.stdout.write(f"{found.label}:{name}\n")
        return 0


def kill_session(options: Options, word: str) -> int:
    setup, target = set_up(options), _session(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        name = target.suffix or ""
        command = _command(found, ["tmux", "kill-session", "-t", f"={name}"])
        if options.dry_run:
            return _show(command)
        settle([confirmation("kill_session", found.session, found.snapshot, time.time(), command=command)], options)
        fleet.kill_session(found.place, name)
        sys.stdout.write(f"{found.label}:{name}\n")
        return 0


def _session(word: str) -> Target:
    """TARGET:NAME with a name that tmux takes."""
    target = parse(word)
    if target.suffix is None:
        raise UsageError(f"{word}: a session's name is missing", "write HOST:NAME or HOST/CONTAINER:NAME")
    if not NAME.match(target.suffix):
        raise UsageError(f"{target.suffix!r} can't name a session", "no dots, no leading dash")
    return target


def _command(found: Found, argv: list[str]) -> str:
    """As typed at the workstation."""
    command = shlex.join(["docker", "exec", found.container.name, *argv] if found.container else argv)
    return on_host(found.snapshot.name, command)


def _show(command: str) -> int:
    sys.stdout.write(f"{command}\n")
    return 0
