"""jupyter and tunnel: open, say where, stay."""

from __future__ import annotations

import sys

from gpuws.cli import json
from gpuws.cli.compose import open_fleet, set_up
from gpuws.cli.failures import note
from gpuws.cli.options import Options
from gpuws.cli.selection import find, hosts_of
from gpuws.cli.wait import until
from gpuws.fleet.base import Fleet
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.target import Target, parse
from gpuws.model.tunnel import Tunnel


def jupyter_tunnel(options: Options, word: str, local_port: int | None, *, browse: bool) -> int:
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        tunnel = fleet.open_jupyter(found.place, local_port)
        _say(json.text(json.jupyter(tunnel), indent=None) if options.json else tunnel.url or "")
        if browse and tunnel.url:
            _browse(tunnel.url)
        return _stay(fleet, tunnel)


def port_tunnel(options: Options, word: str, ports: str | None) -> int:
    setup = set_up(options)
    target, local_port, port = _ends(parse(word), ports)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        tunnel = fleet.open_tunnel(found.place, port, local_port)
        where = f"127.0.0.1:{tunnel.local_port}"
        _say(json.text(json.tunnels([tunnel]), indent=None) if options.json else f"{where} → {tunnel.target}")
        return _stay(fleet, tunnel)


def list_tunnels(options: Options) -> int:
    """Without a background process no tunnel outlives the program that opened it."""
    if options.json:
        _say(json.text(json.tunnels(())))
    note("no tunnel is shared: each lives in the program that opened it, until that ends")
    return 0


def _ends(target: Target, ports: str | None) -> tuple[Target, int | None, int]:
    """The target, the local port (None: any) and the port there, from `TARGET:PORT` or `TARGET LOCAL:PORT`."""
    if ports is None:
        return target, None, target.port
    if target.suffix is not None:
        raise UsageError(f"{target.word} names a port already", "write TARGET:PORT, or TARGET LOCAL:PORT")
    local, colon, there = ports.partition(":")
    if not colon:
        raise UsageError(f"{ports!r} is not LOCAL:PORT", f"write gpuws tunnel {target.word}:{ports}")
    return target, _port(local), _port(there)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise UsageError(f"{text!r} is not a port", "a number from 1 to 65535")


def _stay(fleet: Fleet, tunnel: Tunnel) -> int:
    """Until Ctrl-C, or the tunnel breaks; says when its link goes and comes back."""
    note("open until Ctrl-C")
    state = tunnel.state

    def broken() -> bool:
        nonlocal state
        now = next((one for one in fleet.tunnels() if one.id == tunnel.id), None)
        if now is None or now.state in ("broken", "closed"):
            raise GpuwsError(f"the tunnel to {tunnel.target} broke: {(now and now.error) or 'it was closed'}")
        if now.state != state:
            note("the link is away; the port is kept" if now.state == "waiting" else "the link is back")
            state = now.state
        return False

    until(fleet, broken, None)
    return 0


def _browse(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        note("no browser could be opened: open the address yourself")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
