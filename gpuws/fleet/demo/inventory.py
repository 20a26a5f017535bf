"""Implements `fleet.inventory`: hosts come and go in memory; no file is read or written, nothing is dialled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from gpuws.fleet.demo.core import DemoCore
from gpuws.fleet.events import HostsChanged, HostUpdated
from gpuws.model.errors import Cancelled, UsageError
from gpuws.model.host.configured import Configured
from gpuws.model.host.host import LOCAL, Host, HostState
from gpuws.model.host.naming import wrong_name
from gpuws.model.host.snapshot import HostSnapshot

FILE = "hosts.yaml of the demo"
STEPS = ("resolving", "connecting", "checking the host key", "logging in")
STEP = 0.4  # ticks


class DemoInventory(DemoCore):
    def configured(self) -> Configured:
        with self._lock:
            return Configured(FILE, True, self._hosts.written(), self._hosts.aliases())

    def addresses(self, names: Sequence[str]) -> tuple[str | None, ...]:
        with self._lock:
            return tuple(self._hosts.address(name) for name in names)

    def add_hosts(self, names: Sequence[str]) -> None:
        with self._lock:
            for name in names:
                self._hosts.add(name)
        self._tell(names)

    def save_host(self, host: Host, was: str | None) -> None:
        with self._lock:
            self._must_fit(host, was)
            self._hosts.save(host, was)
        self._tell([host.name])

    def remove_host(self, name: str) -> None:
        with self._lock:
            self._hosts.remove(name)
        self._tell([])

    def try_host(
        self, host: Host, was: str | None, report: Callable[[HostSnapshot], None], cancel: threading.Event
    ) -> HostSnapshot:
        with self._lock:
            self._must_fit(host, was)
            found = self._hosts.trial(host, was)
        for step in STEPS:
            report(HostSnapshot(host.name, phase=step))
            if cancel.wait(STEP * self._tick):
                raise Cancelled("the test was stopped")
            if step == "connecting" and found.state is HostState.DOWN:
                break
            if step == "checking the host key" and found.state is HostState.HOST_KEY_CHANGED:
                break
        report(found)
        return found

    def _must_fit(self, host: Host, was: str | None) -> None:
        why = "it is this machine's" if host.name == LOCAL else wrong_name(host.name)
        if why:
            raise UsageError(f"{host.name!r} can't be a host's name: {why}", "choose another name")
        if host.name != was and any(one.name == host.name for one in self._hosts.all()):
            raise UsageError(f"{host.name} is configured already", "choose another name")

    def _tell(self, names: Sequence[str]) -> None:
        with self._lock:
            everyone = tuple(host.name for host in self._hosts.all())
            snapshots = [self._hosts.get(name).snapshot() for name in names]
        self._emit([HostsChanged(everyone), *map(HostUpdated, snapshots)])
