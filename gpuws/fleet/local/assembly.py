"""From the user's files to a fleet over links and engines. What is heavy is loaded when a fleet is made."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, TypeVar

from gpuws.engines.registry import files_sent

if TYPE_CHECKING:
    from gpuws.config.load import Configuration
    from gpuws.config.paths import Paths
    from gpuws.config.trust.accept import Proposals
    from gpuws.fleet.local.fleet import LocalFleet
    from gpuws.fleet.local.lasting import LastingFleet
    from gpuws.link.command_log import CommandLog

F = TypeVar("F", bound="LocalFleet")


def assemble(
    configuration: Configuration,
    paths: Paths,
    names: Collection[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> LocalFleet:
    """A fleet of the named hosts, of all where None. Nothing is dialled before it is started."""
    from gpuws.fleet.local.fleet import LocalFleet

    return _make(LocalFleet, configuration, paths, names, environ)


def assemble_lasting(
    configuration: Configuration, paths: Paths, environ: Mapping[str, str] = os.environ, log: CommandLog | None = None
) -> LastingFleet:
    """All hosts, for a program that outlives those who look. `log`: of what is run on them; None: one of its own."""
    from gpuws.fleet.local.lasting import LastingFleet

    return _make(LastingFleet, configuration, paths, None, environ, log)


def command_log(configuration: Configuration, paths: Paths) -> CommandLog:
    """Of what is run on hosts, as the configuration has it."""
    from gpuws.link.command_log import CommandLog

    return CommandLog(paths.command_log, on=configuration.command_log)


def proposals(paths: Paths, environ: Mapping[str, str]) -> Proposals:
    """What others' files may do, looked at and accepted."""
    from gpuws.config.trust.accept import Proposals

    return Proposals(paths, environ, files_sent)


def _make(
    kind: type[F],
    configuration: Configuration,
    paths: Paths,
    names: Collection[str] | None,
    environ: Mapping[str, str],
    log: CommandLog | None = None,
) -> F:
    from gpuws.config.hosts.inventory import Inventory
    from gpuws.config.profiles.profiles import store_of
    from gpuws.config.profiles.writer import OwnProfiles
    from gpuws.fleet.local.shared.stops import Stops
    from gpuws.link.connect.connector import Connector

    return kind(
        [host for host in configuration.hosts if names is None or host.name in names],
        configuration.settings,
        connector=Connector(configuration.hosts, str(paths.own_known_hosts), log or command_log(configuration, paths)),
        profiles=store_of(configuration, environ),
        desk=OwnProfiles(paths, environ),
        trust=proposals(paths, environ),
        inventory=Inventory(paths, environ),
        environ=environ,
        wishes=configuration.notifications,
        stops=Stops(paths.stops),
    )
