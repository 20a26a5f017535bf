"""tmux sessions made, renamed, left by everybody and ended."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.confirmation import agreed, each
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import find, find_session, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.confirm import Confirmation, Verb, confirmation
from gpuws.model.consent.entry import target_of
from gpuws.model.consent.shell_command import (
    detach_command,
    kill_session_command,
    new_session_command,
    rename_session_command,
)
from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found, Target, lacks_session, name_of, parse, session_meant
from gpuws.model.session.session import Session
from gpuws.present.documents.base import printed
from gpuws.present.documents.sessions import acted
from gpuws.tmux.sessions import checked_name

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def new_session(options: Options, word: str, directory: str, argv: Sequence[str]) -> int:
    setup = set_up(options)
    target = _session(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        name = checked_name(target.suffix or "")
        container = found.container.name if found.container else None
        command = new_session_command(found.snapshot, container, name, directory, argv)

        def make() -> None:
            fleet.new_session(found.place, name, directory=directory, argv=argv)

        return _done(options, "new", each("new_session", [found], [command]), make, Told(found, name, name, command))


def launch_session(options: Options, word: str, profile: str) -> int:
    """In a container that is made for it: on the host that is named, called as it is there, else as launch does."""
    from gpuws.cli.launch.launch import LaunchRequest, launch_profile

    target = _session(word, set_up(options).names())
    host, session = target.host or target.name or name_of(target), f"tmux.session={checked_name(target.suffix or '')}"
    if options.json:
        words = shlex.join(["gpuws", "launch", profile, "-H", host, "--set", session, "--json"])
        raise UsageError("what is launched is told by launch", words)
    there = replace(options, host=[host])
    asked = LaunchRequest(profile, False, target.container, None, (session,), attach=False, force=False)
    return launch_profile(there, asked)


def kill_session(options: Options, word: str) -> int:
    return _change(
        options, word, "kill_session", kill_session_command,
        lambda fleet, found, name: fleet.kill_session(found.place, name),
    )  # fmt: skip


def detach_clients(options: Options, word: str) -> int:
    return _change(
        options, word, "detach_clients", detach_command,
        lambda fleet, found, name: fleet.detach_clients(found.place, name),
    )  # fmt: skip


def rename_session(options: Options, word: str, new: str) -> int:
    checked = checked_name(new)
    return _change(
        options, word, "rename_session", lambda snapshot, session: rename_session_command(snapshot, session, checked),
        lambda fleet, found, name: fleet.rename_session(found.place, name, checked), now=checked,
    )  # fmt: skip


def _change(
    options: Options,
    word: str,
    verb: Verb,
    shown: Callable[[HostSnapshot, Session], str],
    change: Callable[[Fleet, Found, str], None],
    *,
    now: str = "",
) -> int:
    """Done to a session that is there, once that is agreed to. `shown`: the plain command. `now`: what it is called
    then, where that is another name."""
    setup = set_up(options)
    target = _session(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find_session(fleet, target, options.timeout)
        name, session = target.suffix or "", found.session
        if session is None or lacks_session(found):
            raise TargetError(f"no session {name!r} on {found.label}", session_meant(found) or "see gpuws tmux ls")
        # where only looking there tells which session is meant, and whose tmux that is, gpuws' own command
        command = shown(found.snapshot, session) if session.id else _own_command(verb, found, now)
        asked = [confirmation(verb, session, found.snapshot, time.time(), command=command)]
        told = Told(found, name, now or name, command)
        return _done(options, verb.partition("_")[0], asked, lambda: change(fleet, found, name), told)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an action on a session. `now`: what it is called after it."""

    place: Found
    name: str
    now: str
    command: str

    def say(self, action: str, *, done: bool, error: GpuwsError | None = None) -> None:
        name = self.now if done else self.name
        sys.stdout.write(f"{printed(acted(action, self.place, name, self.command, done=done, error=error))}\n")


def _done(
    options: Options, action: str, asked: Sequence[Confirmation | None], change: Callable[[], None], told: Told
) -> int:
    """Once it is agreed to; with `--dry-run` it is only shown. What became of it is said, with `--json` as a
    document."""
    if not agreed(asked, [] if options.json else [told.command], options):
        if options.json:
            told.say(action, done=False)
        return 0
    try:
        change()
    except GpuwsError as error:
        if options.json:
            told.say(action, done=False, error=error)
        raise
    if options.json:
        told.say(action, done=True)
    else:
        sys.stdout.write(f"{told.place.label}:{told.now}\n")
    return 0


def _session(word: str, known: Sequence[str]) -> Target:
    target = parse(word, known)
    if target.suffix is None:
        raise UsageError(f"{word}: a session's name is missing", "write HOST:NAME or HOST/CONTAINER:NAME")
    return target


def _own_command(verb: Verb, found: Found, new: str) -> str:
    return shlex.join(["gpuws", "tmux", verb.partition("_")[0], target_of(found), *([new] if new else [])])
