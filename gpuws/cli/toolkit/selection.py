"""Which hosts a command looks at, and which thing a target names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.waiting import gather, until
from gpuws.model.errors import (
    AuthFailed,
    Blocked,
    EngineMissing,
    EngineShut,
    HostError,
    HostKeyChanged,
    TargetError,
    Unreachable,
    UsageError,
)
from gpuws.model.host.completeness import shortfall
from gpuws.model.host.host import HostState
from gpuws.model.host.naming import bare, split_host
from gpuws.model.query.nearest import asked, best, likeness, meant
from gpuws.model.query.target import Found, Target, host_named, hosts_to_look_at, parse, resolve, unknown_host
from gpuws.model.text import about

if TYPE_CHECKING:
    from gpuws.cli.toolkit.setup import Setup
    from gpuws.fleet.base import Fleet
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.workspace.workspace import Workspace

PATIENCE = 30.0  # seconds for a host that was named: longer than a connection attempt may last
GLANCE = 5.0  # seconds where every host is looked through for a name: a slow one must not hold the others up
CONTAINERS = frozenset({"containers"})
FAILED: dict[HostState, type[HostError]] = {
    HostState.AUTH_FAILED: AuthFailed,
    HostState.HOST_KEY_CHANGED: HostKeyChanged,
    HostState.BLOCKED: Blocked,
}


def chosen_hosts(setup: Setup, names: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    """The hosts named and tagged, in the configuration's order; all where nothing is said."""
    known = setup.names()
    names = [name if name in known else bare(name) for name in names]
    for name in names:
        if name not in known:
            raise unknown_host(name, known)
    for tag in tags:
        if not any(tag in host.tags for host in setup.hosts):
            have = sorted({tag for host in setup.hosts for tag in host.tags})
            remedy = meant(tag, have) or "known tags: " + (", ".join(have) or "none")
            raise TargetError(f"no host has the tag {tag!r}", remedy)
    if not names and not tags:
        return known
    return tuple(h.name for h in setup.hosts if h.name in names or set(tags) & set(h.tags))


def hosts_of(setup: Setup, *targets: Target) -> tuple[str, ...]:
    """The hosts to look at for all `targets`, in the configuration's order."""
    known = setup.names()
    wanted = {name for target in targets for name in _looked_at(target, known)}
    return tuple(name for name in known if name in wanted)


def _looked_at(target: Target, known: Sequence[str]) -> tuple[str, ...]:
    """Where both the host and what is on it are mistyped, both are guessed."""
    try:
        return hosts_to_look_at(target, known)
    except TargetError as missing:
        hosts = best([(likeness(target.host or "", name), name) for name in known])
        there = [name for name in _seen() if split_host(name)[0] in hosts]
        near = best([(likeness(target.container or "", split_host(name)[1][1:]), name) for name in there])
        raise TargetError(missing.message, asked(near, _suffix(target)) or missing.remedy) from None


def parse_all(words: Sequence[str], known: Sequence[str]) -> list[Target]:
    """`known`: the hosts of the configuration."""
    return [parse(word, known) for word in words]


def find(fleet: Fleet, target: Target, timeout: float | None) -> Found:
    """Wait for the hosts and resolve `target`. Raises what keeps its host away."""
    return find_all(fleet, [target], timeout)[0]


def find_session(fleet: Fleet, target: Target, timeout: float | None) -> Found:
    """As `find`, once it can be told whose the session is: a host's own takes who I am there, and its mark where
    several people are me there."""
    found = find(fleet, target, timeout)
    if found.container is not None or found.suffix is None:
        return found

    def now() -> HostSnapshot:
        return next(one for one in fleet.snapshots() if one.name == found.snapshot.name)

    until(fleet, lambda: _whose_is_told(now()), PATIENCE if timeout is None else timeout)
    return replace(found, snapshot=now())


def _whose_is_told(snapshot: HostSnapshot) -> bool:
    """Or never will be."""
    if not snapshot.state.reached or snapshot.telemetry_error is not None:
        return True
    return snapshot.facts is not None and (not snapshot.me.shared or "sessions" in snapshot.complete)


def find_all(
    fleet: Fleet, targets: Sequence[Target], timeout: float | None, needs: frozenset[str] = frozenset()
) -> list[Found]:
    """Every target, or an error before anything is done to any of them."""
    known = [snapshot.name for snapshot in fleet.snapshots()]
    hosts = [host_named(target, known) for target in targets]
    named = {host for host in hosts if host is not None}
    if any(target.host is not None or host is None for target, host in zip(targets, hosts, strict=True)):
        needs |= CONTAINERS
    usual = PATIENCE if named.issuperset(known) else GLANCE
    gather(fleet, needs, usual if timeout is None else timeout)
    snapshots = fleet.snapshots()
    for snapshot in snapshots:
        if snapshot.name in named:
            reachable(snapshot)
        if any(target.host == snapshot.name and not _listed(target, snapshot) for target in targets):
            with_engine(snapshot)
    found = [_resolved(target, snapshots) for target in targets]
    for warning in dict.fromkeys(line for one in found for line in one.warnings):
        note(warning)
    return found


def _listed(target: Target, snapshot: HostSnapshot) -> bool:
    """Another engine than the one that is missing may keep it."""
    return any(one.engine and target.container == one.name for one in snapshot.workspaces)


def _resolved(target: Target, snapshots: Sequence[HostSnapshot]) -> Found:
    """What is not listed yet may still be there. One of that name on another host may be what was meant."""
    try:
        return resolve(target, snapshots)
    except TargetError as missing:
        for snapshot in snapshots:
            if target.host == snapshot.name and (error := shortfall(snapshot, CONTAINERS)):
                raise error from None
        if target.host and (elsewhere := _elsewhere(target)):
            raise TargetError(missing.message, asked(elsewhere)) from None
        raise


def _elsewhere(target: Target) -> list[str]:
    """Containers of that very name that were seen on other hosts."""
    return [f"{name}{_suffix(target)}" for name in _seen() if split_host(name)[1][1:] == target.container][:2]


def _seen() -> tuple[str, ...]:
    """Containers as they were seen last; nothing is connected to."""
    from gpuws.cli.completion.names import current

    known = current()
    return (*known.running, *known.stopped)


def _suffix(target: Target) -> str:
    return f":{target.suffix}" if target.suffix else ""


def container_of(found: Found) -> Workspace:
    """The container that was found."""
    if found.container is None:
        raise UsageError(f"{found.label} is a host", f"name a container: {found.label}/NAME, or /{found.label}")
    return found.container


def reachable(snapshot: HostSnapshot) -> HostSnapshot:
    """`snapshot`, if its host can be worked with; else the error that says why not."""
    if snapshot.state in (HostState.UP, HostState.STALE):
        return snapshot
    kind = FAILED.get(snapshot.state, Unreachable)
    raise kind(about(snapshot.name, trouble(snapshot)), snapshot.remedy)


def with_engine(snapshot: HostSnapshot) -> HostSnapshot:
    """`snapshot`, if its host has an engine that can be used."""
    if snapshot.engine is not None and snapshot.engine.error:
        kind = EngineShut if snapshot.engine.shut else EngineMissing
        raise kind(about(snapshot.name, snapshot.engine.error), snapshot.engine.remedy)
    return snapshot


def trouble(snapshot: HostSnapshot) -> str:
    """Why a host shows nothing, in one line."""
    if snapshot.error:
        return snapshot.error
    if snapshot.state is HostState.CONNECTING:
        return "no answer in time" + (f" ({snapshot.phase})" if snapshot.phase else "")
    return "waits for an answer that only you can give"
