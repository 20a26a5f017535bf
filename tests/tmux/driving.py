"""A tmux server of a test's own, and what its terminals draw."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gpuws.tmux.listing import list_sessions

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


def listed(place):
    """Its sessions, without those at servers of other tests."""
    own = place.env.get("TMUX_TMPDIR") or "/"
    return tuple(
        one for one in list_sessions(place) if one.program == "tmux" and (not one.socket or one.socket.startswith(own))
    )
