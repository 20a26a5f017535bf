"""The doctor's screen: every host by itself, what is wrong first, all of it on demand."""

import pytest

from gpuws.model.checkup.mend import Mend
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Check
from tests.factories import snapshot
from tests.tui.driving import running, say, text
from tests.tui.lab import StubFleet
from tests.tui.test_launch import screen_name

FOUND = {
    "alpha": (
        Check("link", "ok", "round trip 0.4 ms"),
        Check("clock", "warn", "its clock is 12s ahead of this workstation's", "sudo timedatectl set-ntp true"),
    ),
    "bravo": (Check("link", "ok", "round trip 9.0 ms"),),
}


def stub():
    fleet = StubFleet(snapshot("alpha"), snapshot("bravo"))
    fleet.inspected["checkup"] = FOUND
    return fleet


async def by_the_palette(pilot, app):
    await pilot.press(":")
    await pilot.until(lambda: screen_name(app) == "PaletteScreen")
    await say(pilot, "doctor")
    await pilot.until(lambda: "Doctor: what is missing" in text(app))
    await pilot.press("enter")
    await pilot.until(lambda: screen_name(app) == "DoctorScreen")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_all_hosts_show_what_is_wrong_and_on_demand_what_is_well(size):
    fleet = stub()
    async with running(fleet, size) as (app, pilot):
        await by_the_palette(pilot, app)
        await pilot.until(lambda: "bravo  all is well, 1 check " in text(app))
        shown = text(app)
        assert "Doctor · 2 hosts   $ gpuws doctor " in shown
        assert "alpha  1 warning, 2 checks" in shown
        assert "→ sudo timedatectl set-ntp true" in shown
        assert "round trip" not in shown
        await pilot.press("v")
        await pilot.until(lambda: "round trip 9.0 ms" in text(app))
        assert "$ gpuws doctor -v" in text(app)
        await pilot.press("y", "escape")
        await pilot.until(lambda: screen_name(app) == "FleetScreen")
        assert app.copied == "gpuws doctor -v"


async def test_the_actions_of_a_host_lead_to_its_own():
    fleet = stub()
    async with running(fleet) as (app, pilot):
        await pilot.press("x")
        await pilot.until(lambda: screen_name(app) == "ActionScreen")
        assert "gpuws doctor alpha" in text(app)
        app.screen.rows.select("doctor")
        await pilot.press("enter")
        await pilot.until(lambda: "round trip 0.4 ms" in text(app))
        assert "$ gpuws doctor alpha -v" in text(app)
        assert fleet.named("checkup") == [("checkup", "alpha", 1800.0)]
        await pilot.press("ctrl+r")
        await pilot.until(lambda: len(fleet.named("checkup")) == 2)


async def test_a_host_that_answers_late_or_not_at_all_keeps_its_row():
    fleet = stub()
    fleet.fail["checkup"] = GpuwsError("the keeper ended", "start gpuws again")
    fleet.blocked.add("checkup")
    async with running(fleet) as (app, pilot):
        await by_the_palette(pilot, app)
        await pilot.until(lambda: text(app).count("asking …") == 2)
        fleet.block.set()
        await pilot.until(lambda: text(app).count("the keeper ended") == 2)
        assert "→ start gpuws again" in text(app)


MEND = Mend("end", "End process 7 on alpha?", ("Its variables are lost.",), "ssh alpha 'kill 7'", pid=7, began=9)


async def test_f_mends_what_is_mine_by_the_command_that_is_shown_and_looks_again():
    fleet = stub()
    fleet.inspected["checkup"] = {"alpha": (Check("kernel_left", "warn", "process 7", "kill 7", MEND),)}
    async with running(fleet) as (app, pilot):
        await by_the_palette(pilot, app)
        await pilot.until(lambda: "gpuws doctor alpha --fix kernel_left" in text(app))
        await pilot.press("f")
        await pilot.until(lambda: "$ ssh alpha 'kill 7'" in text(app))
        assert "Its variables are lost." in text(app)
        await pilot.press("n")
        await pilot.until(lambda: screen_name(app) == "DoctorScreen")
        assert fleet.named("mend") == []
        fleet.inspected["checkup"] = FOUND
        asked = len(fleet.named("checkup"))
        await pilot.press("f", "y")
        await pilot.until(lambda: len(fleet.named("checkup")) == asked + 1)
        assert fleet.named("mend") == [("mend", "alpha", MEND)]
        await pilot.until(lambda: "its clock is 12s ahead" in text(app))


async def test_where_nothing_can_be_mended_f_says_so():
    async with running(stub()) as (app, pilot):
        await by_the_palette(pilot, app)
        await pilot.until(lambda: "alpha  1 warning" in text(app))
        await pilot.press("f")
        await pilot.until(lambda: "nothing there is for gpuws to mend" in text(app))
