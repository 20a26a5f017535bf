"""Which hosts there are: what is written down of them, and trying one before it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from gpuws.fleet.crossing import shown
from gpuws.model.host.configured import Configured
from gpuws.model.host.host import Host
from gpuws.model.host.snapshot import HostSnapshot


class Inventory(Protocol):
    """Whoever has the fleet follows what is written here at once: new hosts are connected to, others end.

    `UsageError` where the file can't be changed so."""

    def configured(self) -> Configured:
        """Hosts as written, and aliases of the SSH configuration that are none yet; files are read, nothing is
        dialled."""
        ...

    def addresses(self, names: Sequence[str]) -> tuple[str | None, ...]:
        """user@host[:port] of each host or alias, as `ssh -G` says; None where ssh does not accept what is written of
        it. Nothing is dialled."""
        ...

    @shown
    def add_hosts(self, names: Sequence[str]) -> None:
        """Write aliases of the SSH configuration into hosts.yaml."""
        ...

    @shown
    def save_host(self, host: Host, was: str | None) -> None:
        """Write a new host down, or what is another of the one that is called `was`."""
        ...

    @shown
    def remove_host(self, name: str) -> None:
        """Take a host out of hosts.yaml. Nothing on it is changed; tunnels that lead to it end with its link."""
        ...

    def try_host(
        self, host: Host, was: str | None, report: Callable[[HostSnapshot], None], cancel: threading.Event
    ) -> HostSnapshot:
        """Connect to it as it would be once it is saved, as the fleet connects: resolve, dial, host key, login, read.

        Gives what it shows then, or with why it is not reached; that is no error. `report` is told each change;
        its questions come as those of any host, under its name. Nothing there is changed, the link ends with it.
        `Cancelled` once `cancel` is set."""
        ...
