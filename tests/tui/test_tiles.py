"""The fleet at a glance: 64 hosts of 8 GPUs fit a screen, say what is free, and lead to their pages."""

from dataclasses import replace

import pytest

from gpuws.model.host.host import HostState
from gpuws.present.line import text_of
from gpuws.tui.host.screen import HostScreen
from gpuws.tui.tiles.grid import TileGrid
from gpuws.tui.tiles.layout import EASY, HIGHEST, LOWEST, NARROWEST, WIDEST, layout
from gpuws.tui.tiles.screen import TileScreen
from gpuws.tui.tiles.tile import mean_trend, tile
from gpuws.tui.toolkit.fitting import width
from tests.factories import NOW, gpu, snapshot
from tests.tui.driving import running, text
from tests.tui.lab import StubFleet


def host(number, *, free=2, gpus=8, **more):
    name = f"gpu{number:02d}"
    held = [
        replace(gpu(index, host=name, user="bob", used=40), trend=(number,) * 20, utilization=90.0)
        for index in range(gpus - free)
    ]
    rest = [replace(gpu(gpus - 1 - index, host=name), trend=(0,) * 20) for index in range(free)]
    return snapshot(name, gpus=(*held, *rest), **more)


def fleet_of(number):
    return [host(each) for each in range(number)]


@pytest.mark.parametrize("size", [(80, 22), (120, 28), (160, 43), (200, 58), (30, 10)])
@pytest.mark.parametrize("hosts", [0, 1, 2, 9, 33, 64, 200])
def test_all_are_seen_at_once_where_that_can_be(hosts, size):
    shape = layout(hosts, *size)
    assert 1 <= shape.columns <= max(size[0] // NARROWEST, 1)
    assert shape.columns * shape.width <= size[0]
    assert LOWEST <= shape.height <= HIGHEST
    most = max(size[0] // NARROWEST, 1)
    if -(-hosts // most) * LOWEST <= size[1]:
        assert shape.rows(hosts) * shape.height <= size[1]
    else:
        assert (shape.columns, shape.height) == (most, LOWEST)


def test_few_hosts_have_room():
    assert layout(4, 160, 43).height >= EASY
    assert layout(1, 60, 20).columns == 1
    assert layout(9, 160, 43).width <= WIDEST


@pytest.mark.parametrize("height", range(LOWEST, HIGHEST + 1))
@pytest.mark.parametrize("size", [24, 27, 40, 60])
def test_a_tile_says_what_is_free_and_keeps_its_size(size, height):
    lines = tile(host(50), size, height, 1800, NOW)
    assert len(lines) == height
    assert {width(line) for line in lines} == {size - 1}
    told = [text_of(line) for line in lines]
    assert told[0].split() == ["●", "gpu50", "2", "free"]
    assert "○○" in told[1]
    assert any("68%" in line for line in told[1:])  # 6 of 8 at 90
    assert not told[-1].strip()


def test_more_gpus_than_cells_end_in_dots():
    [_, signs, *_] = tile(host(1, gpus=64), 24, 3, 1800, NOW)
    assert "…" in text_of(signs)
    assert width(signs) == 23


def test_what_is_not_seen_now_is_not_free():
    lost = [text_of(line) for line in tile(host(1, state=HostState.STALE, error="link lost"), 40, 4, 1800, NOW)]
    assert "free" not in lost[0]
    assert "link lost" in lost[1]
    bare = [text_of(line) for line in tile(snapshot("bare"), 40, 4, 1800, NOW)]
    assert "no GPUs" in bare[1]


def test_a_trend_is_the_mean_of_what_is_known():
    one, two = replace(gpu(0), trend=(10, 20)), replace(gpu(1), trend=(30,))
    found = mean_trend((one, two, gpu(2)))
    assert found.means[-3:] == (None, 10, 25)
    assert len(found.means) == 20
    assert mean_trend((gpu(0),)).peak is None


async def test_arrows_and_enter_lead_to_a_host_and_back():
    fleet = StubFleet(*fleet_of(64))
    async with running(fleet, (160, 45)) as (app, pilot):
        await pilot.press("V")
        await pilot.until(lambda: isinstance(app.screen, TileScreen) and "gpu63" in text(app))
        assert "64 hosts" in text(app)
        await pilot.press("g", "right", "right", "left", "j")
        columns = app.screen.grid._layout.columns
        assert app.screen.grid.current.name == f"gpu{columns + 1:02d}"
        assert ("watch", app.screen.grid.current.name) in fleet.calls
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(app.screen, HostScreen))
        assert f" gpu{columns + 1:02d} " in text(app)
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(app.screen, TileScreen))
        await pilot.press("escape")
        await pilot.until(lambda: app.screen.id == "home")
        assert app.screen.selection().host == f"gpu{columns + 1:02d}"


async def test_the_last_can_be_reached_on_a_small_screen():
    async with running(StubFleet(*fleet_of(64)), (80, 24)) as (app, pilot):
        await pilot.press("V")
        await pilot.until(lambda: isinstance(app.screen, TileScreen))
        assert "gpu63" not in text(app)
        await pilot.press("G")
        await pilot.until(lambda: "gpu63" in text(app))
        await pilot.press("pageup", "pageup", "pageup", "pageup", "k", "k")
        await pilot.until(lambda: "gpu00" in text(app))
        assert all(len(line) <= 80 for line in text(app).split("\n"))


async def test_only_tiles_that_read_differently_are_made_and_painted(monkeypatch):
    fleet = StubFleet(*fleet_of(12))
    async with running(fleet, (120, 30)) as (app, pilot):
        await pilot.press("V")
        await pilot.until(lambda: isinstance(app.screen, TileScreen) and "gpu11" in text(app))
        painted, made = [], []
        monkeypatch.setattr("gpuws.tui.tiles.grid.tile", lambda one, *more: made.append(one.name) or tile(one, *more))
        monkeypatch.setattr(TileGrid, "refresh", lambda self, *regions, **_: painted.extend(regions))
        fleet.put(host(7, free=5))
        await pilot.until(lambda: painted)
        assert {(region.x, region.y) for region in painted} == {app.screen.grid._place(7).offset}
        assert set(made) == {"gpu07"}


async def test_the_mouse_chooses_and_opens_and_trouble_explains_itself():
    broken = host(1, state=HostState.DOWN, error="no route to host")
    async with running(StubFleet(host(0), broken), (120, 30)) as (app, pilot):
        await pilot.press("V")
        await pilot.until(lambda: isinstance(app.screen, TileScreen) and "no route to host" in text(app))
        grid = app.screen.grid
        other = 1 - grid.cursor
        place = grid._place(other)
        await pilot.click(TileGrid, offset=(place.x + 2, place.y))
        await pilot.until(lambda: grid.cursor == other)
        await pilot.press("g", "right", "enter")
        await pilot.until(lambda: type(app.screen).__name__ == "NoticeScreen")
