"""List, make and end tmux sessions, on a host or in a container, by tmux's own commands."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.session.session import ID, LONGEST_NAME, NAME, Session, known_as, shows
from gpuws.model.session.terminal import Completed
from gpuws.model.session.tmux import attach_words, kill_words, new_words, script
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef

DETACH = "ctrl-b d leaves, what runs goes on (tmux's usual keys)"
MARK = "gpuws-tmux"
MISSING, GONE = 127, 69
PATIENCE = 10.0  # seconds
MOST_SESSIONS, MOST_PANES = 256, 256
# tmux allows no `:` in a session's name, so that it can part fields; what may hold one stands last.
SESSION_FIELDS = (
    "#{session_windows}:#{session_attached}:#{session_created}:#{session_activity}"
    ":#{session_id}:#{session_name}:#{@gpuws_owner}"
)
PANE_FIELDS = "#{window_active}#{pane_active}:#{pane_pid}:#{session_id}:#{pane_current_command}"
# What a shell's start files print stands in front of the mark.
GUARD = f"command -v tmux >/dev/null 2>&1 || exit {MISSING}; echo {MARK}; "
# Puts the id of the session that is called $1 into `id`, or $1 itself where that is an id and nobody's name. It is
# looked for there and then: one that was listed may have ended, and its id be another's since.
FIND = (
    "id=; IFS='\n'; set -f; for line in $(tmux -u list-sessions -F '#{session_id}:#{session_name}' 2>/dev/null); do "
    '[ "${line%%:*}" != "$1" ] || id=${id:-$1}; [ "${line#*:}" != "$1" ] || id=${line%%:*}; done; '
)


class NoTmux(GpuwsError):
    """There is none in that place, which does not change while one looks on."""


def detach_hint(place: PlaceRef, session: str | None) -> str:
    """How to leave what is attached; "" where that is no tmux: a host without a session's name gives a login shell."""
    return DETACH if session or place.workspace else ""


def list_sessions(place: Place) -> tuple[Session, ...]:
    """All sessions of the user in that place; none where no server runs. NoTmux where there is no tmux."""
    steps = (
        GUARD + f"tmux -u list-sessions -F '{SESSION_FIELDS}'; echo {MARK}; tmux -u list-panes -a -F '{PANE_FIELDS}'"
    )
    done = place.run(["sh", "-c", steps], timeout=PATIENCE)
    _installed(done)
    _, _, out = done.stdout.decode("utf-8", "replace").partition(MARK + "\n")
    sessions, _, listed = out.partition(MARK + "\n")
    # Not `splitlines`: a name may hold what else Python takes for the end of a line.
    panes = [row for line in listed.split("\n") if len(row := line.split(":", 3)) == 4]
    found = (_session(line, panes) for line in sessions.split("\n")[:MOST_SESSIONS])
    return tuple(session for session in found if session is not None)


def attach_argv(session: str, mark: str, *, detach_others: bool = False) -> list[str]:
    """The program that shows `session` on a PTY, making it where it is missing and tmux takes such a name."""
    enter = f'[ -z "$id" ] || exec {script(attach_words("$id", detach_others=detach_others))}; '
    if _takes(session):
        return ["sh", "-c", f"{FIND}{enter}exec {script(new_words(session, mark))}", "sh", session]
    return ["sh", "-c", f"{FIND}{enter}printf '%s\\n' \"$2\" >&2; exit {GONE}", "sh", session, missing(session)]


def owners(place: Place) -> tuple[str, ...]:
    """UID:GID of everybody with a directory of tmux sockets there, as a container's exec takes a user."""
    listed = place.run(["sh", "-c", 'ls -dn "${TMUX_TMPDIR:-/tmp}"/tmux-*'], timeout=PATIENCE).stdout.decode(
        "utf-8", "replace"
    )
    rows = [line.split() for line in listed.splitlines() if line.startswith("d")]
    # tmux itself uses such a directory only where its name tells its owner
    return tuple(f"{row[2]}:{row[3]}" for row in rows if len(row) > 8 and row[8].endswith(f"/tmux-{row[2]}"))


def new_session(place: Place, name: str, mark: str) -> None:
    """Make a session with nobody attached."""
    done = _run(place, f"exec {script(new_words(checked_name(name), mark, detached=True))}")
    if not done.ok:
        raise GpuwsError(f"tmux made no session {name!r}: {_said(done)}")


def kill_session(place: Place, name: str) -> None:
    """End a session and the programs in it. TargetError where none is called `name`, or has it as its id."""
    done = _run(place, f'{FIND}[ -n "$id" ] || exit {GONE}; exec {script(kill_words("$id"))}', name)
    if done.status == GONE:
        raise TargetError(missing(name), "it may have ended: gpuws tmux ls lists them")
    if not done.ok:
        raise GpuwsError(f"tmux ended no session {name!r}: {_said(done)}")


def checked_name(name: str) -> str:
    """UsageError unless tmux takes `name` as it is: it would change `:`, `.`, `\\` and `$x`, and read `$1` as an id."""
    if _takes(name):
        return name
    raise UsageError(f"{plain(name)!r} is no name for a tmux session", "use letters, digits, - and _, such as train-2")


def _takes(name: str) -> bool:
    return bool(NAME.match(name)) and not set("$\\") & set(name) and shows(name)


def missing(session: str) -> str:
    return f"there is no tmux session {plain(session)!r} there"


def _run(place: Place, steps: str, *words: str) -> Completed:
    done = place.run(["sh", "-c", GUARD + steps, "sh", *words], timeout=PATIENCE)
    _installed(done)
    return done


def _installed(done: Completed) -> None:
    if done.status == MISSING:
        raise NoTmux("tmux is not installed there", "install it there: apt-get install tmux")


def _said(done: Completed) -> str:
    return plain(done.stderr.decode("utf-8", "replace")) or f"status {done.status}"


def _session(line: str, panes: Sequence[Sequence[str]]) -> Session | None:
    """None for a line that is none. `panes`: the fields of all panes."""
    fields = line.split(":", 6)
    if len(fields) < 7 or not ID.match(fields[4]):
        return None
    windows, attached, created, activity = (_number(field) for field in fields[:4])
    own = [pane for pane in panes if pane[2] == fields[4]]
    return Session(
        name=known_as(fields[4], fields[5]),
        windows=windows or 1,
        attached=attached or 0,
        created=created,
        activity=activity,
        command=next((plain(command, 100) for active, _, _, command in own if active == "11"), None),
        panes=tuple(pid for pane in own[:MOST_PANES] if (pid := _number(pane[1]))),
        id=fields[4],
        mark=plain(fields[6], LONGEST_NAME) or None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
