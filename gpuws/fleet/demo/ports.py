"""The demo's open tunnels: real ports on this computer's loopback, behind which one page stands. Nothing is dialled."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, replace

from gpuws.fleet.demo.pages import answer
from gpuws.fleet.demo.tunnel_end import TunnelEnd
from gpuws.link.forward.listener import Forward
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.session.tunnel import Tunnel, TunnelState, TunnelTarget

BEAT_IN, BEAT_OUT = 3_400, 420
"""Bytes a tick of a notebook that is open somewhere: its kernel says what it does."""


@dataclass(slots=True)
class _Open:
    forward: Forward
    tunnel: Tunnel
    bytes_in: int = 0
    bytes_out: int = 0


class PageStream:
    """A Stream: a request goes in, the page comes out, and that was all."""

    def __init__(self, target: TunnelTarget) -> None:
        self._target = target
        self._request = b""
        self._output: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._timeout: float | None = None

    def recv(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - a page is small
        try:
            return self._output.get(timeout=self._timeout)
        except queue.Empty:
            raise TimeoutError from None

    def sendall(self, data: bytes) -> None:
        asked = b"\r\n\r\n" in self._request
        self._request += data
        if not asked and b"\r\n\r\n" in self._request:
            self._output.put(answer(self._request, self._target))
            self._output.put(b"")

    def shutdown_write(self) -> None:
        """A request has an end of its own."""

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def close(self) -> None:
        self._output.put(b"")


class Ports:
    """Mutable; the fleet's lock guards it."""

    def __init__(self, end: Callable[[TunnelTarget], TunnelEnd], clock: Callable[[], float]) -> None:
        self._end = end
        self._clock = clock
        self._open: dict[str, _Open] = {}

    def list(self) -> tuple[Tunnel, ...]:
        return tuple(self._look(entry) for entry in self._open.values())

    def open(self, target: TunnelTarget, local_port: int | None, token: str = "", bind: str = "") -> Tunnel:
        """The one that is open already, unless another local port or address is asked for. `token`: of a notebook
        server."""
        known = self._open.get(target.text)
        if known is None or local_port not in (None, known.forward.port) or bind != known.tunnel.bind:
            if known is not None:
                known.forward.close()
            preferred = target.preferred_port
            forward = Forward(lambda: self._dial(target), port=local_port, preferred=preferred, bind=bind)
            opened = Tunnel(target.text, target, forward.port, kept=True, bind=bind)
            known = self._open[target.text] = _Open(forward, opened)
        if token:
            url = f"http://127.0.0.1:{known.forward.port}/lab?token={token}"
            known.tunnel = replace(known.tunnel, url=url, target=replace(target, kind="notebook"))
        return self._look(known)

    def shut(self, tunnel_id: str) -> None:
        if tunnel_id not in self._open:
            raise TargetError(f"no tunnel {tunnel_id!r}", "open ones: " + (", ".join(self._open) or "none"))
        self._open.pop(tunnel_id).forward.close()

    def close(self) -> None:
        for entry in self._open.values():
            entry.forward.close()
        self._open.clear()

    def beat(self) -> None:
        """A tick later."""
        for entry in self._open.values():
            if entry.tunnel.target.kind == "notebook" and not self._end(entry.tunnel.target).why:
                entry.bytes_in += BEAT_IN
                entry.bytes_out += BEAT_OUT

    def _dial(self, target: TunnelTarget) -> PageStream:
        if why := self._end(target).why:
            raise GpuwsError(why)
        return PageStream(self._open[target.text].tunnel.target)

    def _look(self, entry: _Open) -> Tunnel:
        end = self._end(entry.tunnel.target)
        received = entry.forward.bytes_in + entry.bytes_in
        state: TunnelState = "up" if received else "listening"
        if end.why:
            state = "waiting" if end.away else "gone"
        if state != entry.tunnel.state or entry.tunnel.since is None:
            entry.tunnel = replace(entry.tunnel, state=state, since=self._clock())
        return replace(
            entry.tunnel,
            bytes_in=received,
            bytes_out=entry.forward.bytes_out + entry.bytes_out,
            connections=entry.forward.connections,
            workspace=end.workspace,
            error=end.why or None,
        )
