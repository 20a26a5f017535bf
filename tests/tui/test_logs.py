"""The log screen: a stream read in a thread, bounded, filtered, followed."""

import queue

import pytest

from gpuws.model.errors import Unreachable
from gpuws.tui.logs import reader as log_reader
from gpuws.tui.logs.reader import LogReader
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab


class Pipe:
    """A Stream that a test writes to."""

    def __init__(self):
        self.data = queue.Queue()
        self.closed = False
        self.taken = 0

    def write(self, text):
        self.data.put(text.encode())

    def recv(self, limit=65536):
        data = self.data.get()
        self.taken += 1
        if isinstance(data, Exception):
            raise data
        return data

    def close(self):
        self.closed = True
        self.data.put(b"")


@pytest.fixture
def pipe():
    pipe = Pipe()
    yield pipe
    pipe.close()


async def opened(fleet, pipe, app, pilot):
    fleet.inspected["stream"] = pipe
    await pilot.press("l")
    await pilot.until(lambda: type(app.screen).__name__ == "LogScreen")


async def test_a_log_is_followed_and_progress_is_one_line(pipe):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        pipe.write("epoch 1\n" + "".join(f"\r{p}%" for p in range(99)))
        await pilot.until(lambda: "98%" in text(app))
        assert "97%" not in text(app)
        assert "following" in text(app)
        pipe.write("\n" + "".join(f"line {n}\n" for n in range(200)))
        await pilot.until(lambda: "line 199" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: pipe.closed)


async def test_scrolling_up_pauses_and_the_end_resumes(pipe):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        pipe.write("".join(f"line {n}\n" for n in range(200)))
        await pilot.until(lambda: "line 199" in text(app))
        await pilot.press("k", "k")
        await pilot.until(lambda: "paused" in text(app))
        pipe.write("new one\n")
        await pilot.until(lambda: app.screen.view.matches == 201)
        assert "new one" not in text(app)
        await pilot.press("G")
        await pilot.until(lambda: "new one" in text(app) and "following" in text(app))
        await pilot.press("s")
        await pilot.until(lambda: "paused" in text(app))


async def test_the_view_stays_on_its_text_when_old_lines_fall_off(pipe):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        app.screen._buffer.limit = 300
        pipe.write("".join(f"line {n:04}\n" for n in range(300)))
        await pilot.until(lambda: "line 0299" in text(app))
        await pilot.press("ctrl+u")
        top = text(app).split("\n")[1].strip()
        pipe.write("".join(f"line {n:04}\n" for n in range(300, 350)))
        await pilot.until(lambda: app.screen._buffer.dropped == 50)
        await pilot.until(lambda: text(app).split("\n")[1].strip() == top)


async def test_filter_and_wrap(pipe):
    fleet = lab()
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        pipe.write("loss 1\n" + "x" * 200 + "\nEpoch 2\n")
        await pilot.until(lambda: "Epoch 2" in text(app))
        assert text(app).count("xxxx") > 2
        await pilot.press("w")
        await pilot.until(lambda: "…" in text(app))
        await pilot.press("slash")
        await say(pilot, "epoch")
        await pilot.until(lambda: "loss" not in text(app) and "Epoch 2" in text(app))
        await pilot.press("enter", "escape")
        await pilot.until(lambda: "loss 1" in text(app))


async def test_timestamps_read_the_log_anew(pipe):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        await pilot.until(lambda: fleet.named("logs"))
        fleet.inspected["stream"] = Pipe()
        await pilot.press("t")
        await pilot.until(lambda: len(fleet.named("logs")) == 2)
        assert [call[2].timestamps for call in fleet.named("logs")] == [False, True]


async def test_a_broken_log_says_so(pipe):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await opened(fleet, pipe, app, pilot)
        pipe.data.put(Unreachable("the link is lost", "ctrl+r"))
        await pilot.until(lambda: "ended" in text(app))
        await pilot.until(lambda: any("the link is lost — ctrl+r" in toast for toast in toasts(app)))


def test_a_flood_waits_at_its_source(pipe):
    for _ in range(log_reader.CHUNKS * 3):
        pipe.write("x")
    woken = queue.Queue()
    reader = LogReader(lambda: pipe, lambda: woken.put(1))
    reader.start()
    for _ in range(log_reader.CHUNKS):
        woken.get(timeout=10)
    assert pipe.taken <= log_reader.CHUNKS + 1
    assert len(reader.drain()) >= log_reader.CHUNKS
    reader.close()
