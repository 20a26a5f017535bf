"""The composition root: from options to a Fleet, in the keeper or in this program. Nothing is dialled before the fleet
is started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.environment import demo_wanted, keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.model.host.host import Host
from gpuws.model.settings import ScreenSettings

if TYPE_CHECKING:
    from gpuws.config.files import SmallFile
    from gpuws.config.paths import Paths
    from gpuws.fleet.base import Fleet
    from gpuws.keeper.client.dialer import Dialer
    from gpuws.keeper.home import Home

LOG = "gpuws.log"
SCREEN = "screen.json"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says. `make` builds a fleet of the named hosts, of all where None; only these are ever
    connected. `kept`: the fleet lives in the keeper, and what is opened there stays when this program ends. `screen`:
    what the screen remembers; None: nothing."""

    hosts: tuple[Host, ...]
    look: ScreenSettings
    make: Callable[[Collection[str] | None], Fleet]
    notes: tuple[str, ...] = ()
    log: Path | None = None
    kept: bool = False
    screen: SmallFile | None = None

    def names(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.hosts)


def set_up(options: Options, *, person: bool | None = None) -> Setup:
    """`person`: somebody can answer questions; None: as a terminal is there or not."""
    if demo_wanted():
        return demo_setup(options)
    return keeper_setup(options, person) if keeper_wanted() else real_setup(options)


@contextlib.contextmanager
def open_fleet(setup: Setup, hosts: Collection[str]) -> Iterator[Fleet]:
    """A started fleet of `hosts`; this program's part in it ends with the block. What the configuration made us ignore
    is said first."""
    if not setup.kept:  # what goes wrong there the keeper logs
        log_faults(setup.log)
    for sentence in setup.notes:
        note(sentence)
    fleet = setup.make(hosts)
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.close()


def log_faults(path: Path | None) -> None:
    """What gpuws gets wrong goes to a private file; None: nowhere."""
    from gpuws.keeper.log import log_to

    log_to(path)


def demo_setup(options: Options) -> Setup:
    from gpuws.fleet.demo.fleet import DemoFleet
    from gpuws.fleet.demo.lab.machines import MACHINES

    hosts = tuple(Host(machine.name, tags=machine.tags) for machine in MACHINES)

    def make(names: Collection[str] | None) -> Fleet:
        shown = tuple(host.name for host in hosts if names is None or host.name in names)
        return DemoFleet(tick=0.1, hosts=shown, readonly=options.readonly)

    return Setup(hosts, ScreenSettings(), make)


def keeper_setup(options: Options, person: bool | None = None) -> Setup:
    """What the keeper says of the user's files. It is started where none lives."""
    from gpuws.config.files import SmallFile
    from gpuws.keeper.client.dialer import describe
    from gpuws.keeper.client.fleet import KeeperFleet

    paths = user_paths(options)
    dialer = keeper_dialer(keeper_home(options, paths), person)
    description, wire = describe(dialer)
    return Setup(
        description.hosts,
        description.look,
        lambda names: KeeperFleet(dialer, names, wire),
        description.notes,
        paths.state_dir / LOG,
        kept=True,
        screen=SmallFile(paths.state_dir / SCREEN),
    )


def keeper_home(options: Options, paths: Paths) -> Home:
    from gpuws.keeper.home import find_home

    return find_home(paths, readonly=options.readonly)


def keeper_dialer(home: Home, person: bool | None = None) -> Dialer:
    from gpuws.cli.toolkit.questions import has_terminal
    from gpuws.keeper.client.dialer import Dialer

    return Dialer(home, person=has_terminal() if person is None else person, note=note)


def real_setup(options: Options) -> Setup:
    """The user's files, read here, and a fleet in this program."""
    from gpuws.config.files import SmallFile
    from gpuws.config.load import load_configuration
    from gpuws.fleet.local.assembly import assemble

    paths = user_paths(options)
    found = load_configuration(paths, os.environ, readonly=options.readonly)
    return Setup(
        found.hosts,
        found.look,
        lambda names: assemble(found, paths, names),
        found.notes,
        paths.state_dir / LOG,
        screen=SmallFile(paths.state_dir / SCREEN),
    )


def user_paths(options: Options) -> Paths:
    if demo_wanted():
        from gpuws.cli.toolkit.demo_files import demo_paths

        return demo_paths()
    from gpuws.config.paths import find_paths

    return find_paths(Path(options.config_dir) if options.config_dir else None, os.environ)
