"""What a pane is doing, judged from what it shows: rules as a person who looks over a shoulder has them. Pure.

They were written from one half of the panes in `tests/model/panes`, and are held against the other."""

from __future__ import annotations

import re
import unicodedata

from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.shells import SHELLS
from gpuws.model.session.state import SessionKind, SessionState
from gpuws.model.text import plain

ELSEWHERE = frozenset({"docker", "kubectl", "mosh-client", "nerdctl", "podman", "singularity", "srun", "ssh"})
"""Behind these may be a shell of another place."""
DISPLAYS = frozenset(
    {"atop", "bmon", "bpytop", "btop", "glances", "gpustat", "htop", "iftop", "iotop", "nmon", "nvitop", "nvtop"}
    | {"tail", "top", "watch"}
)
"""They show something that changes, and wait for nobody."""
NEAR, LONGEST = 12, 200
"""Lines at the end in which a menu or an agent's state stands; characters of what is told."""

_FRAME = "│┃║|╭╮╰╯─━ \t\xa0"
_POINTER = "❯›»▸➤▶→"
_YES_NO = re.compile(r"[(\[]\s*y(es)?\s*([/,]|\bor\b)[^)\]]*[)\]]|\(Y\)es/\(N\)o", re.IGNORECASE)
_SECRET = re.compile(r"(pass(word|phrase|code)|\bPIN|verification code|one-time code)\b.*:$", re.IGNORECASE)
_ANY_KEY = re.compile(r"\b(press|hit)\b.{0,20}\b(any key|enter|return|space)\b", re.IGNORECASE)
_MENU = re.compile(rf"^[{_FRAME}]*[{_POINTER}>]\s+\d+[.)]\s|arrow keys\)|enter to (confirm|select)", re.IGNORECASE)
_AT_WORK = re.compile(r"\b(esc|escape|ctrl[+-]c|\^c) to (interrupt|stop)\b|interrupt to abort", re.IGNORECASE)
_PAGER = re.compile(r"(:|\(END\)|--More--.*|lines \d+-\d+.*|Manual page .*|.* \(press h for help or q to quit\))\Z")
_DEBUGGER = re.compile(r"\([\w+-]{1,12}\)\Z")
_DEFAULT = re.compile(r"[?:] ?[(\[][^)\]]*[)\]]\Z")
_BUSY = re.compile(r"\w+ing\b[^?]*:\Z|(\.\.\.|…)\Z")
_BEHIND_A_PROMPT = re.compile(rf"(^|[\s\w\])}}~/✗✘])[$#%{_POINTER}>➜λ⟩±✗\ue000-\uf8ff](\s|\Z)")
_LOGIN_PROMPT = re.compile(r"[\w~/\])-][$#%]\Z")
_BAR = re.compile(r"[━╸╺█▉▊▋▌▍▎▏▓▒░#=>─.]{3}|\|\s+\||\[[=># .-]+\]")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3})(?:\.\d+)?\s?%")
_PACE = re.compile(r"/s\b|\d:\d\d\b|\d\s*/\s*\d|\beta\b|\(\d", re.IGNORECASE)
_LABELLED = re.compile(r"^\W*([A-Z][\w .]*: *\[?|\[ *)\d{1,3}%")
_COUNTED = re.compile(
    r"\b(epoch|step|iter\w*|batch|round|trial|fold|file|image|shard|chunk|part|layer|task)s?\b\W{0,3}\d+\]?\s*(/|of)\s*\d"
    r"|\[\s*\d+\s*/\s*\d+\]|\b\d+(it|B|k|M)? \[\d+:\d\d|\d/\d[\d.]* ?[kMG]i?B\b",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?:(?:\d+|--):[\d-]{2}:[\d-]{2}\s+){2}")  # curl's


def judged(screen: PaneScreen) -> SessionState:
    """The state of a session whose active pane shows this."""
    lines = [line for line in screen.lines if line.strip(_FRAME)]
    if screen.dead:
        said = [line for line in lines if not line.startswith("Pane is dead")]
        return _state("ended", said[-1] if said else "", screen.status)
    kind, line = _kind(screen, lines)
    return _state(kind, line)


def _kind(screen: PaneScreen, lines: list[str]) -> tuple[SessionKind, str]:
    """With the line that says so. `lines`: those that show something."""
    last = lines[-1] if lines else ""
    command = screen.command.rpartition("/")[2].removeprefix("-")
    at = _before_the_cursor(screen)
    if any(_AT_WORK.search(line) for line in lines[-NEAR:]):
        return "running", next(line for line in reversed(lines) if _AT_WORK.search(line))
    if command in DISPLAYS:
        return "running", last
    if question := _menu(lines[-NEAR:]):
        return "waiting", question
    if screen.alternate or _PAGER.match(last.strip()):
        return "waiting", last
    if at and (_YES_NO.search(at) or _SECRET.search(at)):
        return "waiting", at
    if any(_ANY_KEY.search(line) for line in lines[-2:]):
        return "waiting", next(line for line in reversed(lines) if _ANY_KEY.search(line))
    if command in SHELLS:
        return _of_a_shell(screen, at, last)
    return _of_a_program(screen, command, at, last)


def _of_a_shell(screen: PaneScreen, at: str, last: str) -> tuple[SessionKind, str]:
    """One in front has its prompt, or runs a script, which may ask, too."""
    if not at:
        return _working(screen, last)
    if _BEHIND_A_PROMPT.search(at):
        return "idle", _above(screen)
    if _asks(at):
        return "waiting", at
    if _says_how_far(at) or at.endswith(("...", "…")):
        return _working(screen, last)
    return "idle", _above(screen)


def _of_a_program(screen: PaneScreen, command: str, at: str, last: str) -> tuple[SessionKind, str]:
    if at and not _says_how_far(at):
        if _LOGIN_PROMPT.search(at) and (command in ELSEWHERE or "@" in at):
            return "idle", _above(screen)
        if _asks(at) or _prompts(at):
            return "waiting", at
    return _working(screen, last)


def _working(screen: PaneScreen, last: str) -> tuple[SessionKind, str]:
    """How far it is may stand in the line of the cursor, or in the last one."""
    row = screen.cursor[0] if screen.cursor else len(screen.lines)
    own = screen.lines[row] if row < len(screen.lines) else ""
    found = next((line for line in (last, own) if _says_how_far(line)), None)
    return ("running", last) if found is None else ("progress", found)


def _says_how_far(line: str) -> bool:
    percent = _PERCENT.search(line)
    if percent and (_BAR.search(line) or _PACE.search(line) or _LABELLED.search(line)):
        return True
    return bool(_COUNTED.search(line) or _TIMES.search(line))


def _asks(at: str) -> bool:
    """A question or the name of something to be typed ends there; `Downloading:` does not ask."""
    return not _BUSY.search(at) and (at.endswith(("?", ":")) or bool(_DEFAULT.search(at)))


def _prompts(at: str) -> bool:
    """Of a REPL, a debugger, an agent; also within what is typed behind a sign that nothing else begins with."""
    word = at.split(maxsplit=1)[0]
    behind = word in (">>>", "...", "...:") or word.endswith(tuple(_POINTER)) or bool(re.fullmatch(r"[\w.-]*>", word))
    debugs = bool(_DEBUGGER.match(word)) or at.endswith((">", "=#", "-#", "(#", *_POINTER))
    return behind or debugs or bool(re.match(r"(In|Out) ?\[\d+\]:|\s*\.\.\.:", at))


def _menu(lines: list[str]) -> str:
    """What a menu at the end of the screen asks; "" where there is none."""
    number = next((number for number, line in enumerate(lines) if _MENU.search(line)), None)
    if number is None:
        return ""
    asked = [line for line in lines[: number + 1] if "?" in line]
    return asked[-1] if asked else lines[number]


def _before_the_cursor(screen: PaneScreen) -> str:
    """What stands in front of it in its line, without the frame around."""
    if screen.cursor is None or screen.cursor[0] >= len(screen.lines):
        return ""
    row, column = screen.cursor
    cells, length = 0, 0
    line = screen.lines[row]
    while length < len(line) and cells < column:
        cells += 2 if unicodedata.east_asian_width(line[length]) in "WF" else 1
        length += 1
    return line[:length].strip(_FRAME)


def _above(screen: PaneScreen) -> str:
    """The last line above the cursor's that shows something: what was said before a prompt."""
    row = screen.cursor[0] if screen.cursor else 0
    return next((line for line in reversed(screen.lines[:row]) if line.strip(_FRAME)), "")


def _state(kind: SessionKind, line: str, status: int | None = None) -> SessionState:
    return SessionState(kind, plain(line.strip(_FRAME), LONGEST), status)
