"""Implements `fleet.inventory`: hosts.yaml is written, and the supervisors of the hosts follow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.fleet.events import HostsChanged
from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from gpuws.model.host.configured import Configured
    from gpuws.model.host.host import Host
    from gpuws.model.host.snapshot import HostSnapshot

ASKERS = 8
"""So many `ssh -G` at once."""


class LocalInventory(Core):
    def configured(self) -> Configured:
        return self._inventory.configured()

    def addresses(self, names: Sequence[str]) -> tuple[str | None, ...]:
        from gpuws.engines.parallel import each

        return tuple(each(_address, self._inventory.hosts(names), ASKERS)) if names else ()

    def add_hosts(self, names: Sequence[str]) -> None:
        self._inventory.add(names)
        self._follow()

    def save_host(self, host: Host, was: str | None) -> None:
        self._inventory.save(host, was)
        self._follow()

    def remove_host(self, name: str) -> None:
        self._inventory.remove(name)
        self._follow()

    def try_host(
        self, host: Host, was: str | None, report: Callable[[HostSnapshot], None], cancel: threading.Event
    ) -> HostSnapshot:
        from gpuws.fleet.local.host.trial import tried

        known = next((one.host for one in self._inventory.configured().hosts if one.host.name == was), None)
        wanted = known if known is not None and known == host else self._inventory.planned(host, was)
        return tried(wanted, self._hosts.trial, report, cancel)

    def _follow(self) -> None:
        """Use the hosts that are written down now, and connect to those that were not there."""
        settings = self._hosts.settings
        hosts = [replace(one, readonly=one.readonly or settings.readonly) for one in self._inventory.all()]
        self._hosts.follow(hosts)
        self._publisher.publish(HostsChanged(self._hosts.names))


def _address(host: Host) -> str | None:
    from gpuws.link.resolve.resolve import resolve
    from gpuws.model.errors import UsageError

    try:
        return resolve(host).address
    except UsageError:
        return None
