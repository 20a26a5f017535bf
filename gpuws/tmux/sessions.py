"""List, make and end tmux sessions, on a host or in a container, by tmux's own commands."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.session import NAME, OWNER_OPTION, Session
from gpuws.model.terminal import Completed
from gpuws.model.text import plain

DETACH = "ctrl-b d leaves, what runs goes on (tmux's usual keys)"
MARK = "gpuws-tmux"
MISSING = 127
PATIENCE = 10.0  # seconds
MOST_SESSIONS, MOST_PANES = 256, 256
LONGEST_NAME = 200
# tmux allows no `:` in a session's name, so that it can part fields; what may hold one stands last.
SESSION_FIELDS = (
    "#{session_windows}:#{session_attached}:#{session_created}:#{session_activity}:#{session_name}:"
    f"#{{{OWNER_OPTION}}}"
)
PANE_FIELDS = "#{window_active}#{pane_active}:#{pane_pid}:#{session_name}:#{pane_current_command}"
# What a shell's start files print stands in front of the mark.
GUARD = f"command -v tmux >/dev/null 2>&1 || exit {MISSING}; echo {MARK}; "


OWN = (
    "command -v tmux >/dev/null 2>&1 || { command -v bash >/dev/null 2>&1 && exec bash || exec sh; }; "
    "name=$(tmux -u list-sessions -F '#{session_name}' 2>/dev/null | head -n 1); "
    '[ -z "$name" ] || exec tmux -u attach-session -t "=$name"; '
    "exec tmux -u new-session -A -s main"
)


class NoTmux(GpuwsError):
    """There is none in that place, which does not change while one looks on."""


def list_sessions(place: Place) -> tuple[Session, ...]:
    """All sessions of the user in that place; none where no server runs. NoTmux where there is no tmux."""
    script = (
        GUARD + f"tmux -u list-sessions -F '{SESSION_FIELDS}'; echo {MARK}; tmux -u list-panes -a -F '{PANE_FIELDS}'"
    )
    done = place.run(["sh", "-c", script], timeout=PATIENCE)
    _installed(done)
    _, _, out = done.stdout.decode("utf-8", "replace").partition(MARK + "\n")
    sessions, _, listed = out.partition(MARK + "\n")
    panes = [row for line in listed.splitlines() if len(row := line.split(":", 3)) == 4]
    found = (_session(line, panes) for line in sessions.splitlines()[:MOST_SESSIONS])
    return tuple(session for session in found if session is not None)


def attach_argv(session: str) -> list[str]:
    """The program that shows `session` on a PTY, making it where it is missing. Exactly that name, no prefix of it."""
    return ["tmux", "-u", "new-session", "-A", "-s", _literal(checked_name(session))]


def own_argv() -> list[str]:
    """The session that a place keeps by itself, `main` where it has none yet, a shell where there is no tmux: in one
    program, because each costs a round trip."""
    return ["sh", "-c", OWN]


def view_argv(session: str) -> list[str]:
    """The same without a say: keys do nothing there; a missing session is an error."""
    return ["tmux", "-u", "attach-session", "-r", "-t", _target(session)]


def new_session(place: Place, name: str) -> None:
    """Make a session with nobody attached."""
    done = _tmux(place, ["new-session", "-d", "-s", _literal(checked_name(name))])
    if not done.ok:
        raise GpuwsError(f"tmux made no session {name!r}: {_said(done)}")


def kill_session(place: Place, name: str) -> None:
    """End a session and the programs in it."""
    done = _tmux(place, ["kill-session", "-t", _target(name)])
    if not done.ok:
        raise GpuwsError(f"tmux ended no session {name!r}: {_said(done)}")


def checked_name(name: str) -> str:
    """UsageError unless tmux takes `name` as it is: it would change `:`, `.`, `\\` and `$x`, and read `$1` as an id."""
    if NAME.match(name) and len(name) <= LONGEST_NAME and not set("$\\") & set(name) and plain(name) == name:
        return name
    raise UsageError(f"{plain(name)!r} is no name for a tmux session", "use letters, digits, - and _, such as train-2")


def _literal(name: str) -> str:
    """tmux expands `#` in the name of a new session, and would run the program in `#(…)`."""
    return name.replace("#", "##")


def _target(name: str) -> str:
    """`=`: exactly this name, not one that begins with it or matches it as a pattern."""
    return "=" + checked_name(name)


def _tmux(place: Place, words: Sequence[str]) -> Completed:
    done = place.run(["sh", "-c", GUARD + 'exec tmux -u "$@"', "sh", *words], timeout=PATIENCE)
    _installed(done)
    return done


def _installed(done: Completed) -> None:
    if done.status == MISSING:
        raise NoTmux("tmux is not installed there", "install it there: apt-get install tmux")


def _said(done: Completed) -> str:
    return plain(done.stderr.decode("utf-8", "replace")) or f"status {done.status}"


def _session(line: str, panes: Sequence[Sequence[str]]) -> Session | None:
    """None for a line that is none, and for a name that could not be given back to tmux as it was shown.

    `panes`: the fields of all panes."""
    fields = line.split(":", 5)
    if len(fields) < 6 or not NAME.match(fields[4]) or plain(fields[4], LONGEST_NAME) != fields[4]:
        return None
    windows, attached, created, activity = (_number(field) for field in fields[:4])
    own = [pane for pane in panes if pane[2] == fields[4]]
    return Session(
        name=fields[4],
        windows=windows or 1,
        attached=attached or 0,
        created=created,
        activity=activity,
        command=next((plain(command, 100) for active, _, _, command in own if active == "11"), None),
        panes=tuple(pid for pane in own[:MOST_PANES] if (pid := _number(pane[1]))),
        mark=plain(fields[5], LONGEST_NAME) or None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
