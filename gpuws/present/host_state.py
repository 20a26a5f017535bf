"""A host's state as a glyph, a role and a reason a person can act on; what stands where it shows nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.glyphs import DOWN, LOOK, NOTHING, PARTIAL, UP
from gpuws.present.line import Line, Role, clean, joined, one
from gpuws.present.tables.base import NOTHING as NO_VALUE
from gpuws.present.tables.base import Column, TableRow

GLYPHS: dict[HostState, tuple[str, Role]] = {
    HostState.CONNECTING: (PARTIAL, "warn"),
    HostState.ASKING: (LOOK, "warn"),
    HostState.STALE: (PARTIAL, "warn"),
    HostState.DOWN: (DOWN, "error"),
    HostState.AUTH_FAILED: (DOWN, "error"),
    HostState.HOST_KEY_CHANGED: (DOWN, "error"),
    HostState.BLOCKED: (DOWN, "error"),
}

WORDS = {
    HostState.CONNECTING: "connecting",
    HostState.ASKING: "waits for your answer",
    HostState.STALE: "no news",
    HostState.DOWN: "not reached",
    HostState.AUTH_FAILED: "login refused",
    HostState.HOST_KEY_CHANGED: "host key changed: refused",
    HostState.BLOCKED: "blocked",
}

HINTS = {
    HostState.ASKING: "⏎ answer",
    HostState.DOWN: "ctrl+r now",
    HostState.AUTH_FAILED: "ctrl+r again",
    HostState.HOST_KEY_CHANGED: "⏎ details",
    HostState.BLOCKED: "⏎ details",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a host shows no (fresh) data. `when`: what happens next, short enough for the right edge."""

    text: str
    remedy: str = ""
    when: str = ""
    role: Role = "warn"


def glyph(snapshot: HostSnapshot) -> tuple[str, Role]:
    if snapshot.state is HostState.UP:
        return (UP, "ok") if snapshot.gpus else (NOTHING, "muted")
    return GLYPHS[snapshot.state]


def fresh(snapshot: HostSnapshot) -> bool:
    """Its values are of now."""
    return snapshot.state is HostState.UP


def counted(snapshot: HostSnapshot) -> bool:
    """Its values count in sums: seen, and not long ago."""
    return snapshot.state in (HostState.UP, HostState.STALE)


def reason(snapshot: HostSnapshot, now: float) -> Reason | None:
    """None: all is well."""
    state = snapshot.state
    if state is HostState.UP:
        return None
    text = clean(snapshot.error) or (clean(snapshot.phase) if state is HostState.CONNECTING else "") or WORDS[state]
    age = snapshot.age(now)
    if state is HostState.STALE:
        text = f"{units.duration(age)} old · {text}"
    when = HINTS.get(state, "")
    if snapshot.retry_at is not None and not state.final:
        when = f"retry in {units.duration(max(snapshot.retry_at - now, 0))}"
    return Reason(text, clean(snapshot.remedy), when, GLYPHS[state][1])


def fade(snapshot: HostSnapshot, now: float) -> int:
    """How dimmed its values are: 0 fresh, 1 a little old, 2 old, 3 very old."""
    if fresh(snapshot):
        return 0
    age = snapshot.age(now)
    return 1 if age is not None and age < 30 else 2 if age is not None and age < 300 else 3


def no_gpus(snapshot: HostSnapshot) -> str:
    """Why a reached host shows no GPU."""
    reading = snapshot.coverage == "waiting" and "telemetry" not in snapshot.complete
    return clean(str(snapshot.telemetry_error or "")) or ("reading its GPUs" if reading else "no NVIDIA GPU")


def absent(snapshot: HostSnapshot, column: Column, columns: Sequence[Column]) -> Iterator[TableRow]:
    """A host that shows nothing keeps a row in a listing: in `column` its state says that something is missing."""
    if counted(snapshot):
        return
    role: Role = "warn" if snapshot.state in (HostState.CONNECTING, HostState.ASKING) else "error"
    yield saying(snapshot.name, column, one(snapshot.state.value, role), columns)


def saying(name: str, column: Column, said: Line, columns: Sequence[Column]) -> TableRow:
    """The row of the host `name`, of which there is but this to say. Its name stands in the first column."""
    cells = [said if each == column else NO_VALUE for each in columns[1:]]
    return TableRow(name, (one(name), *cells))


def empty(snapshot: HostSnapshot, text: str) -> str:
    """What an empty table of a host says: what would be there, or why nothing is known of it."""
    why = reason(snapshot, 0.0)
    if why is None or counted(snapshot):
        return text
    return f"{snapshot.name}: {joined([why.text, why.remedy], ' — ')}"


def left_out(snapshot: HostSnapshot) -> str:
    """What a login shell there does not come with although `ssh` would bring it, in one line; "" where it is the
    same."""
    if not snapshot.besides:
        return ""
    return f"`ssh {snapshot.name}` would also {'; '.join(snapshot.besides)}: not done here"
