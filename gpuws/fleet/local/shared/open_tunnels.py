"""Tunnels belong to nobody's connection: they keep their port while a link is away and follow what bears the name."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from gpuws.fleet.local.shared.service_port import LookUp, ServicePort
from gpuws.link.forward.listener import Forward
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, HostError, TargetError, Unreachable
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import Tunnel, TunnelPlan, TunnelTarget
from gpuws.model.session.tunnel_state import Tried, bearer, judged, moved, spoken

if TYPE_CHECKING:
    from gpuws.jupyter.kernels import Reached

log = logging.getLogger(__name__)
SILENCE = 5.0  # seconds in vain over a link that is up: nobody answers there
REPORT = 1.0  # seconds between looks at how they fare


class Ways(Protocol):
    """How targets are reached: what `Places` tells of them."""

    def dial_target(self, target: TunnelTarget) -> Stream:
        """A connection to what the target means now; `TargetError` where it means nothing."""
        ...

    def seen(self, host: str) -> tuple[HostSnapshot | None, bool]:
        """What is known of it, and whether its link is up."""
        ...


class _Open:
    """One that is open. Mutable; the lock of `OpenTunnels` guards what it shows. `forward` None: another program has
    its port, which is taken as soon as it is free."""

    def __init__(
        self, tunnel_id: str, plan: TunnelPlan, ways: Ways, look_up: LookUp, lead: Callable[[TunnelTarget], None]
    ) -> None:
        """`lead` is told, from any thread, where the service is that it leads to."""
        self._ways = ways
        self._service = ServicePort(look_up)
        self._lead = lead
        self._tried: Tried | None = None
        self._tried_at = 0.0  # monotonic seconds: when that attempt began
        self.server: JupyterServer | None = None
        self.forward: Forward | None = None
        self.tunnel = Tunnel(tunnel_id, plan.target, plan.local_port, since=time.time(), bind=plan.bind)

    def listen(self, port: int | None, but: Collection[int] = ()) -> None:
        """On that port, or on one for it that is none of `but`; GpuwsError where it is in use."""
        preferred = self.tunnel.target.preferred_port
        self.forward = Forward(self._dial, port=port, preferred=preferred, but=but, bind=self.tunnel.bind)
        self.tunnel = replace(self.tunnel, local_port=self.forward.port)

    def close(self) -> None:
        if self.forward is not None:
            self.forward.close()

    def lead_to(self, target: TunnelTarget) -> None:
        """To another port, or address, of the same place."""
        if target != self.tunnel.target:
            self.tunnel = replace(self.tunnel, target=target)
            self._tried = None

    def look(self) -> Tunnel:
        """How it fares now."""
        target = self.tunnel.target
        host, linked = self._ways.seen(target.host)
        state, why = judged(target, host, self._tried, linked=linked)
        if self.forward is None:
            state, why = "taken", f"another program listens on port {self.tunnel.local_port}"
        self.tunnel = replace(
            self.tunnel,
            state=state,
            error=why,
            since=self.tunnel.since if state == self.tunnel.state else time.time(),
            workspace=_borne_by(target, host),
        )
        if self.forward is not None:
            self.tunnel = replace(
                self.tunnel,
                error=why or self.forward.shut,
                connections=self.forward.connections,
                bytes_in=self.forward.bytes_in,
                bytes_out=self.forward.bytes_out,
                speaks=spoken(self.forward.first),
            )
        self.tunnel = replace(self.tunnel, last_error=self.tunnel.error or self.tunnel.last_error)
        return self.tunnel

    def _dial(self) -> Stream:
        """A service that takes no connections where it was found last is looked for once more."""
        target = self.tunnel.target
        if target.port or not target.service:
            try:
                return self._try(target)
            except (HostError, TargetError):
                raise
            except GpuwsError:
                if not target.service:
                    raise
        return self._try(self._found_again(target))

    def _found_again(self, target: TunnelTarget) -> TunnelTarget:
        began = time.monotonic()
        try:
            found = self._service.after(target)
        except Unreachable:
            raise
        except GpuwsError as error:
            self._remember(began, target, error.message, gone=isinstance(error, TargetError))
            raise
        self._lead(found)
        return found

    def _try(self, target: TunnelTarget) -> Stream:
        began = time.monotonic()
        try:
            stream = self._ways.dial_target(target)
        except Unreachable as error:
            if time.monotonic() - began >= SILENCE and self._ways.seen(target.host)[1]:
                self._remember(began, target, error.message)
            raise  # else it tells of the link, nothing of the target
        except GpuwsError as error:
            self._remember(began, target, error.message, gone=isinstance(error, TargetError))
            raise
        self._remember(began, target)
        return stream

    def _remember(self, began: float, target: TunnelTarget, failure: str | None = None, *, gone: bool = False) -> None:
        """How an attempt ended, unless a later one did before it, or the tunnel leads elsewhere by now."""
        host, _ = self._ways.seen(target.host)
        if began >= self._tried_at and target.port == self.tunnel.target.port:
            self._tried_at = began
            self._tried = Tried((host.generation if host else 0, _borne_by(target, host)), failure, gone)


class OpenTunnels:
    """`changed` hears of every difference, at most once a second; `look` is called every second while some are open,
    and must return at once. `look_up`: where a service listens now."""

    def __init__(
        self,
        ways: Ways,
        changed: Callable[[tuple[Tunnel, ...]], None],
        look: Callable[[tuple[Tunnel, ...]], None] = lambda _: None,
        look_up: LookUp = lambda target: target,
    ) -> None:
        self._ways = ways
        self._changed = changed
        self._look = look
        self._look_up = look_up
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._closing = threading.Event()
        self._reporter: threading.Thread | None = None

    def list(self) -> tuple[Tunnel, ...]:
        with self._lock:
            return tuple(entry.look() for entry in self._open.values())

    def open(self, target: TunnelTarget, local_port: int | None, bind: str = "") -> Tunnel:
        """The tunnel to `target`; the one that is open already, unless another local port or address is asked for.
        GpuwsError where the port is in use."""
        with self._lock:
            before = next(self._to(target), None)
            if before is not None and local_port in (None, before.tunnel.local_port) and bind == before.tunnel.bind:
                if before.forward is None:
                    before.listen(before.tunnel.local_port)
                return before.look()
            entry = self._new(before, target, local_port or 0, bind)
            if before is not None and local_port in (None, before.tunnel.local_port):
                _take_over(before, entry)
            else:
                entry.listen(local_port, [one.tunnel.local_port for one in self._open.values()])
            self._open[entry.tunnel.id] = entry
        if before is not None:
            before.close()
        self._report_while_open()
        self._changed(self.list())
        return entry.tunnel

    def hold(self, plan: TunnelPlan) -> Tunnel:
        """The tunnel that was open before, on its port; where another program has that, as soon as it is free."""
        with self._lock:
            before = next(self._to(plan.target), None)
            if before is not None:
                return before.look()
            entry = self._new(None, plan.target, plan.local_port, plan.bind)
            self._open[entry.tunnel.id] = entry
            _take_port(entry)
            tunnel = entry.look()
        self._report_while_open()
        self._changed(self.list())
        return tunnel

    def plans(self) -> dict[str, TunnelPlan]:
        """By id: how each can be opened again."""
        with self._lock:
            return {
                tunnel_id: TunnelPlan(entry.tunnel.target, entry.tunnel.local_port, entry.tunnel.bind)
                for tunnel_id, entry in self._open.items()
            }

    def follow(self, target: TunnelTarget, ports: Collection[int]) -> None:
        """`ports`: those of all notebook servers in the place of `target`. A tunnel whose server moved leads there."""
        with self._lock:
            entries = [one for one in self._open.values() if one.tunnel.target.label == target.label]
            new = moved([one.tunnel.target for one in entries], ports)
            for entry in entries:
                was = entry.tunnel.target
                entry.lead_to(replace(was, port=new.get(was.port, was.port)))

    def lead(self, tunnel_id: str, server: JupyterServer) -> None:
        """To where that server listens, which is the one that is meant."""
        with self._lock:
            entry = self._entry(tunnel_id)
            entry.lead_to(replace(entry.tunnel.target, address=server.socket or server.address))

    def found(self, tunnel_id: str, server: JupyterServer, remark: str = "") -> Tunnel:
        """A notebook server answers there: the tunnel has a URL that opens it."""
        from gpuws.jupyter.servers import url

        with self._lock:
            entry = self._entry(tunnel_id)
            entry.server = server
            opens = url(server, entry.tunnel.local_port)
            target = replace(entry.tunnel.target, kind="notebook")
            entry.tunnel = replace(entry.tunnel, url=opens, target=target, remark=remark or None)
        self._changed(self.list())
        return entry.tunnel

    def server(self, tunnel_id: str) -> JupyterServer | None:
        """What was found there last, with its token."""
        with self._lock:
            return self._open[tunnel_id].server if tunnel_id in self._open else None

    def servers(self, host: str) -> tuple[Reached, ...]:
        """Those in workspaces of `host` that were found behind tunnels, as far as something bears their names."""
        from gpuws.jupyter import kernels

        with self._lock:
            there = [one for one in self._open.values() if one.tunnel.workspace is not None]
            known = [(one.tunnel.target, one.server) for one in there if one.server is not None]
        return tuple(
            kernels.Reached(server, partial(self._ways.dial_target, target), target.workspace)
            for target, server in known
            if target.host == host and server.lets_me_in
        )

    def close(self, tunnel_id: str) -> None:
        with self._lock:
            entry = self._entry(tunnel_id)
            del self._open[tunnel_id]
        entry.close()
        self._changed(self.list())

    def close_all(self) -> None:
        self._closing.set()
        with self._lock:
            entries = list(self._open.values())
            self._open.clear()
        for entry in entries:
            entry.close()

    def _to(self, target: TunnelTarget) -> Iterator[_Open]:
        return (entry for entry in self._open.values() if entry.tunnel.target.text == target.text)

    def _new(self, before: _Open | None, target: TunnelTarget, local_port: int, bind: str) -> _Open:
        """It is known by the same id as the one in whose place it comes."""
        tunnel_id = before.tunnel.id if before else self._free_id(target)
        plan = TunnelPlan(target, local_port, bind)
        return _Open(tunnel_id, plan, self._ways, self._look_up, partial(self._lead_to, tunnel_id))

    def _lead_to(self, tunnel_id: str, target: TunnelTarget) -> None:
        with self._lock:
            if tunnel_id in self._open:
                self._open[tunnel_id].lead_to(target)

    def _free_id(self, target: TunnelTarget) -> str:
        """Its text; not that of one which has followed its server to another port since."""
        found = target.text
        while found in self._open:
            found += "+"
        return found

    def _entry(self, tunnel_id: str) -> _Open:
        if tunnel_id not in self._open:
            raise TargetError(f"no tunnel {tunnel_id!r}", "open ones: " + (", ".join(self._open) or "none"))
        return self._open[tunnel_id]

    def _report_while_open(self) -> None:
        if self._reporter is None:
            self._reporter = threading.Thread(target=self._report, name="tunnels", daemon=True)
            self._reporter.start()

    def _take_ports(self) -> None:
        """Those that another program had, and gave back."""
        with self._lock:
            for entry in self._open.values():
                if entry.forward is None:
                    _take_port(entry)

    def _look_after(self, now: tuple[Tunnel, ...]) -> None:
        try:
            self._look(now)
        except Exception:  # a bug must not cost the others their states
            log.exception("looking after tunnels")

    def _report(self) -> None:
        told = self.list()
        while not self._closing.wait(REPORT):
            self._take_ports()
            now = self.list()
            self._look_after(now)
            if now != told:
                told = now
                self._changed(now)


def _take_over(before: _Open, entry: _Open) -> None:
    """The same port at another address, for which the first must let go of it; it has it again where that fails."""
    before.close()
    try:
        entry.listen(before.tunnel.local_port)
    except GpuwsError:
        _take_port(before)
        raise


def _take_port(entry: _Open) -> None:
    """If it is free now."""
    with contextlib.suppress(GpuwsError):
        entry.listen(entry.tunnel.local_port)


def _borne_by(target: TunnelTarget, host: HostSnapshot | None) -> str | None:
    """The id of what the target means, as it was listed last."""
    one = bearer(target, host.workspaces) if host is not None and target.workspace is not None else None
    return one.id if one else None
