"""Looking at what runs inside a container, and waiting for it."""

from __future__ import annotations

import time


def processes(bench, box):
    """Command lines inside, without the init, what it runs, and this look itself."""
    script = 'for p in /proc/[0-9]*; do IFS= read -r line <$p/cmdline || [ -n "$line" ] && echo "$line"; done'
    done = bench.engine.place(box, user="0").run(["bash", "-c", script])
    return done.stdout.decode(errors="replace").splitlines()


def until(condition, what, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def read_until(terminal, text):
    got = b""
    while text not in got:
        data = terminal.recv()
        assert data, got
        got += data
    return got
