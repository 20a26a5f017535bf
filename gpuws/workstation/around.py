"""What is around this terminal: the colours that it shows, and the tmux that it is a window of."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gpuws.model.session.terminal import MyTerminal

DUMB = "dumb"
USUAL = "C-b"
LONGEST = 12  # characters of a prefix that is believed


def my_terminal() -> MyTerminal:
    from gpuws.model.session.terminal import MyTerminal

    return MyTerminal(truecolor(), prefix_around())


def truecolor() -> bool:
    """It shows 24-bit colours, as terminals say that do."""
    return os.environ.get("COLORTERM", "") in ("truecolor", "24bit") or os.environ.get("TERM", "").endswith("-direct")


def in_tmux() -> bool:
    return bool(os.environ.get("TMUX"))


def prefix_around() -> str:
    """The prefix of the tmux around it; "" where there is none. tmux' usual one where it does not say."""
    if not in_tmux():
        return ""
    said = _output(["tmux", "display-message", "-p", "#{prefix}"]).strip()
    return said if said.replace("-", "").isalnum() and len(said) <= LONGEST else USUAL


def _output(argv: list[str]) -> str:
    """Without what a module for processes takes to load: attaching is done in a blink."""
    read, write = os.pipe()
    try:
        actions = [(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read), (os.POSIX_SPAWN_CLOSE, write)]
        child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    except OSError:
        os.close(write)
        os.close(read)
        return ""
    os.close(write)
    said = os.read(read, 256)
    os.close(read)
    os.waitpid(child, 0)
    return said.decode("ascii", "replace")
