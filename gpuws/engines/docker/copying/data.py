"""What lies in a container's volumes and directories, brought into those of a container on another host.

Both ends are the engine's own archive (`docker cp`): tar, so that owners by number, modes, times, links hard and
symbolic, devices and security.capability arrive; other extended attributes the engine leaves out, and holes of sparse
files arrive as zeros. The container that is read may run or not; the one that is written to was never started."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling, Reply, request
from gpuws.engines.docker.copying.faults import of, received
from gpuws.engines.docker.copying.meter import Meter
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.storage import Mount


def send(
    source: Client,
    container: str,
    given: Sequence[Mount],
    target: Client,
    into: str,
    report: Report,
    cancel: threading.Event,
) -> None:
    """One after the other. `Cancelled` once `cancel` is set: what arrived stays, for whoever asked to take back."""
    for number, mount in enumerate(given, start=1):
        place = f"{mount.source} ({number} of {len(given)})" if len(given) > 1 else mount.source
        meter = Meter(report, partial(_progress, place), mount.size)
        meter.tell()
        with Cancelling(cancel) as cancelling, _open(source, container, mount, cancelling) as reply:
            _put(target, into, mount, meter.counted(received(source, reply)), cancelling)


def _progress(place: str, text: str, fraction: float | None) -> Progress:
    return Progress("copying", f"{place}: {text}", fraction)


def _open(source: Client, container: str, mount: Mount, cancelling: Cancelling) -> Reply:
    """What lies in it, not the directory itself: that has another name there."""
    query = {"path": f"{mount.path}/."}
    with of(source):
        return source.open("GET", f"/containers/{container}/archive", query, timeout=None, cancelling=cancelling)


def _put(target: Client, into: str, mount: Mount, pieces: Iterator[bytes], cancelling: Cancelling) -> None:
    with of(target):
        request(
            target.dial, "PUT", target.target(f"/containers/{into}/archive", {"path": mount.path}),
            headers={"Content-Type": "application/x-tar"}, body=pieces, cancelling=cancelling,
        ).close()  # fmt: skip
