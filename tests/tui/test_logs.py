"""The log screen: a stream read in a thread, bounded, filtered, followed."""

import queue

import pytest

from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.workspace.log_messages import Message, framed, stamp_of
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.logs import reader as log_reader
from gpuws.tui.logs.reader import LogReader
from tests.logs import BEGAN, Log, message
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import lab


class Pipe:
    """A Stream that a test writes to."""

    def __init__(self):
        self.data = queue.Queue()
        self.closed = False
        self.taken = 0
        self.at = BEGAN

    def write(self, text, output="stdout"):
        """Each line is a message a tenth of a second later."""
        for line in text.splitlines(keepends=True):
            self.at += 0.1
            self.data.put(framed(Message(output, stamp_of(self.at), line.encode())))

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
def pipes():
    """Makes them, and ends them all."""
    made = []

    def pipe():
        made.append(Pipe())
        return made[-1]

    yield pipe
    for one in made:
        one.close()


async def opened(fleet, pipe, app, pilot):
    fleet.inspected["stream"] = pipe
    await pilot.press("l")
    await pilot.until(lambda: type(app.screen).__name__ == "LogScreen")


async def opened_again(fleet, pipe, app, pilot):
    """Another log, once that which is open is left."""
    while type(app.screen).__name__ != "FleetScreen":
        await pilot.press("escape")
        await pilot.pause()
    await opened(fleet, pipe, app, pilot)


@pytest.fixture
def short(monkeypatch):
    """Logs of hundreds behave as others do with thousands."""
    monkeypatch.setattr("gpuws.tui.logs.older.PAGE", 70)
    monkeypatch.setattr("gpuws.tui.workspaces.logs.LogScreen.TAIL", 100)


def held(app):
    return [line.text for line in app.screen._store.lines]


def shows(app, word):
    return any(line.split()[:1] == [word] for line in text(app).split("\n"))  # the scroll bar may stand behind it


async def test_a_log_is_followed_and_stays_where_it_is_looked_at(pipes):
    """Progress as one line, scrolled up and back, times, what was found, the end of it."""
    fleet = lab()
    async with running(fleet) as (app, pilot):
        pipe = pipes()
        await opened(fleet, pipe, app, pilot)
        pipe.write("epoch 1\n" + "".join(f"\r{p}%" for p in range(99)))
        await pilot.until(lambda: "98%" in text(app))
        assert "97%" not in text(app)
        assert "following" in text(app)
        pipe.write("\n" + "".join(f"line {n}\n" for n in range(200)))
        await pilot.until(lambda: "line 199" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: pipe.closed)

        pipe = pipes()
        await opened_again(fleet, pipe, app, pilot)
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

        pipe = pipes()
        await opened_again(fleet, pipe, app, pilot)
        pipe.write("one\n")
        await pilot.until(lambda: "one" in text(app))
        asked = len(fleet.named("logs"))
        await pilot.press("t")
        await pilot.until(lambda: "01-15 08:00:00 one" in text(app))
        assert len(fleet.named("logs")) == asked

        pipe = pipes()
        await opened_again(fleet, pipe, app, pilot)
        pipe.write("".join(f"step-{n}\n" for n in range(5)))
        await pilot.until(lambda: shows(app, "step-4"))
        await pilot.press("slash")
        await say(pilot, "step")
        await pilot.press("enter", "N")
        await pilot.until(lambda: "paused" in text(app))
        pipe.write("".join(f"step-{n}\n" for n in range(5, 100)))
        await pilot.until(lambda: "100 lines" in text(app))
        assert shows(app, "step-3")

        pipe = pipes()
        await opened_again(fleet, pipe, app, pilot)
        pipe.data.put(GpuwsError("the disk is full", "ctrl+r"))
        await pilot.until(lambda: "ended" in text(app))
        await pilot.until(lambda: any("the disk is full — ctrl+r" in toast for toast in toasts(app)))


async def test_what_is_older_is_read_when_it_is_scrolled_to_sought_copied_or_saved(short, tmp_path):
    """A page at a time, to its beginning."""
    fleet = lab()
    log = Log([message(n) for n in range(150)])
    async with running(fleet) as (app, pilot):
        await opened(fleet, Log([message(n) for n in range(250)]), app, pilot)
        await pilot.until(lambda: shows(app, "249"))
        for count in (170, 240, 250):
            await pilot.press("g")
            await pilot.until(lambda count=count: len(held(app)) == count)
        await pilot.press("g", "g")
        await pilot.until(lambda: "from its beginning" in text(app) and shows(app, "0"))
        assert held(app) == [str(n) for n in range(250)]

        await opened_again(fleet, Log([message(n) for n in range(300)]), app, pilot)
        await pilot.until(lambda: shows(app, "299"))
        await pilot.press("slash")
        await say(pilot, "77")
        await pilot.until(lambda: "1 line with 77" in text(app) and shows(app, "277"))
        await pilot.press("enter", "n")
        await pilot.until(lambda: any("nowhere further down" in toast for toast in toasts(app)))
        for found in ("177", "77"):
            await pilot.press("N")
            await pilot.until(lambda found=found: shows(app, found))
        await pilot.press("N")
        await pilot.until(lambda: any("nowhere before, to the log's beginning" in toast for toast in toasts(app)))
        await pilot.press("n")
        await pilot.until(lambda: shows(app, "177"))
        await pilot.press("escape", "escape")
        await pilot.until(lambda: type(app.screen).__name__ == "FleetScreen")

        await opened_again(fleet, log, app, pilot)
        await pilot.until(lambda: shows(app, "149"))
        await pilot.press("y", "j", "enter")
        await pilot.until(lambda: app.copied is not None)
        assert app.copied.split() == [str(n) for n in range(50, 150)]
        await pilot.press("ctrl+s")
        await pilot.until(lambda: type(app.screen).__name__ == "SaveLogScreen")
        app.screen.query_one("#file").value = str(tmp_path / "a.log")
        await pilot.press("enter")
        await pilot.until(lambda: any("saved" in toast and "a.log" in toast for toast in toasts(app)))
        assert (tmp_path / "a.log").read_text().split() == [str(n) for n in range(150)]
        assert (tmp_path / "a.log").stat().st_mode & 0o777 == 0o600
        await pilot.press("ctrl+s")
        await pilot.until(lambda: type(app.screen).__name__ == "SaveLogScreen")
        app.screen.query_one("#file").value = str(tmp_path / "a.log")
        await pilot.press("enter")
        await pilot.until(lambda: "already — choose" in " ".join(text(app).split()))


async def test_what_is_held_no_more_moves_nothing_and_comes_again(short, pipes):
    """Old lines that fall off the top, new ones that are let go far back."""
    fleet = lab()
    async with running(fleet) as (app, pilot):
        pipe = pipes()
        await opened(fleet, pipe, app, pilot)
        app.screen._store.limit = 300
        pipe.write("".join(f"line {n:04}\n" for n in range(300)))
        await pilot.until(lambda: "line 0299" in text(app))
        await pilot.press("ctrl+u")
        top = text(app).split("\n")[1].strip()
        pipe.write("".join(f"line {n:04}\n" for n in range(300, 350)))
        await pilot.until(lambda: app.screen._store.dropped == 50)
        await pilot.until(lambda: text(app).split("\n")[1].strip() == top)

        await opened_again(fleet, Log([message(n) for n in range(250)]), app, pilot)
        app.screen._store.limit = 120
        await pilot.until(lambda: shows(app, "249"))
        for first in ("80", "10", "0"):
            await pilot.press("g")
            await pilot.until(lambda first=first: held(app)[0] == first)
        assert len(held(app)) == 120
        while not shows(app, "249"):  # down again, page by page
            await pilot.press("pagedown")
            lines = [int(line) for line in held(app)]
            assert lines == [*range(lines[0], lines[-1] + 1)]
        await pilot.press("g", "g")
        await pilot.until(lambda: int(held(app)[0]) < 130)
        await pilot.press("G")
        await pilot.until(lambda: shows(app, "249") and "100 lines" in text(app))


async def test_outputs_spans_and_runs_apart_and_over_a_cut(pipes, monkeypatch):
    """What of a log is shown, and that nothing of it is lost."""
    monkeypatch.setattr("gpuws.fleet.reading.AGAIN", 0.01)
    fleet = lab()
    both = Log([message(n, "stderr" if n % 10 == 0 else "stdout") for n in range(100)])
    before, now = Log([message(n, "stderr") for n in range(5)]), pipes()
    log, back = Log([message(n) for n in range(50)], [1500]), []
    cuts = [log(LogWindow(tail=None))]

    def runs(window):
        return before(window) if window.previous else now

    def breaking(window):
        if cuts:
            return cuts.pop()
        if not back:
            raise Unreachable("alpha is away")
        return log(window)

    async with running(fleet) as (app, pilot):
        await opened(fleet, both, app, pilot)
        await pilot.until(lambda: "▏90" in text(app))
        await pilot.press("o", "o")
        await pilot.until(lambda: "only stderr" in text(app) and "▏20" in text(app))
        assert app.screen.view.matches == 10
        await pilot.press("o", "at")
        await pilot.until(lambda: type(app.screen).__name__ == "SpanScreen")
        app.screen.query_one("#from").value = "2027-01-15T08:00:40Z"
        app.screen.query_one("#until").value = "2027-01-15T08:00:50Z"
        await pilot.press("enter")
        await pilot.until(lambda: "from 2027" in text(app) and "11 lines" in text(app))
        await pilot.press("g", "g")
        await pilot.until(lambda: app.screen._store.lines[0].text == "0")

        await opened_again(fleet, runs, app, pilot)
        now.write("this one\n")
        await pilot.until(lambda: "this one" in text(app))
        await pilot.press("p")
        await pilot.until(lambda: "before the last start" in text(app) and "▏4" in text(app))
        fleet.inspected["stream"] = again = pipes()
        again.write("this one once more\n")
        await pilot.press("p")
        await pilot.until(lambda: "this one once more" in text(app) and "following" in text(app))

        await opened_again(fleet, breaking, app, pilot)
        await pilot.until(lambda: "cut off for" in text(app) and held(app))
        assert len(held(app)) < 50
        back.append(True)
        await pilot.until(lambda: held(app) == [str(n) for n in range(50)])


async def test_filter_wrap_and_hostile_lines(pipes):
    """Long lines and those that would steer a terminal, whatever is pressed."""
    fleet = lab()
    odd = [
        "\x1b[2J\x1b]0;t\x07[bold red]x[/]",
        "\u202eevil\u2066",
        "x" * 10_000,
        "\x1b[31m訓" * 900,
        "\x00\x9b31m",
        "\r" * 99,
    ]
    async with running(fleet, (80, 24)) as (app, pilot):
        pipe = pipes()
        await opened(fleet, pipe, app, pilot)
        pipe.write("loss 1\n" + "x" * 200 + "\nEpoch 2\n")
        await pilot.until(lambda: "Epoch 2" in text(app))
        assert text(app).count("xxxx") > 2
        await pilot.press("w")
        await pilot.until(lambda: "…" in text(app))
        await pilot.press("ampersand")
        await say(pilot, "epoch")
        await pilot.until(lambda: "loss" not in text(app) and "Epoch 2" in text(app))
        await pilot.press("enter", "escape")
        await pilot.until(lambda: "loss 1" in text(app))

        pipe = pipes()
        await opened_again(fleet, pipe, app, pilot)
        pipe.write("".join(f"{one}\n" for one in odd), "stderr")
        await pilot.until(lambda: len(held(app)) == len(odd))
        for keys in (
            ["t", "w", "g"],
            ["slash", "x", "enter", "n", "N", "N"],
            ["o", "o", "o", "w", "G"],
            ["ampersand", "訓", "enter"],
        ):
            await pilot.press(*keys)
            shown = text(app)
            assert not any((ord(sign) < 32 and sign != "\n") or sign in "\x9b\u202e\u2066" for sign in shown)
            assert all(len(line) <= 80 for line in shown.split("\n"))


def test_a_flood_waits_at_its_source(pipes):
    pipe = pipes()
    for _ in range(log_reader.CHUNKS * 3):
        pipe.write("x\n")
    woken = queue.Queue()
    reader = LogReader(lambda window: pipe, LogWindow(), lambda: woken.put(1))
    reader.start()
    for _ in range(log_reader.CHUNKS):
        woken.get(timeout=10)
    assert pipe.taken <= log_reader.CHUNKS + 1
    assert len(reader.drain()) >= log_reader.CHUNKS
    reader.close()
