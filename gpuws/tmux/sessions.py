"""Make, enter and end tmux sessions, on a host or in a container, by tmux's own commands."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.session import gnu_screen
from gpuws.model.session.session import NAME, Session, shows
from gpuws.model.session.terminal import Completed, MyTerminal
from gpuws.model.session.tmux import (
    NO_SESSION,
    SHELL_OF_IMAGE,
    attach_words,
    detach_words,
    kill_words,
    make_on,
    new_words,
    newer,
    rename_words,
    script,
    shown_on,
)
from gpuws.model.text import plain
from gpuws.tmux.listing import MARK, MISSING, PATIENCE, no_tmux

NOWHERE = 70
# What a shell's start files print stands in front of the mark.
GUARD = f"command -v tmux >/dev/null 2>&1 || exit {MISSING}; echo {MARK}; "
# At another server than the usual one all that is said to tmux goes there.
_AT = 'tmux() {{ command tmux -S {socket} "$@"; }}; '
# Puts the id of the session that is called $1 into `id`, or $1 itself where that is an id and nobody's name, and the
# server's version into `v`. It is looked for there and then: one that was listed may have ended, and its id be
# another's since.
FIND = (
    "id= v=; IFS='\n'; set -f; "
    "for line in $(tmux -u list-sessions -F '#{version}:#{session_id}:#{session_name}' 2>/dev/null); do "
    "v=${line%%:*} line=${line#*:}; "
    '[ "${line%%:*}" != "$1" ] || id=${id:-$1}; [ "${line#*:}" != "$1" ] || id=${line%%:*}; done; unset IFS; '
)
# In the directory $1, where that is one; "~" is my home, as a shell has it. A session begins where it was made.
_IN = (
    f'case $1 in "~"|"~/"*) set -- "$HOME${{1#"~"}}" ;; esac; [ -z "$1" ] || cd -- "$1" 2>/dev/null || exit {NOWHERE}; '
)


def at(socket: str) -> str:
    """Before steps that are for the server at `socket`; "" is the usual one."""
    return _AT.format(socket=shlex.quote(socket)) if socket else ""


def attach_argv(
    session: str,
    mark: str,
    mine: MyTerminal = MyTerminal(),  # noqa: B008 - frozen
    *,
    detach_others: bool = False,
    make: bool = True,
    image: bool = False,
) -> list[str]:
    """The program that shows `session` on a PTY, on `mine`. Where it is missing it is made, as tmux takes such a name;
    else the program ends with NO_SESSION. `make`: not wanted, it says nothing of it. `image`: as `new_words` has it."""
    enter = f'[ -z "$id" ] || exec {shown_on(mine, attach_words("$id", detach_others=detach_others))}; '
    found = f"{FIND}{newer(mine)}{enter}"
    if not make:
        return ["sh", "-c", f"{found}exit {NO_SESSION}", "sh", session]
    if _takes(session):
        shell = SHELL_OF_IMAGE if image else ""
        return ["sh", "-c", f"{found}{shell}{make_on(mine, new_words(session, mark, image=image))}", "sh", session]
    return ["sh", "-c", f"{found}printf '%s\\n' \"$2\" >&2; exit {NO_SESSION}", "sh", session, missing(session)]


def owners(place: Place) -> tuple[str, ...]:
    """UID:GID of everybody with a directory of tmux sockets there, as a container's exec takes a user."""
    listed = place.run(["sh", "-c", 'ls -dn "${TMUX_TMPDIR:-/tmp}"/tmux-*'], timeout=PATIENCE).stdout.decode(
        "utf-8", "replace"
    )
    rows = [line.split() for line in listed.splitlines() if line.startswith("d")]
    # tmux itself uses such a directory only where its name tells its owner
    return tuple(f"{row[2]}:{row[3]}" for row in rows if len(row) > 8 and row[8].endswith(f"/tmux-{row[2]}"))


def new_session(
    place: Place, name: str, mark: str, *, directory: str = "", argv: Sequence[str] = (), image: bool = False
) -> None:
    """Make a session with nobody attached. TargetError where there is no such `directory`, as tmux would take another
    one. `image`: as `new_words` has it."""
    words = new_words(checked_name(name), mark, detached=True, directory=directory, argv=argv, image=image)
    done = _run(place, f"{SHELL_OF_IMAGE if image else ''}{_IN}exec {shlex.join(words)}", directory)
    if done.status == NOWHERE:
        raise TargetError(f"there is no directory {plain(directory)} there", "name one that is there, from / or ~")
    if not done.ok:
        raise GpuwsError(f"tmux made no session {name!r}: {_said(done)}")


def enter_argv(
    session: Session,
    mine: MyTerminal = MyTerminal(),  # noqa: B008 - frozen
    *,
    detach_others: bool = False,
) -> list[str]:
    """The program that shows a session which is listed on a PTY, `mine`, wherever its server listens; nothing is made:
    it ends with NO_SESSION where the session has ended."""
    if session.program == "screen":
        return gnu_screen.attach_words(session.id, detach_others=detach_others)
    entered = shown_on(mine, attach_words("$id", detach_others=detach_others, socket=session.socket))
    steps = f'{at(session.socket)}{FIND}{newer(mine)}[ -z "$id" ] || exec {entered}; exit {NO_SESSION}'
    return ["sh", "-c", steps, "sh", session.own_name]


def kill_session(place: Place, session: Session) -> None:
    """End a session and the programs in it."""
    _change(place, session, kill_words, gnu_screen.kill_words(session.id), "ended no session")


def rename_session(place: Place, session: Session, name: str) -> None:
    """Call it otherwise. UsageError where tmux takes no such name."""
    new = checked_name(name)

    def words(target: str, *, socket: str) -> list[str]:
        return rename_words(target, new, socket=socket)

    _change(place, session, words, gnu_screen.rename_words(session.id, new), "renamed no session")


def detach_clients(place: Place, session: Session) -> None:
    """Everybody out of it."""
    _change(place, session, detach_words, gnu_screen.detach_words(session.id), "detached nobody from session")


def _change(place: Place, session: Session, tmux: Callable[..., list[str]], screen: Sequence[str], failed: str) -> None:
    """Done to the one that is called so now. TargetError where none is called so any more, or has it as its id."""
    if session.program == "screen":
        done = place.run(list(screen), timeout=PATIENCE)
    else:
        words = tmux("$id", socket=session.socket)
        steps = f'{at(session.socket)}{FIND}[ -n "$id" ] || exit {NO_SESSION}; exec {script(words)}'
        done = _run(place, steps, session.own_name)
    if done.status == NO_SESSION:
        raise TargetError(missing(session.name), "it may have ended: gpuws tmux ls lists them")
    if not done.ok:
        raise GpuwsError(f"{session.program} {failed} {session.name!r}: {_said(done)}")


def checked_name(name: str) -> str:
    """UsageError unless tmux takes `name` as it is: it would change `:`, `.`, `\\` and `$x`, and read `$1` as an id."""
    if _takes(name):
        return name
    raise UsageError(f"{plain(name)!r} is no name for a tmux session", "use letters, digits, - and _, such as train-2")


def _takes(name: str) -> bool:
    return bool(NAME.match(name)) and not set("$\\") & set(name) and shows(name)


def missing(session: str) -> str:
    return f"there is no tmux session {plain(session)!r} there"


def scripted(place: Place, steps: str, *words: str) -> str:
    """What a script of ours says there; NoTmux where there is no tmux."""
    done = _run(place, steps, *words)
    return done.stdout.decode("utf-8", "replace").partition(MARK + "\n")[2]


def _run(place: Place, steps: str, *words: str) -> Completed:
    done = place.run(["sh", "-c", GUARD + steps, "sh", *words], timeout=PATIENCE)
    _installed(done)
    return done


def _installed(done: Completed) -> None:
    if done.status == MISSING:
        raise no_tmux()


def _said(done: Completed) -> str:
    return plain(done.stderr.decode("utf-8", "replace")) or f"status {done.status}"
