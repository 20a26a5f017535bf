"""The names that completion offers: what was seen last, and what a living keeper sees. Completion never connects."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.config.paths import built_in_profiles, find_paths
from gpuws.model.errors import GpuwsError
from gpuws.model.host.naming import labelled, split_host

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.keeper.client.dialer import Dialer
    from gpuws.keeper.wire.messages import Condition
    from gpuws.model.host.host import Host
    from gpuws.model.host.snapshot import HostSnapshot

FILE = "seen.json"
JUPYTER = 8888
"""The port of most notebook servers: a container that has it has one, until it is known better."""


@dataclass(frozen=True, slots=True)
class Names:
    """What there is, each as it is typed: HOST/CONTAINER, HOST:SESSION, HOST/CONTAINER:PORT."""

    hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()


NEEDS = {
    "running": "containers", "stopped": "containers", "ports": "containers", "notebooks": "containers",
    "sessions": "sessions", "kernels": "containers",
}  # fmt: skip
"""What a host must have told before its names of a kind replace what was seen of it."""


def recall() -> Names:
    """Nothing where nothing was seen, or the file can't be read."""
    try:
        data = json.loads(_file().read_text())
        return Names(**{one.name: tuple(str(word) for word in data.get(one.name, ())) for one in fields(Names)})
    except (OSError, ValueError, AttributeError, TypeError):
        return Names()


def current() -> Names:
    """What was seen last and, where a keeper lives, what it sees now; in the demo what that shows. Nothing is
    connected to."""
    if demo_wanted():
        return _demo()
    before = recall()
    known = replace(before, profiles=tuple(sorted({*before.profiles, *_in_folders()})))
    return _seen(known, before.hosts, _known_to_keeper())


def remember(hosts: Sequence[Host], snapshots: Sequence[HostSnapshot]) -> None:
    """Keep the names of all `hosts` and of what lives on them; those not looked at keep what they had."""
    before = recall()
    tags = tuple(sorted({tag for host in hosts for tag in host.tags}))
    _keep(before, _seen(replace(before, tags=tags), [host.name for host in hosts], snapshots))


def remember_profiles(profiles: Sequence[str]) -> None:
    before = recall()
    _keep(before, replace(before, profiles=tuple(profiles)))


def open_tunnels() -> list[str]:
    """As `gpuws tunnels close` takes them."""
    found = () if demo_wanted() else _condition().tunnels  # those of a demo end with the command that opened them
    return [word for one in found for word in (str(one.local_port), one.target.text)]


def waits() -> list[str]:
    """Those that go on, or ended lately, as `gpuws waits cancel` takes them."""
    found = _demo_fleet().waits() if demo_wanted() else _condition().waits
    return [one.id for one in found]


def tasks() -> list[str]:
    """Those that go on, or ended lately, as `gpuws tasks log` takes them."""
    if demo_wanted():
        return [task.id for task in _demo_fleet().tasks()]
    from gpuws.keeper.home import find_home

    folder = find_home(find_paths(None, os.environ)).tasks
    return sorted((path.stem for path in folder.glob("*.json")), key=lambda word: (len(word), word))


def _seen(before: Names, hosts: Sequence[str], snapshots: Sequence[HostSnapshot]) -> Names:
    """`before`, with what `snapshots` tell of `hosts`."""
    told = [_told(snapshot) for snapshot in snapshots]
    found: dict[str, tuple[str, ...]] = {}
    for kind, need in NEEDS.items():
        unseen = set(hosts) - {snapshot.name for snapshot in snapshots if need in snapshot.complete}
        kept = {name for name in getattr(before, kind) if _host(name) in unseen}
        found[kind] = tuple(sorted(kept.union(*(names[kind] for names in told))))
    return replace(before, hosts=tuple(hosts), **found)


def _told(snapshot: HostSnapshot) -> dict[str, list[str]]:
    """The names of what lives on one host, by kind."""
    from gpuws.model.consent.kernels import target_of
    from gpuws.model.ownership.kernels import kernels

    running = {labelled(snapshot.name, one.name): one.oci.ports for one in snapshot.workspaces if one.enterable}
    ports = [f"{name}:{port.target}" for name, found in running.items() for port in found]
    return {
        "running": list(running),
        "stopped": [labelled(snapshot.name, one.name) for one in snapshot.workspaces if not one.enterable],
        "ports": ports,
        "notebooks": [_place(snapshot.name, book.container) for book in snapshot.notebooks]
        + [name for name in running if f"{name}:{JUPYTER}" in ports],
        "kernels": [target_of(one) for one in kernels(snapshot)],
        "sessions": [f"{_place(snapshot.name, one.container)}:{one.name}" for one in snapshot.sessions],
    }


def _place(host: str, container: str | None) -> str:
    return labelled(host, container)


def _demo() -> Names:
    from gpuws.fleet.demo.lab.machines import MACHINES

    fleet = _demo_fleet()
    tags = tuple(sorted({tag for machine in MACHINES for tag in machine.tags}))
    names = Names(tags=tags, profiles=tuple(one.name for one in fleet.profiles()))
    return _seen(names, [machine.name for machine in MACHINES], fleet.snapshots())


def _demo_fleet() -> Fleet:
    from gpuws.fleet.demo.fleet import DemoFleet

    return DemoFleet()


def _in_folders() -> Iterator[str]:
    """Profiles of mine and built-in ones, by their files."""
    for folder in (find_paths(None, os.environ).profiles_dir, built_in_profiles()):
        yield from (path.stem for path in folder.glob("*.yaml"))


def _known_to_keeper() -> tuple[HostSnapshot, ...]:
    """Nothing where no keeper lives. What speaks to one takes longer to load than all else."""
    from gpuws.keeper.home import find_home

    if not find_home(find_paths(None, os.environ)).socket.exists():
        return ()
    from gpuws.keeper.wire.messages import Glance, Known

    with contextlib.suppress(GpuwsError):
        answer = _keeper().ask(Glance(), start=False)
        return answer.snapshots if isinstance(answer, Known) else ()
    return ()


def _condition() -> Condition:
    """Of the keeper. `GpuwsError` where none lives."""
    from gpuws.keeper.wire.messages import Condition, Inquire

    answer = _keeper().ask(Inquire(), start=False)
    if not isinstance(answer, Condition):
        raise GpuwsError("the keeper answered something else")
    return answer


def _keeper() -> Dialer:
    from gpuws.keeper.client.dialer import Dialer
    from gpuws.keeper.home import find_home

    return Dialer(find_home(find_paths(None, os.environ)), person=False)


def _host(target: str) -> str:
    return split_host(target)[0]


def _keep(before: Names, now: Names) -> None:
    if now != before and not demo_wanted():
        from gpuws.config.files import write_atomically

        with contextlib.suppress(GpuwsError):  # a completion less is no reason to fail
            write_atomically(_file(), json.dumps(asdict(now)))


def _file() -> Path:
    return find_paths(None, os.environ).state_dir / FILE
