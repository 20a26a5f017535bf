"""Where one can jump to: every session, container, notebook and host of the fleet; what was entered lately first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gpuws.model import units
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import kernels
from gpuws.model.session.session import Session
from gpuws.present.host_state import WORDS, counted
from gpuws.present.line import Line, clean, joined, one, text_of
from gpuws.present.session_words import state
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.dialogs import fuzzy
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.doors import Door, doors, notebooks, shells, target_behind
from gpuws.tui.sessions.preview import Sight

Kind = Literal["all", "sessions", "containers", "notebooks", "hosts"]
KINDS: tuple[Kind, ...] = ("all", "sessions", "containers", "notebooks", "hosts")
COLUMNS = (Column("", 2), Column("NAME", 32, roomy=44), Column("QUIET", 6, True, drop=2), Column("RUNS", 0))
GLYPHS = {"sessions": "❯", "containers": "▣", "notebooks": "▤", "hosts": "●"}


@dataclass(frozen=True, slots=True)
class Jump:
    """`text` is what the letters are looked for in: host/container:session, host/container notebook, host.

    `sight`: what can be looked at of it before, None where there is nothing. `entered`: how many others were entered
    since, None where it never was."""

    kind: Kind
    text: str
    detail: str
    door: Door
    mine: bool
    recent: float
    sight: Sight | None = None
    entered: int | None = None

    @property
    def key(self) -> str:
        return f"{self.kind} {self.text}"

    @property
    def order(self) -> tuple[object, ...]:
        """What was entered lately first, then mine, then where something happened last; hosts behind all."""
        never = self.entered is None
        return never, self.entered or 0, self.kind == "hosts", not self.mine, -self.recent, self.text


class Jumps:
    """Where one can jump to, worked out anew only of the hosts that have changed."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[HostSnapshot, list[Jump]]] = {}

    def among(self, snapshots: Sequence[HostSnapshot], entered: Sequence[str] = ()) -> list[Jump]:
        """In no order. `entered`: targets, newest first."""
        hosts = {snapshot.name: snapshot for snapshot in snapshots if counted(snapshot)}
        known = self._of
        self._of = {}
        for name, snapshot in hosts.items():
            found = known.get(name)
            self._of[name] = found if found and found[0] is snapshot else (snapshot, _of(snapshot))
        lately = {target: at for at, target in enumerate(entered)}
        everywhere = [jump for _, of_host in self._of.values() for jump in of_host]
        if not lately:
            return everywhere
        return [replace(jump, entered=lately.get(target_behind(jump.door, hosts))) for jump in everywhere]


def away(snapshots: Sequence[HostSnapshot]) -> Line:
    """Hosts of which nothing can be listed, and why; () where there is none."""
    names: dict[str, list[str]] = {}
    for snapshot in snapshots:
        if not counted(snapshot):
            names.setdefault(WORDS[snapshot.state], []).append(clean(snapshot.name))
    told = ", ".join(f"{', '.join(found)} ({word})" for word, found in names.items())
    return one(f"not shown: {told}", "muted") if told else ()


def _of(snapshot: HostSnapshot) -> list[Jump]:
    found: list[Jump] = []
    for session in snapshot.sessions:
        ways = doors(Selection(snapshot, session=session))
        if not ways:
            continue
        where = labelled(snapshot.name, session.container)
        recent = session.activity or session.created or 0
        text = f"{clean(where, 80)}:{clean(session.label, 60)}"
        sight = Sight(ways[0].place, session.name, session) if session.program == "tmux" else None
        found.append(Jump("sessions", text, _doing(session), ways[0], session.mine, recent, sight))
    for container in snapshot.workspaces:
        ways = doors(Selection(snapshot, container=container)) if container.enterable else ()
        if ways:
            text = f"{clean(snapshot.name)}/{clean(container.name, 80)}"
            detail = clean(f"{container.owner or ''}  {container.oci.image or container.engine}")
            sight = Sight(container.place, None) if container.mine else None
            found.append(Jump("containers", text, detail, ways[0], container.mine, container.created or 0, sight))
    for kernel in kernels(snapshot):
        ways = notebooks(Selection(snapshot, kernel=kernel))
        if ways and (book := kernel.notebook) is not None:
            text = f"{clean(kernel.label, 80)} {clean(book.path, 80)}"
            found.append(Jump("notebooks", text, clean(book.state), ways[0], kernel.mine, book.last_activity or 0))
    if not snapshot.readonly:
        door = shells(Selection(snapshot))[0]
        found.append(Jump("hosts", clean(snapshot.name), "login shell", door, not snapshot.me.shared, 0))
    return found


def _doing(session: Session) -> str:
    """Its state, where that is worth a word, and what it runs."""
    return joined((text_of(state(session)), clean(session.command)))


def _quiet(jump: Jump, now: float) -> str:
    told = jump.kind in ("sessions", "notebooks") and jump.recent
    return units.duration(max(now - jump.recent, 0)) if told else ""


def found_table(
    all_jumps: Sequence[Jump], query: str, kind: Kind, now: float, empty: str = ""
) -> tuple[Table, list[Jump]]:
    """What matches, best first, and the jump of each row. `empty`: what is said where there is nothing to match."""
    ranked: list[tuple[int, int, tuple[int, ...], Jump]] = []
    for order, jump in enumerate(all_jumps):
        places = fuzzy.match(query, jump.text) if kind in ("all", jump.kind) else None
        if places is not None:
            ranked.append((-fuzzy.score(places, jump.text), order, places, jump))
    ranked.sort(key=lambda item: item[:2])
    rows = tuple(
        TableRow(
            jump.key,
            (
                one(GLYPHS[jump.kind], "muted"),
                fuzzy.lit(jump.text, places, "mine" if jump.mine else "text"),
                one(_quiet(jump, now), "muted"),
                one(jump.detail, "muted"),
            ),
        )
        for *_, places, jump in ranked
    )
    return Table(COLUMNS, rows, "Nothing matches." if all_jumps else empty), [jump for *_, jump in ranked]
