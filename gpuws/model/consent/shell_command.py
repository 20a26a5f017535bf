"""The plain command a verb stands for, in the words of the host's engine: shown before it runs, and copied. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.host.host import LOCAL
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session import gnu_screen, tmux
from gpuws.model.session.session import ID, Session
from gpuws.model.workspace.workspace import ACTIONS, Workspace

SHELL = ("/bin/sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi")
"""The best shell of a container."""


def filled(line: str, **fields: str) -> str:
    """A line of `Commands` with its fields, each quoted for a shell."""
    return line.format_map({name: shlex.quote(value) for name, value in fields.items()})


def act_command(
    action: str, container: Workspace, snapshot: HostSnapshot, *, force: bool = False, grace: float | None = None
) -> str:
    """What starts, stops, restarts, kills, pauses, removes or recreates it, as typed at the workstation: gpuws' own
    command where its engine has none. "" for what is no such act."""
    words = snapshot.caps_of(container).commands
    line = {
        "start": words.start,
        "stop": words.stop if grace is None else words.stop_within,
        "restart": words.restart if grace is None else words.restart_within,
        "kill": words.kill,
        "pause": words.pause,
        "unpause": words.unpause,
        "remove": words.remove_running if force else words.remove,
        "recreate": words.recreate_running if container.enterable else words.recreate,
    }.get(action, "")
    seconds = "" if grace is None else f"{grace:g}"
    if line:
        fields = {"name": container.name, "old": f"{container.name}.old", "image": container.oci.image}
        return on_host(snapshot.name, filled(line, **fields, grace=seconds))
    if action not in ACTIONS:
        return ""
    flags = [*(["-f"] if force else []), *(["--time", seconds] if seconds else [])]
    return by_gpuws(["rm" if action == "remove" else action, *flags], container.name, snapshot)


def rename_command(container: Workspace, snapshot: HostSnapshot, new: str) -> str:
    """What calls it otherwise, as typed at the workstation."""
    if line := snapshot.caps_of(container).commands.rename:
        return on_host(snapshot.name, filled(line, name=container.name, new=new))
    return f"{by_gpuws(['rename'], container.name, snapshot)} {shlex.quote(new)}"


def by_gpuws(words: Sequence[str], container: str, snapshot: HostSnapshot) -> str:
    """gpuws' own command, with the target as it is typed."""
    return shlex.join(["gpuws", *words, labelled(snapshot.name, container)])


def on_host(host: str, command: str, *, tty: bool = False) -> str:
    """`command` as typed at the workstation."""
    if host == LOCAL or not command:
        return command
    return shlex.join(["ssh", *(["-t"] if tty else []), host, command])


def shell_command(snapshot: HostSnapshot, container: str | None) -> str:
    """A shell on a host or in a container."""
    if container is not None:
        return in_place(snapshot, container, SHELL, tty=True)
    return "$SHELL -l" if snapshot.name == LOCAL else shlex.join(["ssh", snapshot.name])


def in_place(
    snapshot: HostSnapshot, container: str | None, words: Sequence[str], *, tty: bool = False, root: bool = False
) -> str:
    """A program on a host or in one of its containers, as typed at the workstation: gpuws' own command where the engine
    has none. `root`: as root of the container."""
    line = " ".join(_quoted(word) for word in words)
    if container is None:
        return on_host(snapshot.name, line, tty=tty)
    known = snapshot.caps_named(container).commands
    before = known.as_root if root else known.on_tty if tty else known.inside
    if not before:
        flags = [*(["-it"] if tty else []), *(["-u", "0"] if root else [])]
        return f"{by_gpuws(['exec', *flags], container, snapshot)} -- {line}"
    return on_host(snapshot.name, f"{filled(before, name=container)} {line}", tty=tty)


def kill_session_command(snapshot: HostSnapshot, session: Session) -> str:
    """The end of a tmux session, or of one of GNU screen's."""
    if session.program == "screen":
        return in_place(snapshot, session.container, gnu_screen.kill_words(session.id))
    return in_place(snapshot, session.container, tmux.kill_words(session.id, socket=session.socket))


def rename_session_command(snapshot: HostSnapshot, session: Session, name: str) -> str:
    """Another name for one."""
    if session.program == "screen":
        return in_place(snapshot, session.container, gnu_screen.rename_words(session.id, name))
    return in_place(snapshot, session.container, tmux.rename_words(session.id, name, socket=session.socket))


def detach_command(snapshot: HostSnapshot, session: Session) -> str:
    """Everybody out of one."""
    if session.program == "screen":
        return in_place(snapshot, session.container, gnu_screen.detach_words(session.id))
    return in_place(snapshot, session.container, tmux.detach_words(session.id, socket=session.socket))


def new_session_command(
    snapshot: HostSnapshot, container: str | None, name: str, directory: str = "", argv: Sequence[str] = ()
) -> str:
    """A new one; gpuws' own command where a shell there finds the directory."""
    if directory.startswith("~"):
        target = f"{labelled(snapshot.name, container)}:{name}"
        return shlex.join(["gpuws", "tmux", "new", target, "-c", directory, *(["--", *argv] if argv else [])])
    words = tmux.new_words(name, snapshot.me.mark, detached=True, directory=directory, argv=argv)
    return in_place(snapshot, container, words)


def _quoted(word: str) -> str:
    """`\\$3` and `\\;` for what tmux is given often: quotes in quotes can't be read."""
    return f"\\{word}" if word == ";" or ID.match(word) else shlex.quote(word)
