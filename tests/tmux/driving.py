"""A tmux server of a test's own, and what its terminals draw."""

from gpuws.tmux.listing import list_sessions


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
