"""`volumes`: listed with sizes and owners, removed by name, and those that nobody uses together."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from gpuws.cli.disks.disks import usages
from gpuws.cli.images.query import HostQuery, query_hosts
from gpuws.cli.toolkit.confirmation import agreed
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.cli.toolkit.tables import render, style
from gpuws.model import units
from gpuws.model.consent.disks import to_prune, volume_confirmation
from gpuws.model.errors import TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.storage import Volume, find_volume
from gpuws.present.documents import disks as documents
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed
from gpuws.present.tables import disks as tables

ByHost = Mapping[str, Sequence[Volume]]


def list_volumes(options: Options, hosts: Sequence[str]) -> int:
    with query_hosts(options, hosts) as query:
        answers = usages(query)
        now = time.time()
        if options.json:
            found = list(answers.given.values())
            sys.stdout.write(f"{printed(documents.volumes(query.snapshots, found, now))}\n")
        else:
            given = {host: usage.volumes for host, usage in answers.given.items()}
            _say(render(tables.volumes(given, now), style()))
        return query.end(answers)


def remove_volumes(options: Options, words: Sequence[str]) -> int:
    """All must exist and be confirmed before the first goes."""
    with query_hosts(options, (), changing=True) as query:
        answers = usages(query)
        if code := query.end(answers):
            return code
        wanted = {host: [_find(usage.volumes, host, word) for word in words] for host, usage in answers.given.items()}
        return _remove(query, options, wanted, 0)


def prune_volumes(options: Options, hosts: Sequence[str], *, every: bool) -> int:
    with query_hosts(options, hosts, changing=True) as query:
        answers = usages(query)
        code = query.end(answers)
        wanted = {host: to_prune(usage.volumes, every=every) for host, usage in answers.given.items()}
        return _remove(query, options, wanted, code, summed=True)


def _find(volumes: Sequence[Volume], host: str, word: str) -> Volume:
    found = find_volume(volumes, word)
    if len(found) != 1:
        why = f"{word!r} names several volumes of {host}" if found else f"{host} has no volume {word}"
        raise TargetError(why, f"see: gpuws volumes ls {host}")
    return found[0]


def _remove(query: HostQuery, options: Options, wanted: ByHost, code: int, *, summed: bool = False) -> int:
    """Each is named with its size and owner before anything is asked. `summed`: say what it freed, not what went."""
    by_name, now = {snapshot.name: snapshot for snapshot in query.snapshots}, time.time()
    asked = [volume_confirmation(one, by_name[host], now) for host, found in wanted.items() for one in found]
    named = [(host, one.name) for host, found in wanted.items() for one in found]
    deeds = [Deed(host, name, one.command) for (host, name), one in zip(named, asked, strict=True)]
    outcome = Outcome("remove", "volumes", deeds, options)
    lines = [] if options.json and not summed else [f"{one.command}  # {one.row}" for one in asked]
    if not agreed(asked, lines, options):
        if not summed:
            outcome.print()
        return code
    done = query.ask(
        lambda snapshot: _remove_on(query, snapshot, wanted.get(snapshot.name, ()), None if summed else outcome)
    )
    for host, error in done.failed.items():
        outcome.failed(host, error)
    if not summed:
        outcome.print()
    elif options.json:
        sys.stdout.write(f"{printed(listings.pruned(query.snapshots, done.given, time.time()))}\n")
    else:
        _say([f"{host}: {units.size(freed)} freed" for host, freed in done.given.items()])
    return max(code, query.end(done))


def _remove_on(query: HostQuery, snapshot: HostSnapshot, volumes: Sequence[Volume], outcome: Outcome | None) -> int:
    """Bytes that are free again, as far as their sizes were known. `outcome`: who says which of them went."""
    freed = 0
    for one in volumes:
        query.fleet.remove_volume(snapshot.name, one.name)
        freed += one.size or 0
        if outcome is not None:
            outcome.done(snapshot.name, one.name, f"{snapshot.name}: {one.name}")
    return freed


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
