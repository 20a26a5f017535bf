"""What a pane shows, with or without its colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gpuws.link.place import Place
from gpuws.model.errors import Refused, TargetError
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.session import Session
from gpuws.model.session.tmux import NO_SESSION
from gpuws.model.text import harmless, plain
from gpuws.tmux.sessions import FIND, at, missing, scripted

PANE = re.compile(r"%\d{1,9}\Z")
FIELDS = (
    "#{window_active}#{pane_active}:#{session_id}:#{pane_id}:#{pane_width}:#{pane_height}:#{cursor_x}:#{cursor_y}"
    ":#{alternate_on}:#{pane_dead}:#{pane_dead_status}:#{pane_dead_signal}:#{pane_current_command}"
)
WIDEST, TALLEST = 500, 500  # cells and lines
GONE_PANE = "that pane has ended"
_SGR = re.compile(r"\x1b\[[0-9;:]*m")
_TOKEN = re.compile(r"([?&]token=)([\w~%-][\w.~%-]*)", re.ASCII)
_REST = re.compile(r"()\A([\w.~%-]+)", re.ASCII)
_RESET = re.compile(r"\x1b\[0*m\Z")


def screen_of(
    place: Place, session: Session, pane: str | None = None, *, colours: bool = False, lines: int = TALLEST
) -> PaneScreen:
    """What a pane shows now, at most the last `lines` lines of it; without `pane` the active one of `session`.
    TargetError where it has ended. With `colours` each line has those that it begins with."""
    if session.program == "screen":
        raise Refused(f"GNU screen shows {plain(session.name)} only to who enters it")
    if pane is not None and not PANE.match(pane):
        raise TargetError(f"{plain(pane)!r} is no pane of tmux", "a pane is written %5")
    words = f'tmux -u display-message -p -t "$2" \'{FIELDS}\' \\; capture-pane -p{"e" if colours else ""} -t "$2"'
    steps = f'{at(session.socket)}{FIND}[ -n "$id" ] || exit {NO_SESSION}; set -- "$1" "${{2:-$id:}}"; {words}'
    out = scripted(place, steps, session.own_name, pane or "")
    head, _, text = out.partition("\n")
    shown = screen(head.split(":", 11), 0, text.split("\n")[:-1], colours=colours)
    if shown is None:
        raise TargetError(
            missing(session.name) if pane is None else GONE_PANE, "it may have ended: gpuws tmux ls lists them"
        )
    return bottom(shown, lines)


def bottom(shown: PaneScreen, lines: int) -> PaneScreen:
    """Its last `lines` lines."""
    above = max(len(shown.lines) - lines, 0)
    row, column = shown.cursor or (-1, 0)
    return replace(shown, lines=shown.lines[above:], cursor=(row - above, column) if row >= above else None)


def screen(fields: Sequence[str], top: int, lines: Sequence[str], *, colours: bool) -> PaneScreen | None:
    """`top`: the row of the pane that the first of `lines` is. None where the fields are none."""
    if len(fields) < 12 or not PANE.match(fields[2]):
        return None
    columns, rows, x, y = (number(field) for field in fields[3:7])
    row = (y or 0) - top
    kept = _without_tokens(lines[:TALLEST], columns or 80)
    shown = tuple(_coloured(kept)) if colours else tuple(_bare(line) for line in kept)
    while shown and not _SGR.sub("", shown[-1]).strip():
        shown = shown[:-1]
    signal = number(fields[10])
    return PaneScreen(
        lines=shown,
        cursor=(row, x or 0) if 0 <= row < len(lines) else None,
        alternate=fields[7] == "1",
        command=plain(fields[11], 100),
        dead=fields[8] == "1",
        status=128 + signal if signal else number(fields[9]),
        pane=fields[2],
        columns=columns or 80,
        rows=rows or 24,
    )


def _without_tokens(lines: Sequence[str], columns: int) -> list[str]:
    """With as many stars for the token in the address of a notebook server, which may go on in the next line."""
    shown, wraps = [], False
    for line in lines:
        text = _REST.sub(_stars, line, count=1) if wraps else line
        found = _TOKEN.search(text)
        wraps = found is not None and found.end() == len(text) and len(_SGR.sub("", text)) >= columns
        shown.append(_TOKEN.sub(_stars, text) if found else text)
    return shown


def _stars(match: re.Match[str]) -> str:
    return match[1] + "*" * len(match[2])


def _bare(line: str) -> str:
    """Its spaces in front stay: the cursor counts them."""
    return harmless(line[: 4 * WIDEST])[:WIDEST].rstrip()


def _coloured(lines: Sequence[str]) -> Iterator[str]:
    """Each line with the colours that it begins with: tmux says only what changes, over the end of lines, too."""
    active: list[str] = []
    for line in lines:
        text = harmless(line[: 16 * WIDEST])
        begun = "".join(active)
        for sgr in _SGR.findall(text):
            active = [] if _RESET.match(sgr) else [*active, sgr][-16:]
        yield f"{begun}{text}\x1b[0m" if begun or active or "\x1b" in text else text.rstrip()


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
