"""`gpuws attach`, `shell` and `exec` in their simple forms: the keeper finds the target and opens it, where the command
would find the same without waiting and without a word."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

from gpuws.keeper.wire.messages import Description, Enter, Entry, Opened
from gpuws.model.consent.confirm import confirmation
from gpuws.model.consent.entry import manner
from gpuws.model.errors import Refused, TargetError, UsageError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found, Target, hosts_to_look_at, lacks_session, parse, resolve
from gpuws.model.session.detaching import detach_hint
from gpuws.present.host_state import left_out


def entrance(
    description: Description, snapshots: Sequence[HostSnapshot], asking: Collection[str], verb: Entry, word: str
) -> Found | None:
    """What `word` names; None where the command would have to wait, to ask or to say something: what is not mine is
    left to it. `asking`: hosts with an open question."""
    known = [host.name for host in description.hosts]
    try:
        target = parse(word, known)
        wanted = hosts_to_look_at(target, known)
        seen = {snapshot.name: snapshot for snapshot in snapshots if snapshot.state is HostState.UP}
        if description.notes or not wanted or set(wanted) & set(asking) or not seen.keys() >= set(wanted):
            return None
        found = resolve(target, [seen[name] for name in wanted])
    except (TargetError, UsageError):
        return None
    return found if _enough(target, found, [seen[name] for name in wanted]) and _unasked(verb, found) else None


def _enough(target: Target, found: Found, looked_at: Sequence[HostSnapshot]) -> bool:
    """A host that is never read would not get stale, whatever happens to its containers."""
    if found.container is None:
        return True
    engine_failed = target.host and found.snapshot.engine is not None and found.snapshot.engine.error
    known = all("containers" in one.complete and one.updated_at is not None for one in looked_at)
    return known and not engine_failed


def _unasked(verb: Entry, found: Found) -> bool:
    if verb == "attach" and (lacks_session(found) or _tells(found)):
        return False
    subject = found.session or found.container if verb == "attach" else found.container
    try:
        return confirmation(verb, subject, found.snapshot, time.time()) is None
    except Refused:
        return False


def _tells(found: Found) -> bool:
    """More is to be said of the login shell that it leads to."""
    return found.container is None and found.suffix is None and bool(found.snapshot.besides)


def opening(found: Found, message: Enter) -> tuple[str, dict[str, Any]]:
    """The verb of the fleet that opens what was found, and what it takes."""
    if message.size is None:
        return "popen", {"place": found.place, "argv": message.argv}
    shown = {"place": found.place, "size": message.size, "term": message.term}
    if message.verb == "attach":
        return "attach", {**shown, "session": found.suffix, "how": manner(found), "mine": message.mine}
    env = message.mine.environment if found.container else ()  # a host is told by no more than its terminal's type
    return "interactive", {**shown, "argv": message.argv, "env": env}


def greeted(found: Found, message: Enter) -> Opened:
    """What the command says of it: what it leads to, and how to leave it."""
    if message.verb != "attach":
        shell = message.verb == "shell" and found.container is None
        return Opened(found.label, left_out(found.snapshot) if shell else "")
    program = found.session.program if found.session else "tmux"
    return Opened(found.label, detach_hint(found.place, found.suffix, message.mine.prefix, program))
