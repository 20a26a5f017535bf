"""A tmux server of a test's own, and what its terminals draw."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gpuws.tmux.listing import list_sessions

HOW = "#{pane_dead_status}#{pane_dead_signal}"
SWEEP = 'cat; find "$0" -type s -exec tmux -S {} kill-server \\; 2>/dev/null'


@contextmanager
def swept(folder: Path | str) -> Iterator[None]:
    """Ends the tmux servers whose sockets lie in it with the block, or with this process, however that ends."""
    broom = subprocess.Popen(["sh", "-c", SWEEP, str(folder)], stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        broom.communicate()


def tmux(place, *words):
    """What tmux says there."""
    done = place.run(["tmux", "-u", *words])
    assert done.ok, done.stderr
    return done.stdout.decode()


def drawn(terminal, text):
    """Read until tmux has drawn `text`."""
    seen = b""
    while text not in seen:
        chunk = terminal.recv()
        assert chunk, f"tmux ended: {seen!r}"
        seen += chunk


def all_told(place, count):
    """Wait until tmux knows how the programs of so many panes ended.

    A child that ends while libutempter runs its helper ends unheard: that library takes SIGCHLD from tmux meanwhile
    (seen with tmux 3.3a: the child stays a zombie). The next child's end, here that of `run-shell`, brings both.
    """
    told = f"[ $(tmux list-panes -a -F '{HOW}' | grep -c .) = {count} ]"
    place.run(["sh", "-c", f"until {told}; do tmux run-shell true; sleep 0.02; done"])


def listed(place):
    """Its sessions, without those at servers of other tests."""
    own = place.env.get("TMUX_TMPDIR") or "/"
    return tuple(
        one for one in list_sessions(place) if one.program == "tmux" and (not one.socket or one.socket.startswith(own))
    )
