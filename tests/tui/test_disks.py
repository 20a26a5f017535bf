"""What fills a host's disks on the screen: asked when it is opened, volumes that nobody uses can go."""

from __future__ import annotations

import pytest

from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.storage import ContainerDisk, DiskUsage, ImageDisk, Volume
from tests.factories import GIB, NOW
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_images import listed, on, stocked
from tests.tui.test_launch import screen_name

ANONYMOUS = "9f" * 32
USAGE = DiskUsage(
    "alpha",
    NOW,
    "/var/lib/docker",
    (ImageDisk("sha256:1", "torch:2.8", 9 * GIB, 5 * GIB, 1), ImageDisk("sha256:2", "old:1", 20 * GIB, 2 * GIB)),
    24 * GIB,
    (ContainerDisk("1" * 64, "torch-dev", GIB, None, "alice", mine=True, running=True),),
    (
        Volume("alpha", "kept", 7 * GIB, owner="alice", mine=True),
        Volume("alpha", "used", 40 * GIB, ("stopped-one",), "bob"),
        Volume("alpha", ANONYMOUS, GIB),
    ),
    3 * GIB,
    2 * GIB,
    "only root sees them",
)


def filled():
    fleet = lab()
    fleet.inspected["disks"] = USAGE
    return fleet


async def shown(app, pilot):
    await pilot.press("d")
    await pilot.until(lambda: screen_name(app) == "DiskScreen" and "kept" in text(app))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_kinds_with_their_sums_and_volumes_under_them(size):
    fleet = filled()
    async with running(fleet, size) as (app, pilot):
        await shown(app, pilot)
        assert fleet.named("disk_usage") == [("disk_usage", "alpha")]
        said = " ".join(text(app).split())
        assert "+images 2 24G 2" in said, said
        assert "+container logs 1 – – only root sees them" in said
        assert "used 40G – bob stopped-one" in said
        assert "old:1" not in text(app)
        app.screen.rows.select("images")
        await pilot.press("enter")
        await pilot.until(lambda: "old:1" in text(app))


async def test_what_a_container_has_stays_and_mine_goes_after_a_yes():
    fleet = filled()
    async with running(fleet) as (app, pilot):
        await shown(app, pilot)
        app.screen.rows.select("volumes/used")
        await pilot.press("D")
        await pilot.until(lambda: any("belongs to stopped-one" in toast for toast in toasts(app)))
        app.screen.rows.select("volumes/kept")
        await pilot.press("D")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "your volume, 7.0G" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("remove_volume") == [("remove_volume", "alpha", "kept")])
        await pilot.until(lambda: len(fleet.named("disk_usage")) == 2)


async def test_nobodys_takes_its_name():
    fleet = filled()
    async with running(fleet) as (app, pilot):
        await shown(app, pilot)
        await pilot.press("P")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert f"type {ANONYMOUS[:12]} to go on" in text(app)
        assert not fleet.named("remove_volume")


async def test_leaving_ends_the_question():
    fleet = filled()
    fleet.blocked.add("disk_usage")
    async with running(fleet) as (app, pilot):
        await pilot.press("d")
        await pilot.until(lambda: "asking the engine" in text(app) and fleet.named("disk_usage"))
        await pilot.press("escape")
        await pilot.until(lambda: fleet.cancels[0].is_set())
        fleet.block.set()


async def test_a_failure_is_said_in_its_place():
    fleet = filled()
    fleet.fail["disk_usage"] = GpuwsError("somebody has Docker on alpha look through its disks already")
    async with running(fleet) as (app, pilot):
        await pilot.press("d")
        await pilot.until(lambda: "look through its disks already" in text(app))


async def test_an_image_is_copied_to_other_hosts_and_what_has_its_name_is_asked_about():
    fleet = stocked()
    mine = fleet.inspected["images"]
    async with running(fleet, (120, 36)) as (app, pilot):
        await listed(app, pilot)
        await on(app, pilot, mine[2])
        await pilot.press("c")
        await pilot.until(lambda: screen_name(app) == "CopyScreen")
        await pilot.press("enter")
        await pilot.until(lambda: "to which hosts?" in text(app))
        fleet.inspected["images"] = (Image("bravo", "sha256:dddd", ("torch:2.8",), size=GIB, used_by=("eval",)),)
        await pilot.press(*"bravo", "enter")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "torch:2.8 means another image there now" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("copy_image") == [("copy_image", "alpha", "torch:2.8", "bravo")])
