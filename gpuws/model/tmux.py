"""tmux's own command lines, as they run and as they are shown before. Pure."""

from __future__ import annotations

from gpuws.model.session import OWNER_OPTION

TMUX = ("tmux", "-u")


def attach_words(target: str) -> list[str]:
    """Into the session. `target`: its id, as a name would be read as a pattern: `%5` is a pane."""
    return [*TMUX, "attach-session", "-t", target]


def new_words(name: str, mark: str, *, detached: bool = False) -> list[str]:
    """A session that carries who made it (`Session.mark`). `name` is one that tmux takes as it is."""
    aim = ["-t", f"={name}:"] if detached else []  # else the one that was just entered is meant
    made = [*TMUX, "new-session", "-d" if detached else "-A", "-s", name.replace("#", "##")]  # `#(…)` would be run
    return [*made, ";", "set-option", *aim, OWNER_OPTION, mark]


def kill_words(target: str) -> list[str]:
    """`target` as in `attach_words`."""
    return [*TMUX, "kill-session", "-t", target]
