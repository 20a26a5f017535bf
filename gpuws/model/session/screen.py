"""What a pane of a terminal shows, as data: kept in memory only, never listed, logged or written to a file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PaneScreen:
    """`lines`: from above, the empty ones at the end left out; with colours (SGR) only where those were asked for.

    `cursor`: its line among them, and the cell in that line; None where it stands elsewhere, or is hidden from view.
    `alternate`: a program draws the whole screen, as editors and pagers do. `command`: what runs in front there.
    `dead`: the program has ended and the pane stays; `status` is its exit status then, 128 + signal, where known.
    `pane`: what tmux calls it, `%5`. `columns` and `rows`: its size."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    cursor: tuple[int, int] | None = None
    alternate: bool = False
    command: str = ""
    dead: bool = False
    status: int | None = None
    pane: str = ""
    columns: int = 80
    rows: int = 24
