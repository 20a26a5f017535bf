"""The composition root: from options and files to a Fleet. Nothing is dialled before the fleet is started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.failures import note
from gpuws.cli.log import keep_log
from gpuws.cli.options import Options
from gpuws.config.paths import Paths, find_paths
from gpuws.fleet.base import Fleet
from gpuws.model.host import Host
from gpuws.model.settings import Look


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says. `make` builds a fleet of the named hosts; only these are ever connected."""

    hosts: tuple[Host, ...]
    look: Look
    make: Callable[[Collection[str]], Fleet]
    notes: tuple[str, ...] = ()
    log_directory: Path | None = None

    def names(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.hosts)


def set_up(options: Options) -> Setup:
    return demo_setup(options) if os.environ.get("GPUWS_DEMO") == "1" else real_setup(options)


@contextlib.contextmanager
def open_fleet(setup: Setup, hosts: Collection[str]) -> Iterator[Fleet]:
    """A started fleet of `hosts`; its links end with the block. What the configuration made us ignore is said first."""
    keep_log(setup.log_directory)
    for sentence in setup.notes:
        note(sentence)
    fleet = setup.make(hosts)
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.close()


def demo_setup(options: Options) -> Setup:
    from gpuws.fleet.demo import DemoFleet
    from gpuws.fleet.demo.lab import MACHINES

    hosts = tuple(Host(machine.name, tags=machine.tags) for machine in MACHINES)
    return Setup(hosts, Look(), lambda names: DemoFleet(tick=0.1, hosts=tuple(names), readonly=options.readonly))


def real_setup(options: Options) -> Setup:
    """The user's files, over SSH and Docker."""
    from gpuws.config.load import load_configuration

    paths = user_paths(options)
    configuration = load_configuration(paths, os.environ, readonly=options.readonly)

    def make(names: Collection[str]) -> Fleet:
        from gpuws.config.inventory import Inventory
        from gpuws.config.profiles import ProfileStore
        from gpuws.fleet.local import LocalFleet
        from gpuws.link.connect import Connector

        hosts = [host for host in configuration.hosts if host.name in names]
        return LocalFleet(
            hosts,
            configuration.settings,
            connector=Connector(configuration.hosts),
            profiles=ProfileStore(configuration.profile_dirs),
            inventory=Inventory(paths, os.environ),
        )

    return Setup(configuration.hosts, configuration.look, make, configuration.notes, paths.state_dir)


def user_paths(options: Options) -> Paths:
    return find_paths(Path(options.config_dir) if options.config_dir else None, os.environ)
