"""hosts: the inventory, listed and edited. Nothing is dialled."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Sequence

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import chosen_hosts
from gpuws.cli.toolkit.setup import real_setup, user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.config.hosts.inventory import Inventory
from gpuws.model.errors import TargetError, UsageError
from gpuws.model.host.address import parse_address
from gpuws.model.host.host import Host
from gpuws.model.host.naming import bare
from gpuws.model.text import plain
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.tables import hosts as hosts_table


def list_hosts(options: Options) -> int:
    setup = real_setup(options)
    names = chosen_hosts(setup, [], options.tag)
    hosts = [host for host in setup.hosts if host.name in names]
    lines = [printed(listings.inventory(hosts))] if options.json else render(hosts_table.listing(hosts), style())
    return _print(lines)


def add_host(options: Options, name: str, address: str | None) -> int:
    inventory = _inventory(options)
    host = _host(bare(name), address)
    if options.dry_run:
        return _print([f"{host.name}: {hosts_table.address(host)} → {inventory.paths.hosts_file}"])
    return _print([one.name for one in inventory.add([host])])


def remove_host(options: Options, name: str) -> int:
    name, inventory = bare(name), _inventory(options)
    if options.dry_run:
        chosen_hosts(real_setup(options), [name], [])
        return _print([f"{name} out of {inventory.paths.hosts_file}"])
    inventory.remove(name)
    return _print([name])


def import_hosts(options: Options, patterns: Sequence[str]) -> int:
    """Aliases that match are added; without a pattern they are only named. What is there already is said."""
    inventory = _inventory(options)
    configured = inventory.configured()
    candidates = [alias.name for alias in configured.aliases]
    if not patterns:
        note("aliases of your SSH configuration; import them by name or pattern: gpuws hosts import 'gpu-*'")
        for one in configured.left_out:
            note(f"left out: {plain(one.written, 100)}: {one.why}")
        return _print(candidates)
    for one in configured.left_out:
        if one.written in patterns and not set(one.written) & set("*?[]"):
            raise UsageError(
                f"{plain(one.written, 100)} can't be imported: {one.why}", "give the Host line another name"
            )
    chosen = _matching(candidates, patterns)
    there = _matching([one.host.name for one in configured.hosts], patterns)
    if there:
        note(f"{', '.join(there)}: configured already")
    elif not chosen:
        raise TargetError(f"no alias matches {' '.join(patterns)}", "there are: " + (", ".join(candidates) or "none"))
    return _print(chosen if options.dry_run or not chosen else [host.name for host in inventory.add(chosen)])


def _matching(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    wanted = [bare(pattern) if bare(pattern) in names else pattern for pattern in patterns]
    return [name for name in names if any(name == one or fnmatch.fnmatchcase(name, one) for one in wanted)]


def _inventory(options: Options) -> Inventory:
    return Inventory(user_paths(options), os.environ)


def _host(name: str, address: str | None) -> Host:
    if address is None:
        return Host(name)
    try:
        parts = parse_address(address)
    except ValueError as error:
        raise UsageError(f"{address!r}: {error}") from error
    return Host(name, hostname=parts.host, user=parts.user, port=parts.port)


def _print(lines: Sequence[str]) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0
