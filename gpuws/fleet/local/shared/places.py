"""Where programs run on a host or in a workspace, and how its ports are reached."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.hosts import Hosts, read_only
from gpuws.model.errors import GpuwsError, HostError, Swallows, TargetError, UsageError
from gpuws.model.host.host import HostState
from gpuws.model.host.naming import labelled
from gpuws.model.session.tunnel import TunnelTarget, need_host
from gpuws.model.session.tunnel_state import absence, bearer, led_to
from gpuws.model.workspace.workspace import PlaceRef, Workspace

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.link.place import Place, Stream
    from gpuws.model.host.snapshot import HostSnapshot

SELDOM = 30.0  # seconds


class Places:
    """Of all hosts. Raises what is in the way: no such place, no link, a host that may not be changed."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._listed: dict[str, float] = {}  # monotonic seconds

    def find(self, ref: PlaceRef, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()) -> Place:
        supervisor = self._hosts.find(ref.host)
        if ref.workspace is not None:
            return supervisor.engine(ref.workspace).place(ref.workspace, user=user, cwd=cwd, env=env)
        if user is not None:
            raise UsageError(f"{ref.host}: -u works in containers only", "log in to the host as that user instead")
        return supervisor.link()

    def running(
        self, ref: PlaceRef, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        """`find`, for a command to be run there: `Swallows` on a host whose login runs none."""
        place, fault = self.find(ref, user=user, cwd=cwd, env=env), self._hosts.find(ref.host).snapshot.telemetry_error
        if ref.workspace is None and fault is not None and fault.kind == "swallowed":
            raise Swallows(f"{ref.host}: {fault.text}", fault.remedy)
        return place

    def dial(self, ref: PlaceRef, port: int, address: str = "") -> Stream:
        """A connection to `port` there, made by the host itself: nothing needs to be published. `address`: at which
        alone it listens, as `TunnelTarget` has it."""
        if address.startswith("/"):
            return self._dial_socket(ref, address)
        if ref.workspace is not None and self._hosts.find(ref.host).readonly:
            return self.dial_outside(ref, port)
        place = self.find(ref)
        if ref.workspace is not None or address:
            return place.dial_tcp(address or "127.0.0.1", port)
        try:
            return place.dial_tcp("127.0.0.1", port)
        except HostError:
            raise
        except GpuwsError:
            with contextlib.suppress(GpuwsError):  # why the usual address failed says more
                return place.dial_tcp("::1", port)
            raise

    def dial_outside(self, ref: PlaceRef, port: int) -> Stream:
        """The same without a relay, which is a program inside: what listens on the loopback of a workspace is not
        reached."""
        if ref.workspace is None:
            return self.find(ref).dial_tcp("127.0.0.1", port)
        place, host, number = self.engine(ref).address(ref.workspace, port)
        return place.dial_tcp(host, number)

    def engine(self, ref: PlaceRef) -> Engine:
        return self._hosts.find(ref.host).engine(ref.workspace)

    def on_host_network(self, ref: PlaceRef) -> bool:
        """What listens on all addresses of the workspace listens on those of its host."""
        if ref.workspace is None:
            return True
        try:
            _, address, _ = self.engine(ref).address(ref.workspace, 1)
        except GpuwsError:  # it has no network, or none that leads there
            return False
        return address.startswith("127.")

    def may_enter(self, ref: PlaceRef) -> bool:
        """A program that only looks may be run there: in what is mine, nowhere on a host that may not be changed."""
        workspace = self._hosts.workspace(ref)
        inside = ref.workspace is None or (workspace is not None and workspace.mine and workspace.enterable)
        return inside and not self._hosts.find(ref.host).readonly

    def dial_to(self, ref: PlaceRef, target: TunnelTarget) -> Stream:
        """A connection to `target`, whose name `ref` bears now."""
        if not target.to:
            return self.dial(ref, target.port, target.address)
        if target.to.startswith("/"):
            return self._dial_socket(ref, target.to)
        return self.find(ref).dial_tcp(target.to, target.port)

    def dial_target(self, target: TunnelTarget) -> Stream:
        """The same to whatever bears the target's name now. `TargetError` where nothing does.

        What was listed last is believed while the list is kept true; where it leads nowhere, the engine is asked. A
        host that is away is tried at once; of one that has refused the login `Unreachable` is not said, for nothing
        is to be waited for."""
        self.press(target.host)
        supervisor = self._hosts.find(target.host)
        if target.workspace is None:
            self.need_reachable(PlaceRef(target.host))
            return self.dial_to(PlaceRef(target.host), target)
        began = time.monotonic()
        known = bearer(target, supervisor.snapshot.workspaces) if supervisor.listing else None
        failure: GpuwsError | None = None
        if known is not None and known.alive:
            try:
                return self.dial_to(known.place, target)
            except HostError:
                raise
            except GpuwsError as error:
                failure = error
        supervisor.list_again(began)
        now = self._present(target)
        if failure is not None and known is not None and now.id == known.id:
            raise failure
        return self.dial_to(now.place, target)

    def _dial_socket(self, ref: PlaceRef, path: str) -> Stream:
        """A unix socket there. A server that forwards none says no more than that the socket did not answer, so a
        program there tries it then."""
        supervisor = self._hosts.find(ref.host)
        if ref.workspace is not None:
            if supervisor.readonly:
                raise read_only(ref.host, "tunnels to TCP ports of its containers are allowed")
            return self.find(ref).dial_unix(path)
        link = supervisor.link()
        try:
            return link.dial_unix(path)
        except HostError:
            raise
        except GpuwsError:
            return link.relay.dial_unix(path)

    def press(self, host: str) -> None:
        """Have a host tried at once that is away; a GpuwsError where only a person leads on."""
        supervisor = self._hosts.find(host)
        if supervisor.linked:
            return
        snapshot = supervisor.snapshot
        if snapshot.state.final:
            raise GpuwsError(f"{host}: {snapshot.error}", snapshot.remedy)
        supervisor.hurry()

    def need_writable(self, ref: PlaceRef) -> None:
        """`Refused` where nothing may be changed."""
        self._hosts.writable(ref.host)

    def need_alive(self, ref: PlaceRef) -> None:
        """Raises where it has ended, as far as is known."""
        if (one := self._hosts.workspace(ref)) is not None and not one.alive:
            self._present(self.target(ref, 0))

    def need_openable(self, target: TunnelTarget) -> None:
        """Raises where no tunnel leads there, or none will before a person has acted. A host that is away is waited
        for."""
        need_host(target)
        supervisor = self._hosts.find(target.host)
        if target.workspace is None:
            self._need_not_readonly(target.host)
        state = supervisor.snapshot.state
        if state is HostState.ASKING or state.final:
            supervisor.link()
        elif target.workspace is not None and supervisor.linked:
            self.bearer(target)

    def need_reachable(self, ref: PlaceRef) -> None:
        """Raises where no tunnel leads there now."""
        supervisor = self._hosts.find(ref.host)
        supervisor.link()
        if ref.workspace is None:
            self._need_not_readonly(ref.host)

    def label(self, ref: PlaceRef) -> str:
        """As a person types it."""
        if ref.workspace is None:
            return ref.host
        workspace = self._hosts.workspace(ref)
        return labelled(ref.host, workspace.name if workspace else ref.workspace[:12])

    def seen(self, host: str) -> tuple[HostSnapshot | None, bool]:
        """What is known of it, None where there is none of that name; and whether its link is up."""
        supervisor = self._known(host)
        return (None, False) if supervisor is None else (supervisor.snapshot, supervisor.linked)

    def read(self, target: TunnelTarget) -> bool:
        """Somebody looks, or did a while ago: its host is up and read."""
        supervisor = self._known(target.host)
        return supervisor is not None and supervisor.listing

    def list_seldom(self, hosts: Collection[str], now: float) -> None:
        """Have workspaces of hosts that nobody reads listed now and then, so that a tunnel into one that is gone says
        so. `now`: monotonic seconds; returns at once."""
        for host in hosts:
            supervisor = self._known(host)
            if supervisor is None or supervisor.listing or not supervisor.linked:
                continue
            if now - self._listed.get(host, -SELDOM) >= SELDOM:
                self._listed[host] = now
                threading.Thread(target=_list_again, args=(supervisor, now), daemon=True).start()

    def may_search(self, target: TunnelTarget) -> bool:
        """A program may be run there unasked, to see which servers there are: it is mine, and somebody reads its
        host."""
        supervisor = self._known(target.host)
        if supervisor is None or supervisor.readonly or not supervisor.listing:
            return False
        one = bearer(target, supervisor.snapshot.workspaces)
        return target.workspace is None or (one is not None and one.mine and one.enterable)

    def target(self, ref: PlaceRef, port: int, to: str = "") -> TunnelTarget:
        """That port of what bears the name that the place has now, or what `to` means from there."""
        target = led_to(ref, self._hosts.find(ref.host).snapshot.workspaces, port, to=to)
        need_host(target)
        return target

    def bearer(self, target: TunnelTarget) -> PlaceRef:
        """What bears the target's name now; the engine is asked, unless its list is kept true and has one that lives.
        `TargetError` where nothing does, GpuwsError where it does not run."""
        if target.workspace is None:
            return PlaceRef(target.host)
        supervisor = self._hosts.find(target.host)
        one = bearer(target, supervisor.snapshot.workspaces) if supervisor.listing else None
        if one is None or not one.alive:
            supervisor.list_again(time.monotonic())
            one = self._present(target)
        return one.place

    def _present(self, target: TunnelTarget) -> Workspace:
        """What bears the name, as it was listed last; `TargetError` where nothing does, GpuwsError where it does not
        run."""
        one = bearer(target, self._hosts.find(target.host).snapshot.workspaces)
        if one is None:
            raise TargetError(absence(target, one), "see gpuws ps -a")
        if not one.alive:
            raise GpuwsError(absence(target, one), f"start it first: gpuws start {target.label}")
        return one

    def _need_not_readonly(self, host: str) -> None:
        """What a read-only host itself serves is not mine to reach."""
        if self._hosts.find(host).readonly:
            raise read_only(host, "tunnels to its containers are allowed")

    def _known(self, host: str) -> Supervisor | None:
        """None: the configuration has it no more."""
        try:
            return self._hosts.find(host)
        except TargetError:
            return None


def _list_again(supervisor: Supervisor, since: float) -> None:
    with contextlib.suppress(GpuwsError):  # what was listed before stays
        supervisor.list_again(since)
