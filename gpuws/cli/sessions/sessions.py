"""tmux sessions made and ended."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence

from gpuws.cli.toolkit.confirmation import agreed, each
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, find_session, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import target_of
from gpuws.model.consent.shell_command import in_place, kill_session_command
from gpuws.model.errors import TargetError, UsageError
from gpuws.model.query.target import Found, Target, lacks_session, parse, session_meant
from gpuws.model.session.tmux import new_words
from gpuws.tmux.sessions import checked_name


def new_session(options: Options, word: str) -> int:
    setup, target = set_up(options), _session(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        name = checked_name(target.suffix or "")
        command = _command(found, new_words(name, found.snapshot.me.mark, detached=True))
        if not agreed(each("new_session", [found], [command]), [command], options):
            return 0
        fleet.new_session(found.place, name)
        sys.stdout.write(f"{found.label}:{name}\n")
        return 0


def kill_session(options: Options, word: str) -> int:
    setup, target = set_up(options), _session(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find_session(fleet, target, options.timeout)
        name, session = target.suffix or "", found.session
        if lacks_session(found):
            raise TargetError(f"no session {name!r} on {found.label}", session_meant(found) or "see gpuws tmux ls")
        command = _kill_command(found)
        asked = [confirmation("kill_session", session, found.snapshot, time.time(), command=command)]
        if not agreed(asked, [command], options):
            return 0
        fleet.kill_session(found.place, name)
        sys.stdout.write(f"{found.label}:{name}\n")
        return 0


def _session(word: str) -> Target:
    target = parse(word)
    if target.suffix is None:
        raise UsageError(f"{word}: a session's name is missing", "write HOST:NAME or HOST/CONTAINER:NAME")
    return target


def _kill_command(found: Found) -> str:
    """gpuws' own where only looking there tells which session is meant, and whose tmux that is."""
    if found.session and found.session.id:
        return kill_session_command(found.snapshot, found.session)
    return shlex.join(["gpuws", "tmux", "kill", target_of(found)])


def _command(found: Found, words: Sequence[str]) -> str:
    """As typed at the workstation."""
    return in_place(found.snapshot, found.container.name if found.container else None, words)
