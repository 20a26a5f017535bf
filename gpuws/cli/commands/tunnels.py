"""`jupyter`, `tunnel`, `tunnels`: ports that lead inside."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.options import Options
from gpuws.cli.registering import BASE, REACH, complete_targets, register

Target = Annotated[str, typer.Argument(metavar="TARGET", autocompletion=complete_targets, show_default=False)]


def add_to(app: typer.Typer) -> None:
    register(app, "jupyter", jupyter, "json", *REACH)
    register(app, "tunnel", tunnel, "json", *REACH)
    register(app, "tunnels", tunnels, "json", *BASE)


def jupyter(
    options: Options,
    target: Target,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    local_port: Annotated[
        int | None, typer.Option("--local-port", metavar="N", min=1, max=65535, help="Listen on this port.")
    ] = None,
) -> int:
    """A tunnel to a notebook server.

    Finds the server and its token, prints the URL, stays until Ctrl-C."""
    from gpuws.cli.tunnelling import jupyter_tunnel

    return jupyter_tunnel(options, target, local_port, browse=open_)


def tunnel(
    options: Options,
    target: Annotated[str, typer.Argument(metavar="TARGET", autocompletion=complete_targets, show_default=False)],
    ports: Annotated[str | None, typer.Argument(metavar="LOCAL:PORT", show_default=False)] = None,
) -> int:
    """A local port that leads inside.

    TARGET:PORT, or TARGET LOCAL:PORT to choose the local port; stays until Ctrl-C."""
    from gpuws.cli.tunnelling import port_tunnel

    return port_tunnel(options, target, ports)


def tunnels(options: Options) -> int:
    """Tunnels that outlive their program."""
    from gpuws.cli.tunnelling import list_tunnels

    return list_tunnels(options)
