"""tmux's own command lines, as they run and as they are shown before. Pure.

`socket`: of the server that is meant (`-S`), "" for the one that tmux finds by itself."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.session.session import OWNER_OPTION

TMUX = ("tmux", "-u")


def server_words(socket: str) -> tuple[str, ...]:
    """tmux, at one of its servers."""
    return (*TMUX, "-S", socket) if socket else TMUX


def attach_words(target: str, *, detach_others: bool = False, socket: str = "") -> list[str]:
    """Into the session. `target`: its id, as a name would be read as a pattern: `%5` is a pane."""
    return [*server_words(socket), "attach-session", *(["-d"] if detach_others else []), "-t", target]


def visit_words(target: str, *, detach_others: bool = False, socket: str = "") -> list[str]:
    """Into somebody else's session, to write: its environment stays, and no server is started."""
    return [*server_words(socket), "attach-session", "-E", *(["-d"] if detach_others else []), "-t", target]


def look_words(target: str) -> list[str]:
    """On a session, without a say in what it shows and in how large (tmux 3.2 and newer)."""
    return [*TMUX, "-N", "attach-session", "-E", "-f", "read-only,ignore-size", "-t", target]


def new_words(
    name: str, mark: str, *, detached: bool = False, directory: str = "", argv: Sequence[str] = ()
) -> list[str]:
    """A session that carries who made it (`Session.mark`). `name` is one that tmux takes as it is.

    `directory`: where it begins; one below "~" is for a shell to find, which goes there first. `argv`: what runs in it
    instead of a shell, as tmux takes it: one word is a line for the shell. Its pane stays when it has ended, so that
    one sees how."""
    aim = ["-t", f"={name}:"] if detached else []  # else the one that was just entered is meant
    made = [*TMUX, "new-session", "-d" if detached else "-A", "-s", literal(name)]
    made += ["-c", literal(directory)] if directory and not directory.startswith("~") else []
    stays = [";", "set-option", "-w", *aim, "remain-on-exit", "on"] if argv else []
    return [*made, *argv, ";", "set-option", *aim, OWNER_OPTION, mark, *stays]


def rename_words(target: str, name: str, *, socket: str = "") -> list[str]:
    """`target` as in `attach_words`."""
    return [*server_words(socket), "rename-session", "-t", target, literal(name)]


def detach_words(target: str, *, socket: str = "") -> list[str]:
    """Everybody out of a session; what runs in it goes on. `target` as in `attach_words`."""
    return [*server_words(socket), "detach-client", "-s", target]


def literal(text: str) -> str:
    """What tmux takes for a format, so that it means itself: `#(…)` would be run."""
    return text.replace("#", "##")


def own_words(mark: str, *, detach_others: bool = False) -> list[str]:
    """The session that a place of mine keeps by itself, `main` where it has none yet, a shell where there is no tmux:
    in one program, because each costs a round trip."""
    shell = "command -v tmux >/dev/null || { command -v bash >/dev/null && exec bash || exec sh; }"
    first = "id=$(tmux -u list-sessions -F '#{session_id}' 2>/dev/null | head -n 1)"
    enter = f'[ -z "$id" ] || exec {script(attach_words("$id", detach_others=detach_others))}'
    return ["sh", "-c", f"{shell}; {first}; {enter}; exec {script(new_words('main', mark))}"]


def kill_words(target: str, *, socket: str = "") -> list[str]:
    """`target` as in `attach_words`."""
    return [*server_words(socket), "kill-session", "-t", target]


def script(words: list[str]) -> str:
    """A command as a line of a script in which `$id` stands for a session."""
    return " ".join('"$id"' if word == "$id" else shlex.quote(word) for word in words)
