"""Threads that are kept a while."""

import threading
import time

import pytest

from gpuws.link.forward import workers
from gpuws.link.forward.workers import Workers


def test_all_run_at_once_and_their_threads_serve_again():
    pool, together, seen = Workers(), threading.Barrier(21), set()

    def work() -> None:
        seen.add(threading.current_thread())
        together.wait(10)

    for _ in range(3):
        for _ in range(20):
            pool.do(work)
        together.wait(10)
        deadline = time.monotonic() + 30
        while pool._free < 20:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    assert len(seen) == 20


def test_a_thread_without_work_ends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers, "KEPT", 0.01)
    pool, seen = Workers(), []
    pool.do(lambda: seen.append(threading.current_thread()))
    deadline = time.monotonic() + 30
    while not seen or seen[0].is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert pool._free == 0
    pool.do(lambda: seen.append(threading.current_thread()))
    while len(seen) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.001)
