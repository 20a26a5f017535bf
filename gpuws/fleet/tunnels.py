"""Ports of a host or of a workspace, reached from this workstation."""

from __future__ import annotations

import shlex
from typing import Protocol

from gpuws.fleet.crossing import closes_tunnel, opens_tunnel, shown, view
from gpuws.link.place import Stream
from gpuws.model.errors import TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.service import ListeningPort
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef


class Tunnels(Protocol):
    """A tunnel keeps its port while its link is away. Without `keep` it ends with the program that asked for it.

    `local_port` None: the same one every day for the same target. `TargetError` where there is no such place, `Refused`
    for a read-only host itself; an error where the port is taken."""

    @opens_tunnel
    def open_tunnel(
        self, target: TunnelTarget, local_port: int | None = None, *, keep: bool = True, bind: str = ""
    ) -> Tunnel:
        """The same tunnel again where it is open already; `bind` as a `Tunnel` has it.

        Where the host is away it waits; `Unreachable` where that takes a person. UsageError where another machine is to
        be reached from a workspace."""
        ...

    @opens_tunnel
    def hold_tunnel(self, target: TunnelTarget, local_port: int, *, keep: bool = True, bind: str = "") -> Tunnel:
        """One that was open before, on its port again, although its host may be away, or another program has the port:
        it waits. A notebook's URL comes later. `TargetError` where there is no such host."""
        ...

    @opens_tunnel
    def open_jupyter(
        self, place: PlaceRef, local_port: int | None = None, *, port: int | None = None, keep: bool = True
    ) -> Tunnel:
        """Find the server and its token; the tunnel's `url` opens it, and it has answered through the tunnel.

        `port`: on which it listens there; None: the only one, `Ambiguous` where there are several. A server of a
        workspace that was just started is waited for, up to a minute; else `TargetError`; `Unreachable` where the host
        is away. Nothing is executed in what is not mine, nor on a read-only host: records are read by the engine
        there."""
        ...

    def notebook_servers(self, place: PlaceRef) -> tuple[JupyterServer, ...]:
        """The servers there, without their tokens. May be none."""
        ...

    @shown
    def start_jupyter(self, place: PlaceRef, environment: str = "") -> int:
        """Start a server in the tmux session `jupyter` there; its port, once it runs. One that runs there already is
        enough, unless `environment` is named: a directory, or a name that conda knows; "": what my shell would find. On
        a host it listens on loopback only.

        What it said is in the error where it ends at once; `Refused` in what is not mine."""
        ...

    @shown
    def stop_jupyter(self, place: PlaceRef, port: int | None = None) -> None:
        """End a server there, which ends its kernels first; `Ambiguous` where several run and no port is named.
        Confirming is the caller's duty."""
        ...

    def jupyter_log(self, place: PlaceRef) -> tuple[str, ...]:
        """What the server said last that `start_jupyter` started there, without tokens; `TargetError` where none
        was."""
        ...

    @closes_tunnel
    def close_tunnel(self, tunnel_id: str) -> None:
        """Its connections end, too. `TargetError` where none is open by that id."""
        ...

    def dial_port(self, place: PlaceRef, port: int, to: str = "") -> Stream:
        """One connection to TCP port `port` there, without a port of this workstation; `to`: as `TunnelTarget` has it.
        An error where none answers."""
        ...

    def listening_ports(self, place: PlaceRef) -> tuple[ListeningPort, ...]:
        """TCP ports that take connections there, and what they are: by the process that has each as far as the host
        shows it, else by its answer to one GET. Nothing is executed in a workspace that is not mine."""
        ...

    @view
    def tunnels(self) -> tuple[Tunnel, ...]:
        """Those that are open, and those that wait for their host; never blocks."""
        ...


def no_log(place: str, *, inside: bool) -> TargetError:
    """No server was started there by `start_jupyter`. `place`: as it is typed; `inside`: it is a workspace."""
    words = ["gpuws", "logs", place] if inside else ["gpuws", "jupyter", place, "--start"]
    return TargetError(f"{place}: no Jupyter server was started with --start there", shlex.join(words))
