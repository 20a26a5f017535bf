"""Where one can jump to: every session, container and notebook of the fleet, mine and recent ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.host_state import counted
from gpuws.present.line import clean, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.dialogs import fuzzy
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.doors import Door, doors, notebooks

Kind = Literal["all", "sessions", "containers", "notebooks"]
KINDS: tuple[Kind, ...] = ("all", "sessions", "containers", "notebooks")
COLUMNS = (Column("", 2), Column("NAME", 44), Column("QUIET", 6, True, drop=2), Column("RUNS", 0))
GLYPHS = {"sessions": "❯", "containers": "▣", "notebooks": "▤"}


@dataclass(frozen=True, slots=True)
class Jump:
    """`text` is what the letters are looked for in: host/container:session, host/container notebook."""

    kind: Kind
    text: str
    detail: str
    door: Door
    mine: bool
    recent: float


def jumps(snapshots: Sequence[HostSnapshot]) -> list[Jump]:
    """Mine first, then the most recent."""
    found = [jump for snapshot in snapshots if counted(snapshot) for jump in _of(snapshot)]
    return sorted(found, key=lambda jump: (not jump.mine, -jump.recent, jump.text))


def _of(snapshot: HostSnapshot) -> list[Jump]:
    found: list[Jump] = []
    mine = {container.name for container in snapshot.workspaces if container.mine}
    for session in snapshot.sessions:
        ways = doors(Selection(snapshot, session=session))
        if not ways:
            continue
        where = f"{snapshot.name}/{session.container}" if session.container else snapshot.name
        recent = session.activity or session.created or 0
        text = f"{clean(where, 80)}:{clean(session.label, 60)}"
        found.append(Jump("sessions", text, clean(session.command), ways[0], session.mine, recent))
    for container in snapshot.workspaces:
        ways = doors(Selection(snapshot, container=container)) if container.enterable else ()
        if ways:
            text = f"{clean(snapshot.name)}/{clean(container.name, 80)}"
            detail = clean(f"{container.owner or ''}  {container.oci.image}")
            found.append(Jump("containers", text, detail, ways[0], container.mine, container.created or 0))
    for notebook in snapshot.notebooks:
        ways = notebooks(Selection(snapshot, notebook=notebook))
        if ways:
            where = f"{snapshot.name}/{notebook.container}" if notebook.container else snapshot.name
            text = f"{clean(where, 80)} {clean(notebook.path, 80)}"
            ours = notebook.container in mine if notebook.container else not snapshot.me.shared
            found.append(Jump("notebooks", text, clean(notebook.state), ways[0], ours, notebook.last_activity or 0))
    return found


def found_table(all_jumps: Sequence[Jump], query: str, kind: Kind, now: float) -> tuple[Table, list[Jump]]:
    """What matches, best first, and the jump of each row."""
    ranked: list[tuple[int, int, tuple[int, ...], Jump]] = []
    for order, jump in enumerate(all_jumps):
        places = fuzzy.match(query, jump.text) if kind in ("all", jump.kind) else None
        if places is not None:
            ranked.append((-fuzzy.score(places, jump.text), order, places, jump))
    ranked.sort(key=lambda item: item[:2])
    rows = tuple(
        TableRow(
            f"{order} {jump.kind} {jump.text}",
            (
                one(GLYPHS[jump.kind], "muted"),
                fuzzy.lit(jump.text, places, "mine" if jump.mine else "text"),
                one(units.duration(now - jump.recent) if jump.kind != "containers" and jump.recent else "", "muted"),
                one(jump.detail, "muted"),
            ),
        )
        for _, order, places, jump in ranked
    )
    empty = "Nothing matches." if all_jumps else "No tmux session, container or notebook yet. esc, then n launches one."
    return Table(COLUMNS, rows, empty), [jump for *_, jump in ranked]
