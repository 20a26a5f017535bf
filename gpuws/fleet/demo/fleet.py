"""The Fleet in memory: a small lab whose values move by themselves. What only a verb needs is loaded by that verb."""

from __future__ import annotations

from gpuws.fleet.background.verbs import in_background
from gpuws.fleet.demo.background.tasks import DemoTasks
from gpuws.fleet.demo.background.waits import DemoWaits
from gpuws.fleet.demo.images import DemoImages
from gpuws.fleet.demo.inside import DemoInside
from gpuws.fleet.demo.inventory import DemoInventory
from gpuws.fleet.demo.looking import DemoLooking
from gpuws.fleet.demo.profiles import DemoProfiles
from gpuws.fleet.demo.recipes import DemoRecipes
from gpuws.fleet.demo.storage import DemoStorage
from gpuws.fleet.demo.tunnels import DemoTunnels
from gpuws.fleet.demo.workspaces import DemoWorkspaces


@in_background
class DemoFleet(
    DemoTasks,
    DemoLooking,
    DemoInventory,
    DemoProfiles,
    DemoRecipes,
    DemoWaits,
    DemoWorkspaces,
    DemoImages,
    DemoStorage,
    DemoInside,
    DemoTunnels,
):
    """Implements `Fleet`."""
