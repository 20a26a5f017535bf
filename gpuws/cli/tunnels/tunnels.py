"""jupyter and tunnel: open, say where, stay."""

from __future__ import annotations

import base64
import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.confirmation import agree, asks, confirm, reply, settle
from gpuws.cli.toolkit.environment import demo_wanted, keeper_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.cli.toolkit.output import steer
from gpuws.cli.toolkit.selection import find, hosts_of
from gpuws.cli.toolkit.setup import Setup, keeper_dialer, keeper_home, open_fleet, set_up, user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.cli.toolkit.waiting import until
from gpuws.config.files import write_atomically
from gpuws.keeper.wire.messages import Describe
from gpuws.model.consent.bind import bind_confirmation
from gpuws.model.errors import Ambiguous, GpuwsError, TargetError, Unreachable, UsageError
from gpuws.model.query.awaited import awaited
from gpuws.model.query.nearest import meant
from gpuws.model.query.target import Found, name_of, parse
from gpuws.model.query.tunnel_ends import Ends
from gpuws.model.session.service import JUPYTER, the_one
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.session.tunnel_state import led_to
from gpuws.present.documents import actions, listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed
from gpuws.present.tables import tunnels
from gpuws.present.tables.tunnels import change, trouble
from gpuws.workstation.loopback import TOLD, openness, reached_by, scheme

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.session.notebook import JupyterServer

READ = 10.0  # seconds for a browser to read what it is given


def jupyter_tunnel(
    options: Options, word: str, local_port: int | None, *, browse: bool, keep: bool, start: str | None = None
) -> int:
    """`start`: the environment in which one is started first, None: none is."""
    setup = _set_up(options, keep=keep)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        confirm("jupyter", [found], options, command=shlex.join(["gpuws", "jupyter", word]))
        port = target.port if target.suffix else None
        if start is not None:
            note(f"starting Jupyter in {found.label} …")
            port = fleet.start_jupyter(found.place, start)
        tunnel = _opened(fleet, options, found, port, local_port, keep=keep)
        _say(printed(actions.jupyter(tunnel), indent=None) if options.json else tunnel.url or "")
        if tunnel.remark:
            note(tunnel.remark)
        if browse and tunnel.url:
            _browse(fleet, tunnel, tunnel.url, leaving=keep)
        return _kept(tunnel) if keep else _stay(fleet, tunnel)


def _opened(
    fleet: Fleet, options: Options, found: Found, port: int | None, local_port: int | None, *, keep: bool
) -> Tunnel:
    """The one on `port`, or the only one; of several the one that a person chooses."""

    def opener(here: int | None) -> Tunnel:
        return fleet.open_jupyter(found.place, here, port=port, keep=keep)

    try:
        return _agreed(fleet, options, opener, local_port)
    except Ambiguous:
        if not asks():
            raise
        port = _which(found.label, fleet.notebook_servers(found.place))
    return _agreed(fleet, options, opener, local_port)


def _which(label: str, servers: Sequence[JupyterServer]) -> int:
    """The port of the one that is chosen; 0 for a socket."""
    note(f"several Jupyter servers run in {label}:")
    for one in servers:
        note(f"  {one.where}  {one.root_dir or ''}".rstrip())
    said = reply(f"Which port? [{servers[0].port}] ") or str(servers[0].port)
    chosen = next((one for one in servers if said in (str(one.port), one.socket)), None)
    if chosen is None:
        raise UsageError(f"{said!r} is none of them")
    return chosen.port


def port_tunnel(options: Options, wanted: Ends, *, bind: str, browse: bool, keep: bool) -> int:
    """`bind`: as of a `Tunnel`."""
    if wanted.service == JUPYTER and not bind:
        return jupyter_tunnel(options, name_of(wanted.target), wanted.local_port, browse=browse, keep=keep)
    setup = _set_up(options, keep=keep)
    wanted = replace(wanted, target=parse(wanted.target.word, setup.names()))
    with open_fleet(setup, hosts_of(setup, wanted.target)) as fleet:
        target = _led_to(fleet, wanted, options.timeout)
        if asked := bind_confirmation(bind, target.label, shlex.join(["gpuws", *sys.argv[1:]])):
            settle([asked], options)
        tunnel = _agreed(
            fleet, options, lambda here: fleet.open_tunnel(target, here, keep=keep, bind=bind), wanted.local_port
        )
        _say(
            printed(listings.tunnels([tunnel]), indent=None)
            if options.json
            else f"{tunnel.here} → {tunnel.target.text}"
        )
        if word := trouble(tunnel):
            note(word)
        if browse and tunnel.state == "waiting":
            note(f"once the host is there, open http://{tunnel.near}/ yourself")
        elif browse:
            _browse(fleet, tunnel, f"{scheme(tunnel)}://{tunnel.near}/", leaving=keep)
        return _kept(tunnel) if keep else _stay(fleet, tunnel)


def _led_to(fleet: Fleet, wanted: Ends, timeout: float | None) -> TunnelTarget:
    """What the tunnel is to lead to; on a host that is away by its name alone."""
    try:
        found = find(fleet, wanted.target, timeout)
    except Unreachable:
        target = awaited(wanted.target, fleet.snapshots(), wanted.port, to=wanted.to, service=wanted.service)
        if target is None:
            raise
        return target
    port, to = wanted.port, wanted.to
    if wanted.service:
        there = the_one(wanted.service, fleet.listening_ports(found.place), found.label)
        port, to = there.port, there.to
    return led_to(found.place, found.snapshot.workspaces, port, to=to, service=wanted.service)


def _agreed(fleet: Fleet, options: Options, opener: Callable[[int | None], Tunnel], local_port: int | None) -> Tunnel:
    """A tunnel, closed again while it is asked whether others may reach what is behind it."""
    before = {one.id for one in fleet.tunnels()}
    tunnel = opener(local_port)
    if tunnel.id in before or tunnel.bind:
        return tunnel
    _tell_once(options)
    if options.yes or not (people := reached_by(tunnel)):
        return tunnel
    fleet.close_tunnel(tunnel.id)
    here = f"{', '.join(people)} {'is' if len(people) == 1 else 'are'} logged in here, too"
    agree(f"{tunnel.target.text} {openness(tunnel)}, and {here}. Open it on 127.0.0.1 for all?", "--yes")
    return opener(tunnel.local_port)


def _tell_once(options: Options) -> None:
    """What everybody should have heard, but not each time."""
    mark = user_paths(options).state_dir / "told-loopback"
    if not mark.exists():
        note(TOLD)
        with contextlib.suppress(GpuwsError):  # it is told again
            write_atomically(mark, "")


def list_tunnels(options: Options) -> int:
    """Those of the keeper, and those that it has to open again."""
    if not keeper_wanted():
        note("without the keeper each tunnel lives in the program that opened it, until that ends")
    found = _open_ones(options) if keeper_wanted() else ()
    if options.json:
        _say(printed(listings.tunnels(found)))
        return 0
    if not found and keeper_wanted():
        note("no tunnel is open — gpuws tunnel TARGET:PORT opens one")
    for line in render(tunnels.listing(found, time.time()), style()) if found else ():
        _say(line)
    return 0


def close_tunnels(options: Options, words: Sequence[str]) -> int:
    """All of them, or an error before any is closed."""
    chosen = {(one := _named(word, _open_ones(options))).id: one for word in words}.values()
    deeds = [Deed(one.target.host, one.target.text, f"gpuws tunnels close {one.local_port}") for one in chosen]
    with fleet_of(options) as fleet, Outcome("close", "tunnels", deeds, options) as outcome:
        for one in chosen:
            line = f"{one.here} → {one.target.text}"
            if options.dry_run:
                outcome.would(f"{line}: would be closed")
            else:
                fleet.close_tunnel(one.id)
                outcome.done(one.target.host, one.target.text, f"{line}: closed")
    return 0


@contextlib.contextmanager
def fleet_of(options: Options) -> Iterator[Fleet]:
    """The keeper's, for verbs that need no host; the demo's own, which ends with the block."""
    if demo_wanted():
        setup = set_up(options)
        with open_fleet(setup, setup.names()) as demo:
            yield demo
        return
    from gpuws.keeper.client.fleet import KeeperFleet

    yield KeeperFleet(keeper_dialer(keeper_home(options, user_paths(options))))


def _open_ones(options: Options) -> tuple[Tunnel, ...]:
    """Those that a keeper held which ended are opened again first; else none is started for it."""
    from gpuws.cli.keeper.keeper import condition_of

    home = keeper_home(options, user_paths(options))
    if home.tunnels.exists():
        keeper_dialer(home).ask(Describe())
    found = condition_of(home)
    return found.tunnels if found else ()


def _named(word: str, found: Sequence[Tunnel]) -> Tunnel:
    for one in found:
        if word in (one.id, one.target.text, str(one.local_port)):
            return one
    known = [one.target.text for one in found]
    raise TargetError(f"no tunnel {word!r}", meant(word, known) or f"open ones: {', '.join(known) or 'none'}")


def _set_up(options: Options, *, keep: bool) -> Setup:
    setup = set_up(options)
    if keep and not setup.kept:
        raise UsageError("there is no keeper that could keep a tunnel", "leave --keep out, or GPUWS_KEEPER=0")
    return setup


def _kept(tunnel: Tunnel) -> int:
    note(f"it stays open; gpuws tunnels close {tunnel.local_port} ends it")
    return 0


def _stay(fleet: Fleet, tunnel: Tunnel) -> int:
    """Until Ctrl-C, or somebody closes it; says what is in its way, and when that is over."""
    note("open until Ctrl-C")
    before = tunnel

    def closed() -> bool:
        nonlocal before
        now = next((one for one in fleet.tunnels() if one.id == tunnel.id), None)
        if now is None:
            raise GpuwsError(f"the tunnel to {tunnel.target.text} was closed")
        if word := change(before, now):
            note(word)
        before = now
        return False

    until(fleet, closed, None)
    return 0


def _browse(fleet: Fleet, tunnel: Tunnel, url: str, *, leaving: bool) -> None:
    """`leaving`: this program ends, and with it the file that the browser is given, so it waits until that was read."""
    from gpuws.workstation.browser import NoBrowser, open_address

    try:
        open_address(url)
    except NoBrowser as error:
        copied = sys.stdout.isatty()
        if copied:  # OSC 52: a terminal may hand it on to the clipboard
            steer(f"\x1b]52;c;{base64.b64encode(url.encode()).decode()}\x07")
        note(f"{error.message}: open the address{', which is copied,' if copied else ''} yourself")
        return

    def read() -> bool:
        return any(one.id == tunnel.id and one.bytes_in > tunnel.bytes_in for one in fleet.tunnels())

    if leaving:
        until(fleet, read, READ)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
