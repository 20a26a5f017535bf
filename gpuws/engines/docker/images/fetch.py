"""How an image gets onto a host from its registry: with progress, cancelled by closing the connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling, Refusal, Reply
from gpuws.engines.docker.images import store
from gpuws.engines.docker.images.login import login_for
from gpuws.engines.docker.images.progress import Layers
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Progress, Report

INTERVAL = 0.1
"""Seconds between two reports of a pull: an engine tells of every piece of every layer."""


def pull(client: Client, image: str, report: Report, cancel: threading.Event) -> None:
    """Cancelled: `Cancelled` is raised, and the engine stops pulling; layers it has are kept for the next time."""
    repository, tag = store.split(image)
    report(Progress("pulling", image))
    login = login_for(repository)
    fault = partial(store.fault, reference=image, host=client.host, login=login)
    query, headers = {"fromImage": repository, "tag": tag}, login.headers
    try:
        with client.errors(), Cancelling(cancel) as cancelling:
            try:
                reply = client.open(
                    "POST", "/images/create", query, headers=headers, timeout=None, cancelling=cancelling
                )
            except Refusal as error:
                raise fault(error.message) from error
            _tell(items(reply, fault), image, report)
    except Cancelled:
        raise Cancelled(f"cancelled: {client.host} keeps what came of {image} for the next time") from None


def _tell(items: Iterator[Mapping[str, Any]], image: str, report: Report) -> None:
    """A report whenever a layer enters its next phase, else now and then; the last state always."""
    layers = Layers()
    told, shown = 0.0, layers.progress(image)
    for item in items:
        layers.take(item)
        progress, now = layers.progress(image), time.monotonic()
        entered = [layer.phase for layer in progress.layers] != [layer.phase for layer in shown.layers]
        if entered or now - told >= INTERVAL:
            report(progress)
            told, shown = now, progress
    report(layers.progress(image))


def items(reply: Reply, fault: Callable[[str], GpuwsError]) -> Iterator[Mapping[str, Any]]:
    """The lines of progress. A failure comes as one of them, behind HTTP status 200; an engine that is killed just
    stops."""
    for item in reply.objects():
        if error := item.get("error"):
            detail = item.get("errorDetail")
            message = detail.get("message") if isinstance(detail, dict) else None
            raise fault(str(message or error))
        yield item
    if reply.cut_short:
        raise ConnectionError("it ended in the middle")
