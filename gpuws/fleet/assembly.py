"""From the user's files to a fleet over SSH and Docker. What is heavy is loaded when a fleet is made."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from gpuws.config.load import Configuration, load_configuration
from gpuws.config.paths import Paths

if TYPE_CHECKING:
    from gpuws.fleet.local import LocalFleet

__all__ = ["Configuration", "assemble", "load_configuration"]


def assemble(
    configuration: Configuration,
    paths: Paths,
    names: Collection[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> LocalFleet:
    """A fleet of the named hosts, of all where None. Nothing is dialled before it is started."""
    from gpuws.config.inventory import Inventory
    from gpuws.config.own_profiles import OwnProfiles
    from gpuws.config.profiles import ProfileStore
    from gpuws.fleet.local import LocalFleet
    from gpuws.link.connect import Connector

    return LocalFleet(
        [host for host in configuration.hosts if names is None or host.name in names],
        configuration.settings,
        connector=Connector(configuration.hosts),
        profiles=ProfileStore(configuration.profile_dirs),
        desk=OwnProfiles(paths, environ),
        inventory=Inventory(paths, environ),
        environ=environ,
    )
