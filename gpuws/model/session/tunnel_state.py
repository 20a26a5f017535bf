"""What state a tunnel is in, by what is known of its way at a moment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.tunnel import Speaks, TunnelState, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef, Workspace

Verdict = tuple[TunnelState, str | None]
"""A state and, where it is not well, one line that says why."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the last connection was made. `failure` None: it was taken; `gone`: nothing bears the name any more.

    `way`: over which link and into which workspace; of another way it tells nothing."""

    way: tuple[int, str | None]
    failure: str | None = None
    gone: bool = False


def bearer(target: TunnelTarget, listed: Sequence[Workspace]) -> Workspace | None:
    """The workspace that a target means: of several with its name one that lives, else the newest. `listed`: newest
    first, as engines list them."""
    named = [one for one in listed if target.workspace in (one.name, one.typed)]
    return next((one for one in named if one.alive), named[0] if named else None)


def led_to(place: PlaceRef, listed: Sequence[Workspace], port: int, *, to: str = "", service: str = "") -> TunnelTarget:
    """That port of what bears the name that the place has now, by its id where it is not listed; `to` and `service` as
    of the target."""
    if place.workspace is None:
        return TunnelTarget(place.host, None, port, to=to, service=service)
    name = next((one.typed for one in listed if one.id == place.workspace), place.workspace[:12])
    return TunnelTarget(place.host, name, port, to=to, service=service)


def absence(target: TunnelTarget, one: Workspace | None) -> str:
    """Why no connection can lead into it; "": it lives."""
    if one is None:
        return f"{target.host} has no container {target.workspace}"
    if one.alive:
        return ""
    return f"{target.label} {one.reason}" if one.state == "exited" and one.reason else f"{target.label} is {one.status}"


def spoken(beginning: bytes) -> Speaks | None:
    """By the first bytes that a server sent: of a TLS handshake or alert, of an HTTP response, of SSH's greeting."""
    if beginning.startswith((b"\x16\x03", b"\x15\x03")):
        return "tls"
    return "http" if beginning.startswith(b"HTTP/") else "ssh" if beginning.startswith(b"SSH-") else None


def judged(target: TunnelTarget, host: HostSnapshot | None, tried: Tried | None, *, linked: bool) -> Verdict:
    """`host` None: the configuration has none of that name any more. `linked`: its link is up at this moment."""
    if host is None:
        return "gone", f"{target.host} is not in hosts.yaml any more"
    if not linked:
        return _away(host)
    one = bearer(target, host.workspaces) if target.workspace is not None else None
    if target.workspace is not None and "containers" in host.complete and (why := absence(target, one)):
        return "gone", why
    if tried is None or tried.way != (host.generation, one.id if one else None):
        return "listening", None
    if tried.failure is None:
        return "up", None
    return "gone" if tried.gone else "refuses", tried.failure


def moved(targets: Collection[TunnelTarget], ports: Collection[int]) -> dict[int, int]:
    """From the old port to the new one, of notebooks whose server has moved. `targets`: all of one place that have a
    tunnel; `ports`: those of all servers there. Nothing where it can't be told which moved where."""
    known = {target.port for target in targets}
    lost = [target.port for target in targets if target.kind == "notebook" and target.port not in ports]
    fresh = [port for port in ports if port not in known]
    return {lost[0]: fresh[0]} if len(lost) == len(fresh) == 1 else {}


def _away(host: HostSnapshot) -> Verdict:
    needs_person = host.state is HostState.ASKING or host.state.final
    why = host.error or host.phase or "not connected yet"
    return "asking" if needs_person else "waiting", f"{host.name}: {why}"
