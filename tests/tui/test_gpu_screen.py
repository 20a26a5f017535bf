"""One GPU in full: what it does, who is there, its hour; and the keys there."""

import threading
import time
from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import MigInstance
from gpuws.model.gpu.reading import FaultSources, GpuCounters, GpuDetail, GpuLink, Throttled, Xid
from gpuws.model.host.host import HostState
from gpuws.model.timeline import Series, Subject, Timeline
from gpuws.present.line import text_of
from gpuws.tui.charts.view import ChartView
from gpuws.tui.gpu.screen import GpuScreen
from gpuws.tui.text.text_screen import TextScreen
from gpuws.tui.toolkit.page import Page
from tests.factories import GIB, NOW, gpu, snapshot
from tests.tui.driving import SIZES, running, text
from tests.tui.lab import StubFleet, lab

DETAIL = GpuDetail(
    clock_sm=1410, clock_sm_max=1980, performance_state=0, throttle=("power cap",), ecc_corrected=3, ecc_uncorrected=1,
    pcie_generation=3, pcie_generation_max=4, pcie_width=16, pcie_width_max=16, pcie_received=5 << 20,
    pcie_sent=1 << 20,
)  # fmt: skip


def busy(**more):
    """alpha's GPU 0 with all that can be told, and its neighbour."""
    one = replace(
        gpu(0, user="alice", name="train.py", used=70, mine=True),
        power_limit=400.0, fan=40.0, persistence=False, bus_id="00000000:3B:00.0", numa_node=0, detail=DETAIL,
        links=(GpuLink("GPU-alpha-1", "NVLINK", 12),), **more,
    )  # fmt: skip
    xids = (Xid(79, "0000:3b:00", "GPU has fallen off the bus", NOW),)
    return snapshot(gpus=(one, gpu(1, user="bob", used=20, idle=32400.0)), driver="570", cuda="12.8", xids=xids)


def past(now=None, step=2.0):
    """Three steps, the last of them now; the one in between was not seen."""
    names = {"utilization": (50.0, 100.0), "memory": (40 * GIB, 70 * GIB), "power": (100.0, 390.0)}
    series = {name: Series((one, None, two), (one, None, two), (1, 0, 1)) for name, (one, two) in names.items()}
    return Timeline(step, time.time() if now is None else now, 0, series)


def known(step=2.0):
    return {(Subject(f"GPU-alpha-{index}"), window): past(step=step) for index in (0, 1) for window in ("5m", "1h")}


async def test_how_well_a_gpu_is_used_is_said_with_its_figures():
    told = GpuCounters(2.0, 99.0, 96.0, 14.0, 0.0, 3.0, 0.0, 77.0, 0.0, nvlink_received=5 << 20, nvlink_sent=1 << 20)
    async with running(StubFleet(busy(counters=told)), (160, 45)) as (app, pilot):
        await opened(pilot, app)
        for words in (
            "tensor cores idle · FP32 77%, tensor cores 0%", "active 96% · occupied 14%", "FP32 77%", "DRAM 3%",
            "↓ 5M/s · ↑ 1M/s",
        ):  # fmt: skip
            assert words in page(app), words


async def test_one_without_counters_says_what_its_memory_does():
    async with running(StubFleet(busy(memory_activity=41.0)), (120, 30)) as (app, pilot):
        await opened(pilot, app)
        assert "memory read or written 41% of the time" in page(app)


async def test_where_faults_can_t_be_read_that_is_said_and_how_long_it_was_held():
    mute = replace(busy(throttled=Throttled(1800.0, 600.0, 61.0)), xids=None, faults=FaultSources(why="all is closed"))
    async with running(StubFleet(mute), (120, 30)) as (app, pilot):
        await opened(pilot, app)
        assert "can't be read here: all is closed" in page(app)
        assert "10m by power and 1m by heat in the last 30m" in page(app)


async def opened(pilot, app):
    await pilot.press("enter")
    await pilot.until(lambda: isinstance(app.screen, GpuScreen))


def page(app):
    """All that it says, the hidden lines too."""
    views = [view for view in app.screen.query(ChartView) if view.display]
    lines = [*(line for view in views for line in view._lines), *app.screen.query_one(Page)._lines]
    return "\n".join(text_of(line) for line in lines)


@pytest.mark.parametrize("size", SIZES)
async def test_everything_known_of_a_gpu_can_be_read(size):
    fleet = StubFleet(busy())
    fleet.inspected["history"] = known()
    async with running(fleet, size) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "mean 75%" in page(app))
        for words in (
            "70/80G", "300/400 W", "fan 40%", "SM 1410 of 1980 MHz", "throttled: power cap", "alice", "train.py",
            "peak 390 W", "GPU-alpha-0", "00000000:3B:00.0", "NUMA node 0", "CUDA 12.8", "off: the driver is loaded",
            "1 uncorrected", "gen 3 of 4", "x16", "↓ 5M/s", "NVLINK ×12", "GPU 1", "Xid 79", "fallen off",
        ):  # fmt: skip
            assert words in page(app), words
        shown = text(app)
        assert "alpha · GPU 0" in shown
        assert all(len(line) <= size[0] for line in shown.split("\n"))


async def test_the_end_can_be_reached_on_a_small_screen():
    async with running(StubFleet(busy()), (80, 24)) as (app, pilot):
        await opened(pilot, app)
        assert "NVLINK" not in text(app)
        await pilot.press("G")
        await pilot.until(lambda: "NVLINK ×12" in text(app))
        await pilot.press("escape")
        assert app.screen.id == "home"


async def test_idle_is_said_with_its_evidence():
    alpha = busy()
    bobs = replace(alpha.gpus[1].held_by[0], idle_evidence="kernel's last activity 05:12")
    fleet = StubFleet(replace(alpha, gpus=(alpha.gpus[0], replace(alpha.gpus[1], held_by=(bobs,)))))
    async with running(fleet, (160, 45)) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("tab")
        await pilot.until(lambda: "alpha · GPU 1" in text(app))
        assert "◔ idle 9h00: kernel's last activity 05:12" in text(app)
        await pilot.press("escape", "j")
        await pilot.until(lambda: "◔ bob train.py idle 9h00: kernel's last activity 05:12" in text(app))


async def test_it_lives_and_says_when_it_is_gone():
    alpha = busy()
    fleet = StubFleet(alpha)
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        fleet.put(replace(alpha, gpus=(replace(alpha.gpus[0], utilization=12.0), alpha.gpus[1])))
        await pilot.until(lambda: " 12%" in page(app))
        fleet.put(replace(alpha, state=HostState.STALE, error="link lost"))
        await pilot.until(lambda: "link lost" in text(app))
        fleet.put(replace(alpha, gpus=(alpha.gpus[1],)))
        await pilot.until(lambda: "no longer there" in text(app))
        assert "70/80G" in page(app)


async def test_history_is_asked_for_only_while_it_can_be_seen(monkeypatch):
    monkeypatch.setattr("gpuws.tui.charts.screen.EVERY", {"5m": 0.05})
    fleet = StubFleet(busy())
    async with running(fleet) as (app, pilot):
        assert not fleet.named("history")
        await opened(pilot, app)
        await pilot.until(lambda: len(fleet.named("history")) >= 2)
        app.push_screen(TextScreen("over it", ""))
        await pilot.until(lambda: isinstance(app.screen, TextScreen))
        asked = len(fleet.named("history"))
        await pilot.pause(0.3)
        assert len(fleet.named("history")) <= asked + 1  # one may have been on its way
        await pilot.press("escape", "escape")
        await pilot.until(lambda: app.screen.id == "home")
        asked = len(fleet.named("history"))
        await pilot.pause(0.3)
        assert len(fleet.named("history")) <= asked + 1


async def test_a_hanging_history_is_asked_once(monkeypatch):
    monkeypatch.setattr("gpuws.tui.charts.screen.EVERY", {"5m": 0.05})
    fleet = StubFleet(busy())
    fleet.blocked.add("history")
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        await pilot.pause(0.4)
        assert len(fleet.named("history")) == 1
        assert "reading" in page(app)
        fleet.close()


@pytest.mark.parametrize(("row", "copied"), [(0, "GPU-alpha-0"), (1, "ssh alpha 'nvidia-smi -q -i GPU-alpha-0'")])
async def test_its_uuid_or_the_command_is_copied(row, copied):
    async with running(StubFleet(busy())) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("y", *["j"] * row, "enter")
        await pilot.until(lambda: app.copied)
        assert app.copied == copied


async def test_its_processes_are_one_key_away():
    async with running(StubFleet(busy())) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("tab", "p")
        await pilot.until(lambda: app.screen.id == "home")
        assert app.screen.selection().process.user == "bob"


async def test_instances_have_rows_of_their_own():
    parts = (
        MigInstance("MIG-1", 0, "3g.40gb", memory_used=30 * GIB, memory_total=40 * GIB,
                    held_by=gpu(0, user="carol").held_by, processes=gpu(0, user="carol", name="serve.py").processes),
        MigInstance("MIG-2", 1, "1g.10gb", memory_used=0, memory_total=10 * GIB),
    )  # fmt: skip
    divided = replace(gpu(0, user="carol", used=30), mig=parts, mig_instances=parts, utilization=None)
    fleet = StubFleet(snapshot(gpus=(divided, gpu(1))))
    async with running(fleet, (120, 40)) as (app, pilot):
        shown = text(app)
        assert "2 MIG instances, 1 free" in shown
        assert "└ 3g.40gb" in shown
        assert "1 free +1 MIG · 1 held" in shown
        await pilot.press("g", "j", "j")
        assert app.screen.selection().mig.uuid == "MIG-1"
        await pilot.until(lambda: "alpha · GPU 0:0" in text(app))
        assert "serve.py" in text(app)
        await opened(pilot, app)
        assert "MIG INSTANCES" in text(app)


async def test_a_fleet_without_history_is_no_fault():
    from gpuws.model.errors import Unreachable

    fleet = lab()
    fleet.fail["history"] = Unreachable("the link is lost")
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "nothing was seen of it" in page(app))


async def test_a_moment_is_read_out_by_keys_and_by_the_mouse(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # the last sample stays at the right edge
    fleet = StubFleet(busy())
    fleet.inspected["history"] = known()
    async with running(fleet, (160, 45)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "mean 75%" in page(app))
        await pilot.press("left")
        await pilot.until(lambda: "100% at " in page(app) and "390 W at " in page(app))
        await pilot.press("left", "left", "left")
        await pilot.until(lambda: "– not seen at " in page(app))
        await pilot.press("shift+right")
        await pilot.until(lambda: " at " not in page(app))  # beyond the right edge is now
        views = [view for view in app.screen.query(ChartView) if view.display]
        await pilot.hover(views[0], offset=(views[0].size.width - 1, 4))
        await pilot.until(lambda: "390 W at " in page(app))
        await pilot.hover(Page)
        await pilot.until(lambda: " at " not in page(app))
        await pilot.click(views[0], offset=(views[0].size.width - 1, 4))
        await pilot.hover(Page)
        await pilot.until(lambda: "390 W at " in page(app))
        await pilot.press("escape")
        await pilot.until(lambda: " at " not in page(app))
        assert isinstance(app.screen, GpuScreen)
        await pilot.press("escape")
        assert app.screen.id == "home"


async def test_the_window_is_remembered():
    fleet = StubFleet(busy())
    fleet.inspected["history"] = known()
    async with running(fleet) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "-5m" in text(app))
        await pilot.press("v")
        await pilot.until(lambda: "-60m" in text(app) and "mean 75%" in page(app))
        assert ("history", "alpha", Subject("GPU-alpha-0"), "1h") in fleet.calls
        await pilot.press("tab")
        await pilot.until(lambda: "alpha · GPU 1" in text(app) and "mean 75%" in page(app))
        assert app.remembered.window == "1h"


async def test_one_chart_has_the_room_of_all_and_charts_that_of_the_page():
    fleet = StubFleet(busy())
    fleet.inspected["history"] = known()
    async with running(fleet, (80, 24)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "mean 75%" in page(app))
        before = [view.size for view in app.screen.query(ChartView) if view.display]
        await pilot.press("3")
        await pilot.until(lambda: "UTILIZATION" not in text(app) and "POWER" in text(app))
        await pilot.press("z")
        await pilot.until(lambda: "HELD BY" not in text(app))
        [alone] = [view.size for view in app.screen.query(ChartView) if view.display]
        assert alone.width > 2 * before[0].width
        assert alone.height > 3 * before[0].height
        await pilot.press("3", "z")
        await pilot.until(lambda: "UTILIZATION" in text(app) and "HELD BY" in text(app))


async def test_a_figure_that_there_is_not_has_no_chart():
    alpha = busy()
    mute = replace(alpha.gpus[0], power=None, power_limit=None)
    fleet = StubFleet(replace(alpha, gpus=(mute,)))
    fleet.inspected["history"] = {(Subject("GPU-alpha-0"), "5m"): replace(past(), series={})}
    async with running(fleet, (160, 45)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "nothing was seen of it" in page(app))
        assert "POWER" not in page(app)


async def test_a_gpu_of_which_nothing_is_known_has_its_page_to_itself():
    alpha = busy()
    lost = replace(gpu(0, health="lost"), memory_used=None, utilization=None, power=None, temperature=None)
    async with running(StubFleet(replace(alpha, gpus=(lost,))), (80, 24)) as (app, pilot):
        await pilot.press("g", "j")
        await opened(pilot, app)
        await pilot.until(lambda: not app.screen.charts.display)
        assert "IDENTITY" in text(app)


async def test_what_comes_late_is_not_shown_of_another_gpu():
    class Slow(StubFleet):
        def history(self, host, subject, window):
            if subject.gpu == "GPU-alpha-0":
                asked.set()
                assert go_on.wait(10)
            return super().history(host, subject, window)

    asked, go_on = threading.Event(), threading.Event()
    fleet = Slow(busy())
    fleet.inspected["history"] = {(Subject("GPU-alpha-0"), "5m"): past()}
    async with running(fleet, (160, 45)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(asked.is_set)
        await pilot.press("tab")
        await pilot.until(lambda: "alpha · GPU 1" in text(app))
        assert "reading" in page(app)
        go_on.set()
        await pilot.until(lambda: "nothing was seen of it" in page(app))
        assert "mean 75%" not in page(app)


async def test_a_chart_that_the_next_gpu_has_not_gives_way_to_all():
    alpha = busy()
    cold = replace(alpha.gpus[1], temperature=None)
    fleet = StubFleet(replace(alpha, gpus=(alpha.gpus[0], cold)))
    fleet.inspected["history"] = known()
    async with running(fleet, (160, 45)) as (app, pilot):
        await opened(pilot, app)
        await pilot.until(lambda: "mean 75%" in page(app))
        await pilot.press("4")
        await pilot.until(lambda: "TEMPERATURE" in page(app) and "UTILIZATION" not in page(app))
        await pilot.press("tab")
        await pilot.until(lambda: "alpha · GPU 1" in text(app) and "mean 75%" in page(app))
        assert "UTILIZATION" in page(app)
        assert "TEMPERATURE" not in page(app)
