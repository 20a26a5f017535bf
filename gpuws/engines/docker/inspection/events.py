"""What Docker saw happen to a container, as far back as it remembers: its last 256 events of all kinds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.listing import EVENTS
from gpuws.engines.docker.existing.parse import table
from gpuws.model.text import plain
from gpuws.model.workspace.details import Happening

KEPT = 50


def read(client: Client, container: str) -> tuple[Happening, ...]:
    """Oldest first. Until the end of this second by the engine's clock: until then it waits for more."""
    filters = {"type": ["container"], "container": [container], "event": EVENTS}
    query = {"since": 1, "until": _now(client) + 1, "filters": filters}
    with client.open("GET", "/events", query) as reply:
        reply.stream.settimeout(10.0)
        found = [one for event in reply.objects() if (one := parse(table(event))) is not None]
    return tuple(found[-KEPT:])


def parse(event: Mapping[str, Any]) -> Happening | None:
    """`die, exit 137`; `health_status: unhealthy` as the engine says it."""
    at, what = event.get("time"), event.get("Action") or event.get("status")
    if not isinstance(at, int) or not isinstance(what, str):
        return None
    about = table(table(event.get("Actor")).get("Attributes"))
    code, signal = about.get("exitCode"), about.get("signal")
    more = f", exit {code}" if code is not None else f", signal {signal}" if signal is not None else ""
    return Happening(float(at), plain(f"{what}{more}", 120))


def _now(client: Client) -> int:
    """Epoch seconds on the engine's clock, whole ones: the head of any reply has them."""
    with client.open("GET", "/_ping") as reply:
        date = reply.headers.get("date", "")
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except ValueError:
        return int(time.time())
