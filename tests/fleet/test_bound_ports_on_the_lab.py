"""While tunnels of all kinds are open and used, ports are bound on this machine's loopback, and none anywhere else."""

import contextlib
import socket
from pathlib import Path

from gpuws.link.forward.socks import SocksProxy
from tests.fleet.test_listening_on_the_lab import (
    ALPHA,
    HIDDEN,
    MOVES,
    PAGE,
    SOCKET,
    fleet,
    found,
    marimo,
    page,
    port_of,
    pytestmark,
    serving,
)

__all__ = ["fleet", "pytestmark", "serving"]
LISTENS = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def listening(text):
    """Address and port, both hexadecimal, and the socket's number."""
    rows = [line.split() for line in text.splitlines() if line.strip()[:1].isdigit()]
    return {(*row[1].split(":"), row[9]) for row in rows if row[3] == LISTENS}


def bound_here():
    """By this process, which holds the tunnels."""
    own = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            own.add(str(descriptor.readlink()))
    text = "".join(Path(table).read_text() for table in TABLES)
    return {(address, int(port, 16)) for address, port, inode in listening(text) if f"socket:[{inode}]" in own}


def bound_there(fleet, place):
    """By whomever."""
    done = fleet.run(place, ["cat", *TABLES])
    return {(address, port) for address, port, _ in listening(done.stdout.decode())}


def test_this_loopback_has_them_and_nothing_there(fleet, serving):
    place = serving()
    found(fleet, place)
    with marimo(fleet, place, MOVES):
        here, host, inside = bound_here(), bound_there(fleet, ALPHA), bound_there(fleet, place)
        targets = {
            port_of(fleet, place, PAGE): "TensorBoard",  # by the container's address
            port_of(fleet, place, HIDDEN): "Streamlit",  # by the relay inside
            port_of(fleet, place, 0, to=SOCKET): "Unix",
            port_of(fleet, place, 0, service="marimo"): "marimo",
            port_of(fleet, ALPHA, 22): "",
        }
        tunnels = [fleet.open_tunnel(target) for target in targets]
        proxy = SocksProxy(lambda host, port: fleet.dial_port(ALPHA, port, host))
        try:
            assert [page(tunnel) for tunnel in tunnels] == list(targets.values())
            with socket.create_connection(("127.0.0.1", tunnels[0].local_port)):  # one that is open meanwhile
                now = bound_here() - here
                assert {port for _, port in now} == {proxy.port, *(tunnel.local_port for tunnel in tunnels)}
                assert {address for address, _ in now} <= LOOPBACK
                assert bound_there(fleet, ALPHA) - host == set()
                assert bound_there(fleet, place) - inside == set()
        finally:
            proxy.close()
            for tunnel in tunnels:
                fleet.close_tunnel(tunnel.id)
        assert bound_here() - here == set()
