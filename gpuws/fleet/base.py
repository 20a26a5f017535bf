"""The Fleet protocol: what screens and commands see. All of it is data that could cross a socket.

A verb is written in its facet, in the local and in the demo fleet, nowhere else."""

from __future__ import annotations

from typing import Protocol

from gpuws.fleet.files import Files
from gpuws.fleet.images import Images
from gpuws.fleet.inside import Inside
from gpuws.fleet.inventory import Inventory
from gpuws.fleet.looking import Looking
from gpuws.fleet.notices import Notices
from gpuws.fleet.profiles import Profiles
from gpuws.fleet.recipes import Recipes
from gpuws.fleet.storage import Storage
from gpuws.fleet.tasks import Tasks
from gpuws.fleet.tunnels import Tunnels
from gpuws.fleet.waits import Waits
from gpuws.fleet.workspaces import Workspaces
from gpuws.link.place import Process, Stream, Terminal

__all__ = ["Fleet", "Process", "Stream", "Terminal"]  # with what its verbs give: who calls them need not see `link`


class Fleet(
    Looking,
    Inventory,
    Profiles,
    Workspaces,
    Recipes,
    Images,
    Storage,
    Inside,
    Files,
    Tunnels,
    Waits,
    Tasks,
    Notices,
    Protocol,
):
    """All hosts of the configuration. Calls block unless said otherwise and raise `GpuwsError`; any thread may call."""
