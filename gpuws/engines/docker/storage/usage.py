"""What `docker system df` tells, and the logs of containers. The engine walks through all files for it: minutes on a
disk that is slow or full."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling
from gpuws.engines.docker.existing.parse import bind_sources, name_of, rows, table
from gpuws.engines.docker.images.store import NO_NAME
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.ownership.identity import FROM_LABEL, OWNER_LABEL, container_owner
from gpuws.model.text import plain
from gpuws.model.workspace.storage import ContainerDisk, DiskUsage, ImageDisk, Volume, total

LOGS_TIMEOUT = 20.0
ROOT_ONLY = "only root sees them"
NO_FILES = "its logs are not kept in files"
# Arguments: the files of logs. A line each: the bytes of it and of those that it was rotated into, empty where it may
# not be seen.
_SIZES = r"""
for path; do
  total=0 seen=
  for file in "$path" "$path".*; do
    size=$(stat -c %s -- "$file" 2>/dev/null) && total=$((total + size)) seen=1
  done
  echo "${seen:+$total}"
done
"""


def read(client: Client, cancel: threading.Event) -> DiskUsage:
    with client.errors(), Cancelling(cancel) as cancelling:
        with client.open("GET", "/system/df", timeout=None, cancelling=cancelling) as reply:
            told = table(reply.json())
        root = table(client.call("GET", "/info")).get("DockerRootDir")
    logs, no_logs = _logs(client, [str(table(row).get("Id") or "") for row in rows(told.get("Containers"))])
    return parse(client.host, told, time.time(), plain(str(root or ""), 200), logs, no_logs)


def parse(
    host: str,
    told: Mapping[str, Any],
    at: float,
    root: str = "",
    logs: Mapping[str, int | None] = {},
    no_logs: str = "",
) -> DiskUsage:
    """Any field may be missing or of another shape."""
    containers = [table(row) for row in rows(told.get("Containers"))]
    cache = [table(row) for row in rows(told.get("BuildCache"))]
    return DiskUsage(
        host,
        at,
        root,
        tuple(_image(table(row)) for row in rows(told.get("Images"))),
        _size(told.get("LayersSize")),
        tuple(_container(row, logs) for row in containers),
        tuple(volume(host, table(row), users(containers)) for row in rows(told.get("Volumes"))),
        total(_size(row.get("Size")) for row in cache if not row.get("Shared")),
        total(_size(row.get("Size")) for row in cache if not row.get("Shared") and not row.get("InUse")),
        no_logs,
    )


def users(containers: Iterable[Mapping[str, Any]]) -> Mapping[str, tuple[str, ...]]:
    """Of each volume, by its name: the containers that mount it."""
    found: dict[str, list[str]] = {}
    for row in containers:
        who = name_of(row.get("Names")) or str(row.get("Id") or "")[:12]
        for mount in (table(one) for one in rows(row.get("Mounts"))):
            if mount.get("Type") == "volume" and isinstance(name := mount.get("Name"), str):
                found.setdefault(name, []).append(who)
    return {name: tuple(dict.fromkeys(who)) for name, who in found.items()}


def volume(host: str, row: Mapping[str, Any], users: Mapping[str, tuple[str, ...]]) -> Volume:
    name, labels = str(row.get("Name") or ""), table(row.get("Labels"))
    owner, origin = labels.get(OWNER_LABEL), labels.get(FROM_LABEL)
    return Volume(
        host,
        plain(name, 300),
        _size(table(row.get("UsageData")).get("Size")),
        users.get(name, ()),
        plain(str(owner), 100) if owner else None,
        plain(str(origin), 100) if origin else None,
        created=_time(row.get("CreatedAt")),
        driver=plain(str(row.get("Driver") or "local"), 60),
    )


def _image(row: Mapping[str, Any]) -> ImageDisk:
    identity, size, shared = str(row.get("Id") or ""), _size(row.get("Size")), _size(row.get("SharedSize"))
    names = [word for word in rows(row.get("RepoTags")) if isinstance(word, str) and NO_NAME not in word]
    short = identity.removeprefix("sha256:")[:12]
    unique = max(size - shared, 0) if size is not None and shared is not None else None
    count = _size(row.get("Containers"))
    return ImageDisk(plain(identity, 100), plain(names[0] if names else short, 300), size, unique, count or 0)


def _container(row: Mapping[str, Any], logs: Mapping[str, int | None]) -> ContainerDisk:
    identity = str(row.get("Id") or "")
    labels = {str(key): plain(str(value), 100) for key, value in table(row.get("Labels")).items()}
    owner, _ = container_owner(labels, bind_sources(row.get("Mounts")))
    return ContainerDisk(
        identity,
        name_of(row.get("Names")) or identity[:12],
        _size(row.get("SizeRw")) or 0,  # an engine leaves it out where nothing was written
        logs.get(identity),
        owner,
        running=row.get("State") in ("running", "paused", "restarting"),
    )


def _logs(client: Client, containers: Sequence[str]) -> tuple[dict[str, int | None], str]:
    """Bytes of each container's log, and why none is known."""
    paths: dict[str, str] = {}
    for identity in containers:
        try:
            with client.errors():
                path = client.inspect(identity).get("LogPath")
        except HostError:
            raise
        except GpuwsError:
            continue  # it went meanwhile
        if isinstance(path, str) and path.startswith("/"):
            paths[identity] = path
    if not paths:
        return {}, NO_FILES if containers else ""
    try:
        done = client.link.run(["sh", "-c", _SIZES, "sh", *paths.values()], timeout=LOGS_TIMEOUT)
    except HostError:
        raise
    except GpuwsError as error:
        return {}, error.message
    lines = done.stdout.decode(errors="replace").splitlines()
    found = {one: int(line) if line.isdecimal() else None for one, line in zip(paths, lines, strict=False)}
    return found, "" if any(size is not None for size in found.values()) else ROOT_ONLY


def _size(value: object) -> int | None:
    """The engine says -1 of what it does not know."""
    return value if isinstance(value, int) and value >= 0 else None


def _time(value: object) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
