"""`python -m gpuws.keeper CONFIG_DIR LOCK [--readonly]`: started by `dialer.start_keeper`, which holds the lock LOCK.

It returns when the socket stands; the keeper itself goes on as a process of its own, without a terminal."""

from __future__ import annotations

import os
import socket
import sys

from gpuws.config.paths import find_paths
from gpuws.keeper.home import Home, find_home, listen, sign_lock


def main(arguments: list[str]) -> None:
    from pathlib import Path

    home = find_home(find_paths(Path(arguments[0]), os.environ), readonly="--readonly" in arguments)
    os.umask(0o077)
    lock = int(arguments[1])
    os.set_inheritable(lock, False)  # a program that outlives the keeper must not hold its lock
    listener = listen(home)
    if os.fork():
        os._exit(0)  # whoever started us may connect now
    os.setsid()
    sign_lock(lock)
    keep(home, listener)


def keep(home: Home, listener: socket.socket) -> None:
    """The keeper's life. The lock is an inherited descriptor, held until the process is gone."""
    import logging
    import signal

    from gpuws.keeper.log import log_to
    from gpuws.keeper.server.backend import UserBackend
    from gpuws.keeper.server.connection import Connection
    from gpuws.keeper.server.server import Server

    close_memory()
    log_to(home.log, logging.INFO)
    sys.setswitchinterval(SWITCH_INTERVAL)
    server = Server(home, listener, lambda: UserBackend(home), Connection)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.retire())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server.run()
    os._exit(0)  # without waiting for threads that a hung host holds


def close_memory() -> None:
    """Unlocked keys and tokens live here: no core file, and no debugger of another program of the user, gets them."""
    import contextlib
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # prctl(2) is Linux's
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


PR_SET_DUMPABLE = 4
SWITCH_INTERVAL = 0.001  # seconds: an echo must not wait long for other threads' Python

if __name__ == "__main__":
    main(sys.argv[1:])
