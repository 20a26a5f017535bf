"""tmux's own command lines, as they run and as they are shown before. Pure.

`socket`: of the server that is meant (`-S`), "" for the one that tmux finds by itself."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.session.session import OWNER_OPTION
from gpuws.model.session.terminal import MyTerminal

TMUX = ("tmux", "-u")
NO_SESSION = 69
"""The status of a program that was to show a session which is not there, and was not to make it."""
STAYS = 4000
"""Milliseconds for which tmux shows how it is left."""

SHELL_OF_IMAGE = 'export SHELL="${SHELL:-$(command -v bash || command -v sh)}"; '
"""A step of a script: tmux asks for the shell there, then in /etc/passwd, where an image knows nobody of my uid."""
KEEP_ENVIRONMENT = (
    "start-server", ";",
    "if-shell", "-F", "#{default-command}", "", "set-option -g default-command 'exec \"$SHELL\"'", ";",
)  # fmt: skip
"""tmux's own default are login shells, whose /etc/profile resets the PATH of an image. Who set another one keeps it."""

NEWER = "case $v in 3.[2-9]*|3.1[0-9]*|[4-9].*|[1-9][0-9].*|next-*|master) new=1;; *) new=;; esac; "
"""A step of a script: from tmux' version `v`, whether it is 3.2 or newer, which takes `-T` and `display-message -d`."""


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
    name: str,
    mark: str,
    *,
    detached: bool = False,
    directory: str = "",
    argv: Sequence[str] = (),
    image: bool = False,
) -> list[str]:
    """A session that carries who made it (`Session.mark`). `name` is one that tmux takes as it is.

    `directory`: where it begins; one below "~" is for a shell to find, which goes there first. `argv`: what runs in it
    instead of a shell, as tmux takes it: one word is a line for the shell. Its pane stays when it has ended, so that
    one sees how. `image`: its shells have the environment of their container."""
    aim = ["-t", f"={name}:"] if detached else []  # else the one that was just entered is meant
    start = [*TMUX, *(KEEP_ENVIRONMENT if image else ())]
    made = [*start, "new-session", "-d" if detached else "-A", "-s", literal(name)]
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


def own_words(mark: str, *, detach_others: bool = False, mine: MyTerminal | None = None) -> list[str]:
    """The session that a container of mine keeps by itself, `main` where it has none yet, a shell where there is no
    tmux: in one program, because each costs a round trip. `mine`: the terminal that it is shown on; None: as one would
    type it."""
    shell = "command -v tmux >/dev/null || { command -v bash >/dev/null && exec bash || exec sh; }"
    first = "found=$(tmux -u list-sessions -F '#{session_id} #{version}' 2>/dev/null | head -n 1)"
    parts = "id=${found%% *} v=${found#* }"
    enter = f'[ -z "$id" ] || exec {shown_on(mine, attach_words("$id", detach_others=detach_others))}'
    make = SHELL_OF_IMAGE + make_on(mine, new_words("main", mark, image=True))
    return ["sh", "-c", f"{told_to_programs(mine)}{shell}; {first}; {parts}; {newer(mine)}{enter}; {make}"]


def kill_words(target: str, *, socket: str = "") -> list[str]:
    """`target` as in `attach_words`."""
    return [*server_words(socket), "kill-session", "-t", target]


def newer(mine: MyTerminal | None) -> str:
    """The step of a script that finds out what `shown_on` may ask of tmux."""
    return NEWER if mine else ""


def shown_on(mine: MyTerminal | None, words: list[str]) -> str:
    """A command that enters a session, as a line of a script: in the colours of my terminal, and with the keys that
    leave it under it for a while, where tmux can do so."""
    if mine is None:
        return script(words)
    colours = " ${new:+-TRGB}" if mine.truecolor else ""
    tells = f'";" display-message -d {STAYS} {shlex.quote(f"{leaves(mine)} · what runs goes on")}'
    return f"{script(words[:2])}{colours} {script(words[2:])} ${{new:+{tells}}}"


def make_on(mine: MyTerminal | None, words: list[str]) -> str:
    """As `shown_on`, where no server may run yet: its version is the program's."""
    asks = f"v=$(tmux -V); v=${{v#tmux }}; {newer(mine)}" if mine else ""
    return f"{asks}{told_to_programs(mine)}exec {shown_on(mine, words)}"


def told_to_programs(mine: MyTerminal | None) -> str:
    """The step of a script that tells what it starts of my terminal's colours."""
    return "".join(f"export {item}; " for item in mine.environment) if mine else ""


def leaves(mine: MyTerminal) -> str:
    """How a session is left, as tmux' own format: with the prefix that it has. A tmux around it takes the same prefix
    for itself once, and hands on the second."""
    prefix = "#{s/C-/ctrl-/:prefix}"
    again = f"#{{?#{{==:#{{prefix}},{mine.prefix}}},{prefix} ,}}" if mine.prefix else ""
    return f"{again}{prefix} d leaves"


def script(words: list[str]) -> str:
    """A command as a line of a script in which `$id` stands for a session."""
    return " ".join('"$id"' if word == "$id" else shlex.quote(word) for word in words)
