"""What the screen remembers: read, written, and never in the way."""

import json
import threading

import pytest

from gpuws.config.files import SmallFile
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError
from gpuws.present.tables.sorting import Sort
from gpuws.tui.app import Opened
from gpuws.tui.remembered import KEPT, Memory, Remembered, parse, text
from tests.tui.driving import TestApp, home, until

SOME = Remembered(theme="nord", order="free", view="hosts", filters=("free", "!idle"))


@pytest.fixture
def file(tmp_path):
    return SmallFile(tmp_path / "state" / "screen.json")


def test_what_is_written_is_read_again(file):
    Memory(file).close()
    memory = Memory(file)
    assert memory.now == Remembered()
    memory.change(theme="nord", filters=("free", "!idle"))
    memory.change(order="free", view="hosts")
    memory.close()
    assert Memory(file).now == SOME
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.path.parent.iterdir()] == ["screen.json"]


@pytest.mark.parametrize(
    "content",
    ["", "nonsense", "[1, 2]", '"theme"', "null", '{"theme": 3, "filters": [1], "columns": "x"}',
     '{"theme": {"a": 1}, "order": null}', "[" * 100_000, "\x00\ufffd"],
)  # fmt: skip
def test_what_makes_no_sense_is_forgotten(file, content):
    file.path.parent.mkdir()
    file.path.write_text(content)
    assert Memory(file).now == Remembered()


def test_of_a_foreign_file_what_is_known_counts(file):
    file.path.parent.mkdir()
    file.path.write_text(json.dumps({"order": "busy", "view": 7, "window": "1h", "later": [1], "theme": True}))
    memory = Memory(file)
    assert memory.now == Remembered(order="busy", window="1h")
    memory.change(view="gpus")
    memory.close()
    assert set(json.loads(file.path.read_text())) == set(json.loads(text(Remembered())))


def test_a_directory_or_a_pipe_in_its_place_is_no_error(tmp_path):
    assert SmallFile(tmp_path).read() == ""
    assert SmallFile(tmp_path / "there" / "is none").read() == ""


def test_two_screens_take_only_the_same_choice_from_each_other(file):
    one, other = Memory(file), Memory(file)
    one.change(theme="nord", order="free")
    one.close()
    other.change(order="busy")
    other.close()
    assert Memory(file).now == Remembered(theme="nord", order="busy")


def test_a_list_is_cut():
    memory = Memory()
    memory.change(filters=tuple(map(str, range(KEPT + 9))))
    assert memory.now.filters == tuple(map(str, range(KEPT)))
    assert parse(text(memory.now)) == memory.now


def test_there_is_nothing_else_to_remember():
    with pytest.raises(TypeError):
        Memory().change(password="x")


class SlowStore:
    """Holds the first write until it is let go, and may refuse it."""

    def __init__(self, refuses=False):
        self.refuses, self.texts, self.begun, self.let = refuses, [], threading.Event(), threading.Event()

    def read(self):
        return self.texts[-1] if self.texts else ""

    def write(self, text):
        self.begun.set()
        assert self.let.wait(10)
        if self.refuses:
            self.refuses = False
            raise GpuwsError("the disk is full")
        self.texts.append(text)


@pytest.mark.parametrize("refuses", [False, True])
def test_while_it_is_written_nobody_waits_and_the_last_choice_wins(refuses):
    store = SlowStore(refuses)
    memory = Memory(store)
    memory.change(theme="one")
    assert store.begun.wait(10)
    for name in ("two", "three"):
        memory.change(theme=name)
    memory.close(timeout=0.01)  # a home directory that does not answer
    assert store.texts == []
    store.let.set()
    memory.close(timeout=10)
    assert [parse(each).theme for each in store.texts] == (["three"] if refuses else ["one", "three"])


async def test_view_and_order_are_as_they_were_left(file):
    async def look(*keys):
        app = TestApp(lambda: Opened(DemoFleet(tick=0), store=file), lambda _: 0)
        async with app.run_test(headless=False, size=(100, 30)) as pilot:
            await until(pilot, lambda: home(app) and home(app).list.rows)
            await pilot.press(*keys)
            seen = home(app).list.sort, home(app).list.is_folded("alpha")
        app.memory.close()
        app.fleet.close()
        return seen

    first = await look()
    assert first == (Sort(), False)
    left = await look("r", "v")
    assert left[1] is True
    assert await look() == left
    file.write('{"order": "by the moon", "view": "sideways"}')
    assert await look() == first
