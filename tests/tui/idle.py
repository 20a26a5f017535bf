"""When the app has nothing left to do: seen in its loop and threads, not by the clock."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

PAUSE = 0.002
"""Seconds between two looks: the threads' turn."""
SOON = 0.02
"""Seconds: a timer that is due by then is waited for, above all the one that paints a screen, 60 times a second."""
TASKS = Path("/proc/self/task")


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """In place of Textual's, which sleeps 20 ms, and again until the process used less than 1 ms of them: on a busy
    machine that is so while a thread or the loop still waits for its turn, and on any machine it is most of what a test
    takes. Here nothing may wait for its turn, twice in a row."""
    loop = asyncio.get_running_loop()
    begun, quiet = loop.time(), 0
    while loop.time() < begun + max_sleep:
        used = time.process_time()
        await asyncio.sleep(max(PAUSE, _next_timer(loop)))
        still = not loop._ready and not _next_timer(loop) and not _threads_work(time.process_time() - used)
        quiet = quiet + 1 if still else 0
        if quiet == 2 and loop.time() >= begun + min_sleep:
            return


def _next_timer(loop: asyncio.AbstractEventLoop) -> float:
    """Seconds until the next one is due, if that is soon; else 0."""
    left = [timer.when() - loop.time() for timer in loop._scheduled if not timer.cancelled()]
    return max(min(left), 0.0001) if left and min(left) < SOON else 0.0


def _threads_work(used: float) -> bool:
    """Whether one of them wants the processor. `used`: what the process had of it while the loop slept."""
    if used > PAUSE / 4:
        return True
    here = str(threading.get_native_id())
    return any(_state(thread) in "RD" for thread in TASKS.iterdir() if thread.name != here)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has ended
        return "X"
