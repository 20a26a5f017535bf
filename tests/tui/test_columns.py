"""Columns of the lists: sorted by keys and by clicks, chosen, ordered, remembered."""

from dataclasses import replace

from gpuws.config.files import SmallFile
from gpuws.present.tables.sorting import Sort
from gpuws.tui.app import Opened
from gpuws.tui.fleet.column_chooser import ColumnChooser
from gpuws.tui.fleet.columns import COLUMNS, USUAL
from gpuws.tui.fleet.order import CONFIGURED, gpus_in, hosts_in, kept, label, of
from tests.factories import NOW, gpu, snapshot
from tests.tui.driving import TestApp, home, running, text, until
from tests.tui.lab import lab


def head(app):
    return next(line for line in text(app).split("\n") if "HOST / GPU" in line)


def alpha(fleets):
    return [row.gpu.index for row in fleets.rows if row.gpu and row.snapshot.name == "alpha"]


async def test_the_fleet_is_sorted_by_the_column_beside_and_the_title_says_so():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        key = fleets.current.key
        await pilot.press(">", ">")
        assert fleets.sort == Sort("memory")
        assert "MEMORY↓" in head(app)
        assert "↓ by memory" in text(app).split("\n")[0]
        assert alpha(fleets) == [0, 1, 2]
        assert [row.key for row in fleets.rows if row.kind == "host"] == [("alpha", ""), ("bravo", "")]
        assert fleets.current.key == key
        await pilot.press("<", "<")
        assert fleets.sort == CONFIGURED
        assert "↓" not in head(app)


async def test_a_click_on_a_title_sorts_and_again_turns_round():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        at = head(app).index("MEMORY") + 2
        await pilot.click("#fleet", offset=(at, 0))
        await pilot.until(lambda: fleets.sort == Sort("memory"))
        await pilot.click("#fleet", offset=(at, 0))
        await pilot.until(lambda: "MEMORY↑" in head(app))
        assert alpha(fleets) == [2, 1, 0]
        assert [row.key for row in fleets.rows if row.kind == "host"] == [("bravo", ""), ("alpha", "")]


async def test_sorted_anew_a_list_begins_with_its_first_rows_as_far_as_the_cursors_is_in_sight():
    async with running(lab(), (100, 9)) as (app, _):
        fleets = app.screen.list
        fleets.select(("alpha", "GPU-alpha-0"))
        fleets.scroll_to(y=1, animate=False, immediate=True)
        fleets.sort_by(Sort("memory"))
        assert fleets.scroll_offset.y == 0
        fleets.select(("bravo", "GPU-bravo-1"))
        fleets.sort_by(Sort("util"))
        room = fleets.size.height - 1
        assert fleets.cursor >= room
        assert fleets.scroll_offset.y == fleets.cursor - room + 1


async def test_a_panel_is_sorted_the_same_way_and_each_keeps_its_own():
    async with running(lab()) as (app, pilot):
        await pilot.press("2")
        table = app.screen.panel.table
        first = [row.key for row in table.rows]
        await pilot.press(">")
        assert "NAME↑" in text(app)
        assert table.sort == Sort("NAME")
        assert [row.key for row in table.rows] != first
        assert sorted(row.key for row in table.rows) == sorted(first)
        await pilot.press("3")
        assert app.screen.panel.table.sort == Sort()
        await pilot.press("2")
        assert app.screen.panel.table.sort == Sort("NAME")


async def test_dialogs_are_sorted_the_same_way_and_their_sums_stay_last():
    async with running(lab()) as (app, pilot):
        await pilot.press("w")
        await pilot.until(lambda: "Who holds" in text(app))
        await pilot.press(">", ">")
        people = app.screen.rows
        assert people.sort == Sort("GPUS")
        title = next(line for line in text(app).split("\n") if "↓GPUS" in line)
        await pilot.click(people, offset=(title.index("USER") - people.region.x, 0))
        await pilot.until(lambda: people.sort == Sort("USER"))
        assert [row.key for row in people.rows if row.level == 0] == [
            'user="alice"', 'user="bob"', 'user="carol"', "=held",
        ]  # fmt: skip
        assert [row.level for row in people.rows[:3]] == [0, 1, 2]


async def test_columns_are_chosen_moved_and_remembered(tmp_path):
    file = SmallFile(tmp_path / "screen.json")

    def app():
        return TestApp(lambda: Opened(lab(), store=file), lambda _: 0)

    async with (first := app()).run_test(headless=False, size=(120, 30)) as pilot:
        await until(pilot, lambda: home(first) and home(first).list.rows)
        await pilot.press("C")
        await until(pilot, lambda: isinstance(first.screen, ColumnChooser))
        chooser = first.screen
        await pilot.press("space")
        assert "it stays" in next(iter(first._notifications)).message
        chooser.rows.select("temp")
        await pilot.press("space")
        chooser.rows.select("who")
        await pilot.press("left", "left", "left", "left", "left", "left", "left")
        assert head(first).index("HELD BY") < head(first).index("MEMORY")
        assert "TEMP" not in head(first)
        await pilot.press("escape", ">")
        assert home(first).list.sort == Sort("name")
    first.memory.close()
    async with (second := app()).run_test(headless=False, size=(120, 30)) as pilot:
        await until(pilot, lambda: home(second) and home(second).list.rows)
        assert [column.id for column in home(second).list.columns][:3] == ["name", "who", "memory"]
        assert home(second).list.sort == Sort("name")
        await pilot.press("C", "u", "escape")
        assert [column.id for column in home(second).list.columns] == list(USUAL)
        assert second.remembered.columns == ()
    second.memory.close()


def test_every_column_sorts_gpus_and_hosts():
    some = snapshot("b", gpus=(gpu(0, user="bob", used=9), gpu(1), gpu(2, health="lost", error="gone")))
    every = [some, snapshot("a", gpus=(gpu(0, user="alice", used=70, host="a"),))]
    for column in COLUMNS:
        for reverse in (False, True):
            sort = Sort(column.id, reverse)
            assert of(kept(sort)) == sort
            assert sorted(each.index for each in gpus_in(sort, some.gpus)) == [0, 1, 2]
            assert sorted(each.name for each in hosts_in(sort, every)) == ["a", "b"]
            assert label(sort)
    assert [each.name for each in hosts_in(Sort("memory"), every)] == ["a", "b"]
    assert [each.name for each in hosts_in(Sort("name"), every)] == ["a", "b"]
    assert of("by the moon") == CONFIGURED


def test_the_longest_running_comes_first():
    young, old, none = gpu(0, user="bob", used=9), gpu(1, user="bob", used=9), gpu(2)
    old = replace(old, processes=(replace(old.processes[0], started_at=NOW - 9e6),))
    assert [each.index for each in gpus_in(Sort("time"), (none, young, old))] == [1, 0, 2]
    assert [each.index for each in gpus_in(Sort("time", reverse=True), (none, young, old))] == [0, 1, 2]
