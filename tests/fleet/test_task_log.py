"""A task's log: how it began and how it ended stay, on the disk as in memory."""

import threading

import pytest

from gpuws.fleet.background import log
from gpuws.fleet.background.log import TaskLog
from gpuws.fleet.background.store import NoStore
from gpuws.keeper.server.task_files import TaskFiles
from gpuws.model.placement.plan import Progress
from gpuws.model.task_log import lines_of
from gpuws.model.workspace.image import LayerProgress
from gpuws.model.workspace.logs import LogWindow


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(log, "FIRST", 3)
    monkeypatch.setattr(log, "NEWEST", 4)


def text(task_log, **window):
    return b"".join(iter(task_log.read(LogWindow(**window)).recv, b"")).decode().splitlines()


@pytest.mark.parametrize("count", [1, 7, 8, 40])
def test_first_and_newest_lines_stay(tmp_path, count):
    store = TaskFiles(tmp_path)
    kept = TaskLog(store, "1")
    for number in range(count):
        kept.write([str(number)], 1.0)
    every = [str(number) for number in range(count)]
    expected = every if count <= 7 else [*every[:3], f"… {count - 7} lines are left out here", *every[-4:]]
    assert text(kept, tail=None) == expected
    assert text(kept, tail=2) == every[-2:]
    assert len(store.log("1")) <= 3 + 2 * 4
    kept.end()
    assert text(kept, tail=None) == expected
    assert text(TaskLog(store, "1", begun=True), tail=2) == every[-2:]


def test_one_who_reads_along_misses_nothing_that_stays():
    kept, read = TaskLog(NoStore(), "1"), []
    stream = kept.read(LogWindow(follow=True, tail=None))
    reader = threading.Thread(target=lambda: read.extend(iter(stream.recv, b"")))
    reader.start()
    for number in range(6):
        kept.write([str(number)], 1.0)
    kept.end()
    reader.join(20)
    assert b"".join(read).decode().split() == ["0", "1", "2", "3", "4", "5"]


def test_closing_frees_who_reads():
    stream = TaskLog(NoStore(), "1").read(LogWindow(follow=True))
    reader = threading.Thread(target=stream.recv)
    reader.start()
    stream.close()
    reader.join(20)
    assert not reader.is_alive()


def test_layers_speak_when_they_enter_a_phase():
    def step(phase, current):
        return Progress("pulling", "x", layers=(LayerProgress("abcdef", phase, current, 2048),))

    first, more, done = step("downloading", 1), step("downloading", 900), step("done", 2048)
    assert list(lines_of(None, first)) == ["pulling", "layer abcdef: downloading 2K"]
    assert list(lines_of(first, more)) == []
    assert list(lines_of(more, done)) == ["layer abcdef: done 2K"]
    assert list(lines_of(done, Progress("creating", "box"))) == ["creating box"]
    assert list(lines_of(None, Progress("building", "Step 1/2"))) == ["Step 1/2"]
