"""What lies in a container's volumes and directories, brought into those of a container on another host.

Both ends are the engine's own archive (`docker cp`), a tar: owners by number, modes, times in seconds, links hard and
symbolic, devices and `security.capability` arrive. Other extended attributes the engine leaves out, holes of sparse
files arrive as zeros, and a file with several links may lose its setuid bit. The container that is read may run or not;
the one that is written to was never started."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling, Reply, request
from gpuws.engines.docker.copying.faults import of, received
from gpuws.engines.docker.copying.retar import passed
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.meter import Meter
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.storage import Mount, Renumber

SIZES_TIMEOUT = 10.0
"""Seconds: how much there is is good to know, and not worth minutes."""


def send(
    source: Client,
    container: str,
    given: Sequence[Mount],
    target: Client,
    into: str,
    owners: Renumber,
    report: Report,
    cancel: threading.Event,
) -> None:
    """One after the other. `Cancelled` once `cancel` is set: what arrived stays, for whoever asked to take back."""
    report(Progress("filling", "asking how much there is"))
    sizes = _sizes(source, given)
    mounted = [one.path for one in mounts_of(source, container)]
    for number, mount in enumerate(given, start=1):
        place = f"{mount.short} ({number} of {len(given)})" if len(given) > 1 else mount.short
        meter = Meter(report, partial(_progress, place), sizes.get(mount.source))
        meter.tell()
        with Cancelling(cancel) as cancelling, _open(source, container, mount, cancelling) as reply:
            pieces = meter.counted(received(source, reply))
            _put(target, into, mount, passed(pieces, _other_mounts(mount, mounted), owners), cancelling)


def mounts_of(client: Client, container: str) -> list[Mount]:
    """What lies in volumes and directories of its host, in the order of their paths inside."""
    with of(client):
        inspected = client.inspect(container)
    found = []
    for mount in (table(row) for row in rows(inspected.get("Mounts"))):
        kind, path = mount.get("Type"), mount.get("Destination")
        source = mount.get("Name") if kind == "volume" else mount.get("Source")
        if kind in ("volume", "bind") and isinstance(path, str) and isinstance(source, str) and source:
            found.append(Mount(kind, source, path, writable=mount.get("RW") is not False))
    return sorted(found, key=lambda one: one.path)


def _progress(place: str, text: str, fraction: float | None) -> Progress:
    return Progress("filling", f"{place}: {text}", fraction)


def _sizes(client: Client, given: Sequence[Mount]) -> Mapping[str, int]:
    """Bytes of volumes, by name; nothing where the engine does not say soon."""
    if not any(mount.kind == "volume" for mount in given):
        return {}
    try:
        with of(client):
            told = table(client.call("GET", "/system/df", timeout=SIZES_TIMEOUT))
    except HostError:
        raise
    except GpuwsError:
        return {}
    volumes = [table(row) for row in rows(told.get("Volumes"))]
    sizes = {str(row.get("Name")): table(row.get("UsageData")).get("Size") for row in volumes}
    return {name: size for name, size in sizes.items() if isinstance(size, int) and size > 0}


def _other_mounts(mount: Mount, mounted: Sequence[str]) -> list[str]:
    """What is mounted below it, as the archive names it: that is something else's data."""
    above = posixpath.dirname(mount.path)
    return [posixpath.relpath(path, above) for path in mounted if path.startswith(f"{mount.path}/")]


def _open(source: Client, container: str, mount: Mount, cancelling: Cancelling) -> Reply:
    """The directory itself with what lies in it, so that its owner and mode come along."""
    with of(source):
        return source.open(
            "GET", f"/containers/{container}/archive", {"path": mount.path}, timeout=None, cancelling=cancelling
        )


def _put(target: Client, into: str, mount: Mount, pieces: Iterator[bytes], cancelling: Cancelling) -> None:
    with of(target):
        above = {"path": posixpath.dirname(mount.path)}
        request(
            target.dial, "PUT", target.target(f"/containers/{into}/archive", above),
            headers={"Content-Type": "application/x-tar"}, body=pieces, cancelling=cancelling,
        ).close()  # fmt: skip
