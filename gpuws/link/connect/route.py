"""How bytes get to a host's sshd: straight, through a ProxyCommand, or through a jump host's link."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gpuws.link.connect.faults import dial_fault
from gpuws.link.connect.tcp import connect_tcp
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import Blocked, GpuwsError, Unreachable

if TYPE_CHECKING:
    from gpuws.link.connect.jumps import Lease
    from gpuws.link.paramiko.channel import SshChannel

JUMP_PATIENCE = 1.0  # seconds between the end of a jump host's channels and its own


def open_route(resolved: Resolved, lease: Lease | None) -> socket.socket | SshChannel:
    """Unreachable where there is none."""
    if lease:
        try:
            return lease.link.open_tcp(resolved.hostname, resolved.port, resolved.connect_timeout)
        except GpuwsError as error:
            raise Unreachable(f"{resolved.name}: through {error.message}", error.remedy) from error
    if resolved.proxy_command and resolved.demands.passes_descriptor:
        raise Blocked(
            f"{resolved.name}: its ProxyCommand hands over a connection (ProxyUseFdpass), which only ssh can take",
            "leave `backend` of this host out of hosts.yaml, and install OpenSSH's ssh",
        )
    if resolved.proxy_command:
        from gpuws.link.connect.proxy import ProxySocket

        return ProxySocket.start(resolved.proxy_command)
    address = (resolved.hostname, resolved.port)
    try:
        return connect_tcp(*address, resolved.connect_timeout, resolved.address_family, resolved.bind_address)
    except OSError as error:
        raise dial_fault(resolved, error) from error


def why_lost(lease: Lease | None, route: socket.socket | SshChannel, reason: str) -> str:
    """`reason`, or that the jump host itself is lost: then its channel broke rather than ended."""
    if lease is None or isinstance(route, socket.socket) or not route.broken:
        return reason
    why = lease.link.why(JUMP_PATIENCE)
    return f"its jump host {lease.link.name} is gone: {why}" if why else reason
