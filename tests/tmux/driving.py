"""A tmux server of a test's own, and what its terminals draw."""


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
