"""`gpuws attach` without a target: all that can be entered, found by a few letters as the screen's `t` finds it."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.consent.entry import target_of
from gpuws.model.errors import TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found
from gpuws.model.text import plain
from gpuws.present.host_state import counted
from gpuws.present.line import text_of
from gpuws.present.session_words import runs, state
from gpuws.tui.dialogs import fuzzy

MOST = 40
"""Lines of the list that are shown at once."""


def choices(snapshots: Sequence[HostSnapshot]) -> list[Found]:
    """Sessions by what wrote last, containers, hosts; mine first. What is not reached is left out."""
    found = [(one, key) for at in snapshots if counted(at) for one, key in _of(at)]
    return [one for one, _ in sorted(found, key=lambda pair: pair[1])]


def _of(at: HostSnapshot) -> list[tuple[Found, tuple[object, ...]]]:
    by_name = {one.name: one for one in at.workspaces}
    sessions = [one for one in at.sessions if one.container is None or one.container in by_name]
    return [
        *((Found(at, by_name.get(one.container or ""), one.name), (not one.mine, 0, -(one.activity or 0), one.name))
          for one in sessions),
        *((Found(at, one, None), (not one.mine, 1, 0, one.name)) for one in at.workspaces if one.enterable),
        *([] if at.readonly else [(Found(at, None, None), (True, 2, 0, at.name))]),
    ]  # fmt: skip


def matching(letters: str, all_choices: Sequence[Found]) -> list[Found]:
    """Those with these letters in this order, best first."""
    ranked = []
    for order, one in enumerate(all_choices):
        name = target_of(one)
        places = fuzzy.match(letters, name)
        if places is not None:
            ranked.append((name != letters, -fuzzy.score(places, name), order, one))
    ranked.sort(key=lambda item: item[:3])
    return [one for *_, one in ranked]


def choose(all_choices: Sequence[Found]) -> Found:
    """Asked until one is meant: by its number, by letters that only one has, or by its whole name. TargetError where
    nothing is said."""
    shown = list(all_choices)
    while True:
        _show(shown)
        sys.stderr.write("Number or letters: ")
        sys.stderr.flush()
        reply = sys.stdin.readline().strip()
        if not reply:
            raise TargetError("nothing was chosen", "name a target: gpuws attach HOST/CONTAINER")
        if reply.isascii() and reply.isdigit() and 0 < int(reply) <= len(shown):
            return shown[int(reply) - 1]
        found = matching(reply, all_choices)
        if len(found) == 1 or (found and target_of(found[0]) == reply):
            return found[0]
        if not found:
            sys.stderr.write(f"Nothing has {plain(reply, 60)!r} in it.\n")
        shown = found or shown


def _show(shown: Sequence[Found]) -> None:
    width = max(len(plain(target_of(one))) for one in shown[:MOST])
    for number, one in enumerate(shown[:MOST], 1):
        sys.stderr.write(f"{number:>3}  {plain(target_of(one)):<{width}}  {_about(one)}".rstrip() + "\n")
    if len(shown) > MOST:
        sys.stderr.write(f"     and {len(shown) - MOST} more: a few letters find them\n")


def _about(one: Found) -> str:
    session = one.session
    if session is not None:
        quiet = None if session.activity is None else max(time.time() - session.activity, 0)
        return plain(
            "  ".join(
                word for word in (units.duration(quiet), text_of(state(session)), text_of(runs(session))) if word
            ),
            60,
        )
    return plain(one.container.oci.image, 60) if one.container else "login shell"
