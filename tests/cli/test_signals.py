"""Being ended by a signal, wherever the main thread is. What is undone then: test_handover, tests/tui/test_signals."""

from __future__ import annotations

import signal
import subprocess
import sys

PROGRAM = """
import signal, threading
from gpuws.cli.toolkit.signals import endable

def other():
    waiting.acquire()
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()

waiting, never = threading.Lock(), threading.Lock()
waiting.acquire()
never.acquire()
threading.Thread(target=other, daemon=True).start()
with endable():
    try:
        waiting.release()
        never.acquire()
    finally:
        print("undone", flush=True)
"""


def test_a_signal_that_came_to_another_thread_ends_us() -> None:
    """As the kernel may give it where several come at once; the main thread sleeps on."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, b"undone\n")
