"""Torch tried in a container that is selected."""

from dataclasses import replace

import pytest

from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.verification import DeviceVerified, Verification
from tests.factories import container
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_drift import chosen

WELL = Verification("3.11.9", "2.8.0", "12.8", (DeviceVerified(0, "NVIDIA H200", 140 << 30, 0.0004),))
OLD = replace(
    WELL, devices=(), problem="the driver is too old for its CUDA 12.8: it runs CUDA 11.4", remedy="an older CUDA"
)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (WELL, ("2.8.0, built for CUDA 12.8", "NVIDIA H200 · 140G · 0.4 ms", "a matrix product on each GPU was right")),
        (replace(WELL, devices=()), ("no GPU was given to it",)),
        (replace(WELL, torch=None, problem="its Python 3.11.9 has no torch"), ("torch     none", "has no torch")),
        (OLD, ("✗", "the driver is too old for its CUDA 12.8: it runs CUDA 11.4", "an older CUDA")),
        (GpuwsError("torch did not answer within 300 s", "see whether its GPUs hang"), ("torch did not answer",)),
    ],
)
async def test_what_was_found_is_shown(found, shown):
    fleet = lab()
    fleet.inspected["verified"] = found
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "verify")
        await pilot.until(lambda: all(words in text(app) for words in shown))
        assert "torch in torch-dev on alpha" in text(app)


async def test_only_in_one_of_mine_that_runs():
    fleet = lab()
    alpha = fleet.hosts["alpha"]
    fleet.hosts["alpha"] = replace(alpha, workspaces=(container(mine=False, owner="bob"),))
    async with running(fleet) as (app, pilot):
        await chosen(app, pilot, "verify")
        await pilot.until(lambda: any("is not yours" in toast for toast in toasts(app)))
        assert not fleet.named("verify")
