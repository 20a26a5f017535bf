"""Where programs run on a host or in a workspace, and how its ports are reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.hosts import Hosts, read_only
from gpuws.model.errors import GpuwsError, UsageError

if TYPE_CHECKING:
    from gpuws.link.place import Place, Stream
    from gpuws.model.workspace.workspace import PlaceRef


class Places:
    """Of all hosts. Raises what is in the way: no such place, no link, a host that may not be changed."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def find(self, ref: PlaceRef, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()) -> Place:
        supervisor = self._hosts.find(ref.host)
        if ref.workspace is not None:
            return supervisor.engine().place(ref.workspace, user=user, cwd=cwd, env=env)
        if user is not None:
            raise UsageError(f"{ref.host}: -u works in containers only", "log in to the host as that user instead")
        return supervisor.link()

    def dial(self, ref: PlaceRef, port: int) -> Stream:
        """A connection to `port` there, made by the host itself: nothing needs to be published."""
        supervisor = self._hosts.find(ref.host)
        if ref.workspace is not None and supervisor.readonly:  # the inside may need a relay, which is a program
            place, host, number = supervisor.engine().address(ref.workspace, port)
            return place.dial_tcp(host, number)
        return self.find(ref).dial_tcp("127.0.0.1", port)

    def need_writable(self, ref: PlaceRef) -> None:
        """`Refused` where nothing may be changed."""
        self._hosts.writable(ref.host)

    def need_reachable(self, ref: PlaceRef) -> None:
        """Raises where no tunnel leads there: what a read-only host itself serves is not mine to reach."""
        supervisor = self._hosts.find(ref.host)
        supervisor.link()
        if ref.workspace is None and supervisor.readonly:
            raise read_only(ref.host, "tunnels to its containers are allowed")

    def reachable(self, host: str) -> bool:
        """Its link is up."""
        try:
            self._hosts.find(host).link()
        except GpuwsError:
            return False
        return True

    def label(self, ref: PlaceRef) -> str:
        """As a person types it."""
        if ref.workspace is None:
            return ref.host
        workspace = self._hosts.workspace(ref)
        return f"{ref.host}/{workspace.name if workspace else ref.workspace[:12]}"
