"""One workspace in full, as sections of named facts: the screen's page and `gpuws describe` say the same. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.details import Details, Happening, HealthCheck, MountPoint, Network
from gpuws.model.workspace.usage import NEAR, Usage, newest
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables.workspaces import cores, gpu_names, indices, port, state

CHECKS, EVENTS = 5, 12
"""So many of the last are shown, the newest first."""
OURS = "gpuws."


@dataclass(frozen=True, slots=True)
class Fact:
    """`name`: in a word or two; "" where it goes on with the one before."""

    name: str
    said: Line


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told of it. `details` None: not read yet, or `why` not. `now`: epoch seconds."""

    workspace: Workspace
    snapshot: HostSnapshot
    now: float
    details: Details | None = None
    why: str = ""
    usage: Usage | None = None
    tunnels: Sequence[Tunnel] = ()


def sections(it: Subject) -> list[Section]:
    """Those that say something: first how it fares, in the order in which one looks."""
    details = it.details or Details()
    found = [
        Section("NOW", tuple(_now(it, details))),
        Section("HEALTH", tuple(_health(details, it.now))),
        Section("LAST EVENTS", tuple(_events(details.events, it.now))),
        Section("MOUNTS", tuple(_mounts(details.mounts))),
        Section("PORTS", tuple(_ports(it))),
        Section("NETWORKS", tuple(_networks(details.networks))),
        Section("WHAT IT IS", tuple(_identity(it, details))),
        Section("ENVIRONMENT", tuple(_variables(details))),
        Section("LABELS", tuple(_labels(it.workspace))),
    ]
    return [section for section in found if section.facts]


def _fact(name: str, said: str | None, role: Role = "text") -> Iterator[Fact]:
    if said:
        yield Fact(name, one(clean(said, 500), role))


def _now(it: Subject, details: Details) -> Iterator[Fact]:
    workspace = it.workspace
    yield Fact("state", (state(workspace),))
    if workspace.started is not None:
        yield from _fact("up", f"for {units.duration(it.now - workspace.started)}")
    if details.ended is not None:
        code = "" if details.exit_code is None else f"with {details.exit_code}"
        yield from _fact("ended", joined([_ago(it.now, details.ended), code], " "))
    yield from _fact("owner", workspace.owner, "mine" if workspace.mine else "text")
    yield from _fact("GPUs", _gpus(it))
    if workspace.gpus and workspace.alive:
        yield from _fact("GPU memory", units.size(workspace.gpu_memory))
    yield from _measured(it)
    if it.why:
        yield from _fact("more", it.why, "warn")


def _gpus(it: Subject) -> str:
    return gpu_names(it.workspace, indices(it.snapshot)) or "none"


def _measured(it: Subject) -> Iterator[Fact]:
    """What it takes beside its caps, of one that has ended these alone; why not, where its engine does not tell."""
    workspace, usage = it.workspace, newest(it.usage, it.workspace.usage)
    cap = workspace.memory_limit or (usage.limit if usage else None)
    most = "" if workspace.cpu_limit is None else f"{workspace.cpu_limit:g}"
    limit = "" if cap is None else units.size(cap)
    if not workspace.alive:
        yield from _fact("caps", joined([most and f"{most} processors", limit and f"{limit} of memory"]))
    elif usage is None and (why := it.snapshot.caps_of(workspace).inspection):
        yield from _fact("CPU, RAM", why, "muted")
    else:
        usage = usage or Usage()
        taken = units.size(usage.memory)
        near = usage.memory is not None and cap is not None and usage.memory >= NEAR * cap
        said = f"{taken} of {limit}" if limit else f"{taken}, no cap"
        yield from _fact("RAM", f"{LOOK} {said}, near its cap" if near else said, "warn" if near else "text")
        yield from _fact("CPU", f"{cores(usage.cores)} of {most}" if most else f"{cores(usage.cores)}, no cap")
        yield from _fact("disks", rates(usage.read, usage.written, "read", "written"))
        yield from _fact("network", rates(usage.received, usage.sent, "received", "sent"))


def rates(first: float | None, second: float | None, one_way: str, other_way: str) -> str:
    """`12M/s read, 0B/s written`; "" where neither is known."""
    told = ((first, one_way), (second, other_way))
    return ", ".join(f"{units.size(int(value))}/s {way}" for value, way in told if value is not None)


def _health(details: Details, now: float) -> Iterator[Fact]:
    if not details.health:
        return
    bad = details.health == "unhealthy"
    failures = f"{units.count(details.failures, 'failure')} in a row" if details.failures else ""
    yield from _fact("status", joined([details.health, failures]), "error" if bad else "ok")
    for check in details.checks[: -CHECKS - 1 : -1]:
        yield _check(check, now)


def _check(check: HealthCheck, now: float) -> Fact:
    well = check.exit_code == 0
    code = "" if well or check.exit_code is None else f"exit {check.exit_code}  "
    return Fact(
        _ago(now, check.at), one(clean(f"{code}{check.output or 'said nothing'}", 300), "text" if well else "error")
    )


def _events(events: Sequence[Happening], now: float) -> Iterator[Fact]:
    for event in events[: -EVENTS - 1 : -1]:
        bad = any(word in event.what for word in ("oom", "unhealthy", "die"))
        yield Fact(_ago(now, event.at), one(clean(event.what), "warn" if bad else "text"))


def _mounts(mounts: Sequence[MountPoint]) -> Iterator[Fact]:
    for mount in mounts:
        where = clean(mount.source) or mount.kind
        end = "" if mount.writable else "  read only"
        yield Fact(
            clean(mount.kind, 10), (Span(where), Span(" → ", "muted"), Span(clean(mount.path)), Span(end, "muted"))
        )


def _ports(it: Subject) -> Iterator[Fact]:
    for each in it.workspace.oci.ports:
        ways = [f"localhost:{tunnel.local_port}" for tunnel in it.tunnels
                if tunnel.place == it.workspace.place and tunnel.target.port == each.target]  # fmt: skip
        said = "by a tunnel only" if each.published is None else port(each)
        yield from _fact(str(each.target), joined([said, *(f"tunnel {way}" for way in ways)]))


def _networks(networks: Sequence[Network]) -> Iterator[Fact]:
    for each in networks:
        yield from _fact(clean(each.name, 24), joined([each.address or "no address of its own", ", ".join(each.names)]))


def _identity(it: Subject, details: Details) -> Iterator[Fact]:
    workspace = it.workspace
    yield from _fact("image", workspace.oci.image)
    yield from _fact("engine", workspace.engine)
    yield from _fact("image id", details.image_id.removeprefix("sha256:")[:12])
    yield from _fact("id", workspace.id[:12])
    yield from _fact("profile", workspace.profile)
    yield from _fact("project", workspace.oci.project)
    yield from _fact("command", shlex.join(details.command))
    yield from _fact("directory", details.directory)
    yield from _fact("user", details.user or workspace.oci.user or ("the image's own" if it.details else None))
    yield from _fact("hostname", details.hostname)
    yield from _fact("pid", str(details.pid) if details.pid else None)
    yield from _fact("restart", details.restart)
    yield from _fact("shm", None if details.shared_memory is None else units.size(details.shared_memory))
    if details.privileged:
        yield from _fact("rights", "privileged: root in it is root on its host", "warn")
    if workspace.created is not None:
        yield from _fact("made", _ago(it.now, workspace.created))


def _variables(details: Details) -> Iterator[Fact]:
    for name, value in details.variables:
        yield from _fact("", f"{name}={value}")


def _labels(workspace: Workspace) -> Iterator[Fact]:
    """Of others: what gpuws' own say stands above."""
    for name, value in sorted(workspace.labels.items()):
        if not name.startswith(OURS):
            yield from _fact("", f"{name}={value}", "muted")


def _ago(now: float, then: float | None) -> str:
    return units.DASH if then is None else f"{units.duration(now - then)} ago"
