"""`jupyter`, `tunnel`, `tunnels`, `ports`, `proxy`: ports that lead inside, and what listens there."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, REACH, argument, place, register, register_group
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError


def add_to(app: typer.Typer) -> None:
    register(
        app, "jupyter", jupyter, "json", "yes", "yes_not_mine", *REACH,
        examples=(
            "gpuws jupyter torch-dev",
            "gpuws jupyter alpha/torch-dev --open",
            "gpuws jupyter alpha/torch-dev:8888 --start",
        ),
    )  # fmt: skip
    register(
        app, "tunnel", tunnel, "json", "yes", *REACH,
        examples=("gpuws tunnel foxtrot/vllm:8000", "gpuws tunnel alpha/tensorboard:tensorboard --open",
                  "gpuws tunnel alpha 5432 --to db:5432", "gpuws tunnel alpha/tensorboard 6006:6006"),
    )  # fmt: skip
    register(
        app, "ports", ports, "json", *REACH,
        examples=("gpuws ports alpha/torch-dev", "gpuws ports alpha --json | jq '.ports[].service'"),
    )  # fmt: skip
    register(
        app, "proxy", proxy, "yes", *REACH,
        examples=("gpuws proxy alpha", "gpuws proxy alpha --port 1081"),
    )  # fmt: skip
    group = register_group(
        app, "tunnels", "Tunnels that are open in the keeper.", tunnels, "json", *BASE,
        examples=("gpuws tunnels", "gpuws tunnels close 8000"),
    )  # fmt: skip
    register(group, "ls", tunnels, "json", *BASE, examples=("gpuws tunnels ls", "gpuws tunnels ls --json"))
    register(group, "close", close, "json", "dry_run", *BASE, examples=("gpuws tunnels close 8000",))


Keep = Annotated[bool, typer.Option("--keep", help="Do not wait: it stays open in the keeper until it is closed.")]


def jupyter(
    options: Options,
    target: Annotated[str, place(offers.names("notebooks"), ", with :PORT where several run")],
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    local_port: Annotated[
        int | None, typer.Option("--local-port", metavar="N", min=1, max=65535, help="Listen on this port.")
    ] = None,
    keep: Keep = False,
    start: Annotated[bool, typer.Option("--start", help="Start one there first, in the tmux session jupyter.")] = False,
    env: Annotated[
        str | None, typer.Option("--env", metavar="ENV", help="With --start: a directory, or a name that conda knows.")
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the server there, and its kernels.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Print what the server said that --start started.")] = False,
) -> int:
    """A tunnel to a notebook server.

    Finds the server and its token, prints the URL, stays until Ctrl-C."""
    if start + stop + log > 1 or (env and not start):
        raise UsageError("--start, --stop and --log are three things, and --env belongs to --start", "choose one")
    if stop or log:
        from gpuws.cli.tunnels import notebooks

        return notebooks.stop(options, target) if stop else notebooks.log(options, target)
    from gpuws.cli.tunnels.tunnels import jupyter_tunnel

    return jupyter_tunnel(options, target, local_port, browse=open_, keep=keep, start=(env or "") if start else None)


def tunnel(
    options: Options,
    target: Annotated[str, place(offers.names("ports", "running", "hosts"), ", with :PORT or :SERVICE")],
    ports: Annotated[str | None, argument("LOCAL:PORT", "The port here, and the one there.")] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="HOST:PORT|PATH", help="Behind the host: another machine, or a unix socket."),
    ] = None,
    bind: Annotated[
        str | None, typer.Option("--bind", metavar="ADDRESS", help="Take connections here; beyond loopback asks.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    keep: Keep = False,
) -> int:
    """A local port that leads inside.

    TARGET:PORT, or TARGET LOCAL:PORT to choose the local port; stays until Ctrl-C. SERVICE is what `gpuws ports`
    names: tensorboard, marimo, gradio, streamlit, code-server, rstudio, mlflow, wandb, ray, jupyter."""
    from gpuws.cli.tunnels.tunnels import port_tunnel
    from gpuws.model.query.tunnel_ends import bound, ends

    return port_tunnel(options, ends(target, ports, to), bind=bound(bind), browse=open_, keep=keep)


def ports(options: Options, target: Annotated[str, place(offers.places)]) -> int:
    """What listens there, and what it is.

    Told by the process that has each port, as far as the host shows it, else by its answer to one GET. Nothing is
    executed in a container that is not yours."""
    from gpuws.cli.tunnels.ports import list_ports

    return list_ports(options, target)


def proxy(
    options: Options,
    host: Annotated[str, argument("HOST", "It leads to what this one reaches.", offers.hosts)],
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=1, max=65535, help="Listen on this port.")
    ] = None,
) -> int:
    """A SOCKS proxy that leads to whatever a host reaches.

    On the loopback of this machine, until Ctrl-C; names are looked up by the host: socks5h://127.0.0.1:1080."""
    from gpuws.cli.tunnels.proxy import run_proxy

    return run_proxy(options, host, port)


def tunnels(options: Options) -> int:
    """All that are open in the keeper."""
    from gpuws.cli.tunnels.tunnels import list_tunnels

    return list_tunnels(options)


def close(
    options: Options,
    tunnels: Annotated[list[str], argument("TARGET:PORT|LOCAL_PORT", "As listed, or the port here.", offers.tunnels)],
) -> int:
    """Close tunnels, named as listed or by their local port."""
    from gpuws.cli.tunnels.tunnels import close_tunnels

    return close_tunnels(options, tunnels)
