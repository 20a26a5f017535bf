"""The names that completion offers: hosts, profiles and targets that were seen last. Completion never connects."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.paths import find_paths
from gpuws.model.errors import GpuwsError

if TYPE_CHECKING:
    from gpuws.model.host.snapshot import HostSnapshot

FILE = "seen.json"
TOLD = frozenset({"containers"})  # before that a host is remembered as it was


@dataclass(frozen=True, slots=True)
class Names:
    """`targets`: hosts, HOST/CONTAINER and HOST:SESSION."""

    hosts: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def recall() -> Names:
    """Nothing where nothing was seen, or the file can't be read."""
    try:
        data = json.loads(_file().read_text())
        return Names(*(tuple(str(word) for word in data.get(key, ())) for key in Names.__slots__))
    except (OSError, ValueError, AttributeError, TypeError):
        return Names()


def current() -> Names:
    """What was seen last and, where a keeper lives, what it sees now; nothing is connected to."""
    before = recall()
    snapshots = _known_to_keeper()
    return _with(before, before.hosts, snapshots) if snapshots else before


def remember(hosts: Sequence[str], snapshots: Sequence[HostSnapshot]) -> None:
    """Keep the names of all `hosts` and of what lives on them; those not looked at keep what they had."""
    before = recall()
    _keep(before, _with(before, hosts, snapshots))


def _with(before: Names, hosts: Sequence[str], snapshots: Sequence[HostSnapshot]) -> Names:
    unseen = set(hosts) - {snapshot.name for snapshot in snapshots if snapshot.complete >= TOLD}
    targets = [target for target in before.targets if _host(target) in unseen]
    for snapshot in snapshots:
        targets.append(snapshot.name)
        targets += [f"{snapshot.name}/{container.name}" for container in snapshot.workspaces]
        targets += [f"{snapshot.name}:{session.name}" for session in snapshot.sessions if not session.container]
    return replace(before, hosts=tuple(hosts), targets=tuple(sorted(set(targets))))


def _known_to_keeper() -> tuple[HostSnapshot, ...]:
    from gpuws.keeper.client.dialer import Dialer
    from gpuws.keeper.home import find_home
    from gpuws.keeper.wire.messages import Glance, Known

    try:
        answer = Dialer(find_home(find_paths(None, os.environ)), person=False).ask(Glance(), start=False)
    except GpuwsError:
        return ()
    return answer.snapshots if isinstance(answer, Known) else ()


def remember_profiles(profiles: Sequence[str]) -> None:
    before = recall()
    _keep(before, replace(before, profiles=tuple(profiles)))


def _host(target: str) -> str:
    return target.partition("/")[0].partition(":")[0]


def _keep(before: Names, now: Names) -> None:
    if now != before:
        from gpuws.config.files import write_atomically

        with contextlib.suppress(GpuwsError):  # a completion less is no reason to fail
            write_atomically(_file(), json.dumps({key: getattr(now, key) for key in Names.__slots__}))


def _file() -> Path:
    return find_paths(None, os.environ).state_dir / FILE
