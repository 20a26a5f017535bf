"""The fleet that a keeper holds, and the files it was made from: when they change, it follows."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gpuws.config.load import Configuration, load_configuration
from gpuws.fleet.background.store import TaskStore
from gpuws.fleet.base import Fleet
from gpuws.fleet.local.assembly import assemble_lasting, command_log
from gpuws.fleet.local.lasting import LastingFleet
from gpuws.fleet.noticing.store import NoticeStore
from gpuws.keeper.home import Home
from gpuws.keeper.wire.messages import Description
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import TunnelPlan
from gpuws.model.settings import Keeping

log = logging.getLogger(__name__)
Stamp = tuple[tuple[int, int, int] | None, ...]


class Backend(Protocol):
    """What the server needs of the fleet it serves, beyond the fleet itself."""

    @property
    def fleet(self) -> Fleet: ...
    @property
    def keeping(self) -> Keeping: ...
    def describe(self) -> Description:
        """As the files are now; raises what is wrong with them, and goes on as before then."""
        ...

    def connect(self, hosts: Collection[str], *, retry: bool) -> None: ...
    def watch(self, hosts: Collection[str]) -> None: ...
    def rest(self) -> None:
        """Nobody looks: keep what must be kept, read nothing."""
        ...

    def logins(self) -> tuple[str, ...]: ...
    def tunnel_plans(self) -> dict[str, TunnelPlan]: ...
    def working(self) -> bool:
        """A wait, a task or a watch goes on, or a container of mine has a cap on GPU memory, for which hosts must be
        read."""
        ...

    def watched_by_rule(self) -> tuple[str, ...]:
        """Hosts that rules of the configuration watch although nobody looks."""
        ...

    def capped(self) -> tuple[str, ...]:
        """Containers of mine whose cap on GPU memory is watched here, as HOST/NAME."""
        ...

    def restore_waits(self, waits: Sequence[QueuedWait]) -> None: ...
    def keep_tasks(self, store: TaskStore) -> None:
        """Write tasks down there, and take up those that lie there."""
        ...

    def keep_notices(self, store: NoticeStore) -> None:
        """Write down there what happens, and watch what is to be watched."""
        ...

    def close(self) -> None: ...


class UserBackend:
    """The user's own configuration."""

    def __init__(self, home: Home, environ: Mapping[str, str] = os.environ) -> None:
        self._home = home
        self._environ = environ
        self._lock = threading.Lock()
        self._stamp, self._configuration = self._read()
        self._log = command_log(self._configuration, home.paths)
        self._fleet = assemble_lasting(self._configuration, home.paths, environ, self._log)

    @property
    def fleet(self) -> LastingFleet:
        return self._fleet

    @property
    def keeping(self) -> Keeping:
        return self._configuration.keeping

    def describe(self) -> Description:
        with self._lock:
            if stamp(self._configuration.files) != self._stamp:
                self._reload()
            configuration = self._configuration
        return Description(configuration.hosts, configuration.look, configuration.notes)

    def connect(self, hosts: Collection[str], *, retry: bool) -> None:
        self._fleet.connect(hosts, retry=retry)

    def watch(self, hosts: Collection[str]) -> None:
        self._fleet.watch_all(hosts)

    def rest(self) -> None:
        tunnelled = {plan.target.host for plan in self._fleet.tunnel_plans().values()}
        self._fleet.rest(tunnelled | set(self._fleet.logins()))

    def logins(self) -> tuple[str, ...]:
        return self._fleet.logins()

    def tunnel_plans(self) -> dict[str, TunnelPlan]:
        return self._fleet.tunnel_plans()

    def working(self) -> bool:
        return self._fleet.working()

    def restore_waits(self, waits: Sequence[QueuedWait]) -> None:
        self._fleet.restore_waits(waits)
        known = {host.name for host in self._configuration.hosts}
        wanted = {name for one in waits if one.open for name in one.order.hosts}
        self._fleet.connect(wanted & known, retry=False)

    def keep_tasks(self, store: TaskStore) -> None:
        open_on = {task.host for task in self._fleet.keep_tasks(store)}
        self._fleet.connect(open_on & {host.name for host in self._configuration.hosts}, retry=False)

    def watched_by_rule(self) -> tuple[str, ...]:
        return self._fleet.watched_by_rule()

    def capped(self) -> tuple[str, ...]:
        return self._fleet.capped()

    def keep_notices(self, store: NoticeStore) -> None:
        self._fleet.keep_notices(store)
        self._fleet.connect(self._fleet.noticed_hosts(), retry=False)

    def close(self) -> None:
        self._fleet.close()

    def _read(self) -> tuple[Stamp, Configuration]:
        found = load_configuration(self._home.paths, self._environ, readonly=self._home.readonly)
        return stamp(found.files), found

    def _reload(self) -> None:
        from gpuws.config.profiles.profiles import store_of

        self._stamp, self._configuration = self._read()
        found = self._configuration
        self._log.on = found.command_log
        self._fleet.reconfigure(found.hosts, found.settings, store_of(found, self._environ), found.notifications)
        self._fleet.connect(self._fleet.noticed_hosts(), retry=False)
        log.info("the configuration was read again: %d hosts", len(found.hosts))


def stamp(files: Collection[Path]) -> Stamp:
    """Tells whether files changed without reading them: inode, size, time. None: not there."""
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
