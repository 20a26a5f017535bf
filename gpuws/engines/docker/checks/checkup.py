"""What of a host's engine is missing or risky, whatever is launched there: preflight's rules and a few more."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.checks import hosts, limits
from gpuws.engines.docker.checks.images import LEAST, ROOM
from gpuws.engines.docker.contexts import Found
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.host_look import Look, look
from gpuws.model import units
from gpuws.model.placement.plan import Check

FULL = 0.9


def checkup(client: Client, mode: Mode, found: Found, *, gpus: bool) -> tuple[Check, ...]:
    """The host is asked, not changed. `gpus`: it has some."""
    seen = look(client.link, mode.root_dir)
    first, *more = rows(client.host, client.server, mode, seen, gpus=gpus)
    return (first, *_place(found), *more)


def _place(found: Found) -> Iterator[Check]:
    """Which of the engines that a host may have this is, and which one was not taken."""
    if found.aside:
        yield Check("engine_at", "warn", f"{found.at}: {found.aside}", found.remedy)
    elif found.at:
        yield Check("engine_at", "ok", found.at)


def rows(host: str, server: Server, mode: Mode, found: Look, *, gpus: bool) -> Iterator[Check]:
    yield hosts.engine_of(host, server, mode, wanted=gpus)
    yield from hosts.toolkit_of(host, mode)
    yield from hosts.cgroup_of(host, mode)
    yield from _open_files(server)
    yield from _restarts(mode)
    yield from _disk(mode, found)


def _open_files(server: Server) -> Iterator[Check]:
    if text := limits.few_files(server):
        remedy = '"default-ulimits" in /etc/docker/daemon.json, or ulimits: {nofile: 1048576} in the profile'
        yield Check("nofile", "warn", text, remedy)


def _restarts(mode: Mode) -> Iterator[Check]:
    """Most engines are set up so, and it is their admin's choice: said, but no warning."""
    if mode.live_restore is None:
        return
    if mode.live_restore:
        yield Check("live_restore", "ok", "containers go on while Docker restarts")
    else:
        detail = "containers end when Docker is restarted or upgraded"
        yield Check("live_restore", "ok", detail, '"live-restore": true in /etc/docker/daemon.json')


def _disk(mode: Mode, found: Look) -> Iterator[Check]:
    """Where images and containers lie, which may be a disk of their own."""
    if found.disk is None:
        return
    full = f", {found.disk_full:.0%} full" if found.disk_full is not None else ""
    detail = f"{units.size(found.disk)} free for images and containers in {mode.root_dir}{full}"
    if found.disk < LEAST:
        yield Check("images", "fail", detail, "docker system df; gpuws images prune")
    elif found.disk < ROOM or (found.disk_full or 0) >= FULL:
        yield Check("images", "warn", detail, "docker system df; gpuws images prune")
    else:
        yield Check("images", "ok", detail)
