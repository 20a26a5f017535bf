"""The fleet that does it itself: one supervisor per host, in this program.

Hosts are dialled as soon as this is loaded: what only a verb needs is loaded by that verb."""

from __future__ import annotations

from gpuws.fleet.background.verbs import in_background
from gpuws.fleet.local.files import LocalFiles
from gpuws.fleet.local.images import LocalImages
from gpuws.fleet.local.inside import LocalInside
from gpuws.fleet.local.inventory import LocalInventory
from gpuws.fleet.local.looking import LocalLooking
from gpuws.fleet.local.notices import LocalNotices
from gpuws.fleet.local.profiles import LocalProfiles
from gpuws.fleet.local.recipes import LocalRecipes
from gpuws.fleet.local.storage import LocalStorage
from gpuws.fleet.local.tunnels import LocalTunnels
from gpuws.fleet.local.workspaces import LocalWorkspaces


@in_background
class LocalFleet(
    LocalNotices,
    LocalLooking,
    LocalInventory,
    LocalProfiles,
    LocalWorkspaces,
    LocalRecipes,
    LocalImages,
    LocalStorage,
    LocalInside,
    LocalFiles,
    LocalTunnels,
):
    """Implements `Fleet` over links and the engines of its hosts."""
