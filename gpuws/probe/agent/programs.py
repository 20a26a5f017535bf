"""Programs of the host: where they lie, and what they print."""

import _signal as signal  # without the names of `signal`, which take half a megabyte
import os
import select
import time

PATIENCE = 5  # seconds, then a program that hangs is ended
LONGEST_OUTPUT = 1 << 20
KILLED = (9, 137 << 8)  # it, or what `timeout` watched, as waitpid tells it


class Programs:
    """Those on `path`; directories below `home` are looked at last, since they may hang."""

    def __init__(self, path, home):
        folders = [folder for folder in path.split(":") if folder.startswith("/")]
        self.folders = sorted(folders, key=lambda folder: folder.startswith(home.rstrip("/") + "/"))
        self.timeout = self.find("timeout")

    def find(self, name):
        """Where it lies; None where it is not."""
        for folder in self.folders:
            program = os.path.join(folder, name)
            if os.path.isfile(program) and os.access(program, os.X_OK):
                return program
        return None

    def output(self, words, environment=os.environ):
        """What a program prints; None where it does not end in time."""
        # coreutils' timeout ends it even where this agent dies first
        guard = [self.timeout, "-s", "KILL", str(PATIENCE)] if self.timeout else []
        reader, writer = os.pipe()
        try:
            child = spawn(guard + words, environment, writer)
        except OSError:
            os.close(reader)
            return ""
        finally:
            os.close(writer)
        deadline = time.monotonic() + PATIENCE + 1
        try:
            found = read_until(reader, deadline)
        finally:
            os.close(reader)
            status = ended(child, deadline)
        return None if found is None or status in KILLED else found.decode("utf-8", "replace")


def spawn(words, environment, out):
    """Start a program that reads nothing and prints to `out`: its pid."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        if hasattr(os, "posix_spawn"):  # which copies nothing of this process
            places = [(os.POSIX_SPAWN_DUP2, source, target) for target, source in enumerate((null, out, null))]
            return os.posix_spawn(words[0], words, environment, file_actions=places, setsigdef=[signal.SIGPIPE])
        child = os.fork()  # before Python 3.8
        if child == 0:
            replace_child(words, environment, (null, out, null))
        return child
    finally:
        os.close(null)


def replace_child(words, environment, places):
    try:
        for target, source in enumerate(places):
            os.dup2(source, target)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execve(words[0], words, environment)
    finally:
        os._exit(127)


def read_until(reader, deadline):
    """The last that comes until its end; None where that does not come by `deadline`."""
    held = b""
    while select.select([reader], [], [], max(deadline - time.monotonic(), 0))[0]:
        chunk = os.read(reader, 65536)
        if not chunk:
            return held
        held = (held + chunk)[-LONGEST_OUTPUT:]
    return None


def ended(child, deadline):
    """How a child ended, as waitpid tells it; it is killed at `deadline`."""
    pause = 0.001
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]
