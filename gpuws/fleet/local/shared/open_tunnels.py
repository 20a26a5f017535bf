"""Tunnels belong to nobody's connection: they keep their port while a link is away and follow a container's address."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from gpuws.link.forward.listener import Forward
from gpuws.link.place import Stream
from gpuws.model.errors import TargetError
from gpuws.model.session.tunnel import Tunnel, TunnelPlan, TunnelState, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef

Dial = Callable[[PlaceRef, int], Stream]
REPORT = 1.0  # seconds between looks at the byte counts


@dataclass(frozen=True, slots=True)
class _Open:
    forward: Forward
    tunnel: Tunnel


class OpenTunnels:
    """`reachable(host)` tells whether its link is up; `changed` hears of every difference, at most once a second."""

    def __init__(
        self, dial: Dial, reachable: Callable[[str], bool], changed: Callable[[tuple[Tunnel, ...]], None]
    ) -> None:
        self._dial = dial
        self._reachable = reachable
        self._changed = changed
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._closing = threading.Event()
        self._reporter: threading.Thread | None = None

    def list(self) -> tuple[Tunnel, ...]:
        with self._lock:
            return tuple(self._look(entry) for entry in self._open.values())

    def open(self, target: TunnelTarget, local_port: int | None) -> Tunnel:
        """The tunnel to `target`; the one that is open already, unless another local port is asked for."""
        tunnel_id = target.text
        with self._lock:
            entry = self._open.get(tunnel_id)
            if entry is not None and local_port in (None, entry.forward.port):
                return self._look(entry)
        forward = Forward(
            lambda: self._dial(target.place, target.port), port=local_port, preferred=target.preferred_port
        )
        entry = _Open(forward, Tunnel(tunnel_id, target, forward.port))
        with self._lock:
            before = self._open.get(tunnel_id)
            self._open[tunnel_id] = entry
        if before is not None:
            before.forward.close()
        self._report_while_open()
        self._changed(self.list())
        return self._look(entry)

    def plans(self) -> dict[str, TunnelPlan]:
        """By id: how each can be opened again."""
        with self._lock:
            return {
                tunnel_id: TunnelPlan(entry.tunnel.target, entry.forward.port)
                for tunnel_id, entry in self._open.items()
            }

    def set_url(self, tunnel_id: str, url: str) -> Tunnel:
        """A notebook answers there: `url` opens it."""
        with self._lock:
            entry = self._entry(tunnel_id)
            tunnel = replace(entry.tunnel, url=url, target=replace(entry.tunnel.target, kind="notebook"))
            self._open[tunnel_id] = entry = replace(entry, tunnel=tunnel)
        self._changed(self.list())
        return self._look(entry)

    def close(self, tunnel_id: str) -> None:
        with self._lock:
            entry = self._entry(tunnel_id)
            del self._open[tunnel_id]
        entry.forward.close()
        self._changed(self.list())

    def close_all(self) -> None:
        self._closing.set()
        with self._lock:
            entries = list(self._open.values())
            self._open.clear()
        for entry in entries:
            entry.forward.close()

    def _entry(self, tunnel_id: str) -> _Open:
        if tunnel_id not in self._open:
            raise TargetError(f"no tunnel {tunnel_id!r}", "open ones: " + (", ".join(self._open) or "none"))
        return self._open[tunnel_id]

    def _look(self, entry: _Open) -> Tunnel:
        forward = entry.forward
        state: TunnelState = "listening" if self._reachable(entry.tunnel.target.place.host) else "waiting"
        return replace(
            entry.tunnel,
            state=state,
            bytes_in=forward.bytes_in,
            bytes_out=forward.bytes_out,
            error=forward.error,
        )

    def _report_while_open(self) -> None:
        if self._reporter is None:
            self._reporter = threading.Thread(target=self._report, name="tunnels", daemon=True)
            self._reporter.start()

    def _report(self) -> None:
        told = self.list()
        while not self._closing.wait(REPORT):
            now = self.list()
            if now != told:
                told = now
                self._changed(now)
