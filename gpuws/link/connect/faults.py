"""What can go wrong on the way to a host, each as one sentence with its remedy."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.link.resolve.backend import NeedsOpenSsh
from gpuws.link.resolve.resolve import Resolved
from gpuws.model import text
from gpuws.model.errors import GpuwsError, Silent, TurnedAway, Unreachable

if TYPE_CHECKING:
    from gpuws.link.paramiko.transport import SshTransport

_NO_ALGORITHMS = ("kex-strict-", "ext-info-")  # extensions, said in the list of key exchanges
_UNROUTED = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
_HUNG_UP = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)


def dial_fault(resolved: Resolved, error: OSError) -> Unreachable:
    """Why no TCP connection came about."""
    name, where = resolved.name, _where(resolved)
    if isinstance(error, socket.gaierror):
        return Unreachable(f"{name}: no address is known for {resolved.hostname}", "check its name, the DNS or the VPN")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{name}: {where} refuses connections", "is sshd running there, is the port right?")
    if isinstance(error, TimeoutError):
        return Unreachable(
            f"{name}: {where} does not answer within {resolved.connect_timeout:g} s", "is it up, is a VPN needed?"
        )
    if error.errno in _UNROUTED:
        return Unreachable(f"{name}: there is no route to {where}", "check the network or the VPN")
    return Unreachable(f"{name}: {where} can't be reached: {error.strerror or error}")


def late_fault(resolved: Resolved) -> Silent:
    """Connected, but no key exchange in time."""
    return Silent(
        f"{resolved.name}: {_where(resolved)} accepts connections but does not answer",
        "the machine may be overloaded or hung",
    )


def proxy_fault(resolved: Resolved, words: str) -> Unreachable:
    return Unreachable(f"{resolved.name}: its ProxyCommand failed: {words}", f"see `ssh -G {resolved.typed}`")


def handshake_fault(resolved: Resolved, transport: SshTransport) -> GpuwsError:
    """Why the key exchange failed."""
    error, name = transport.get_exception(), resolved.name
    if lacking := _lacking(transport):
        option, words = lacking
        remedy = f"allow a common one by {option}, here in the SSH configuration or there in sshd_config"
        return NeedsOpenSsh(name, f"the server and gpuws share no {words}", remedy, f"no common {words}")
    if not transport.remote_version and _hung_up(error):
        return turned_away(f"{name}: {_where(resolved)}", transport.greetings)
    if "banner" in str(error).lower() or "version" in str(error).lower():
        said = f", it says: {text.plain(transport.greetings[-1], 120)}" if transport.greetings else ""
        return Unreachable(f"{name}: {_where(resolved)} does not speak SSH 2{said}", "is the port right?")
    return Unreachable(
        f"{name}: {_where(resolved)} ended the connection while it was set up: {text.plain(transport.why())}",
        "its sshd may be overloaded, or refuse this address for a while (MaxStartups, PerSourcePenalties)",
    )


def _hung_up(error: Exception | None) -> bool:
    """paramiko puts the system's error into a text, and the end of the stream into an empty one."""
    words = str(error)
    ended = words == "Error reading SSH protocol banner" or any(os.strerror(code) in words for code in _HUNG_UP)
    return error is None or isinstance(error, (EOFError, ConnectionError)) or ended


def turned_away(where: str, greetings: Sequence[str]) -> TurnedAway:
    """The connection was taken and ended before the server named itself. sshd does so by purpose, and tells newer
    clients why in one line; so do fail2ban and the like, without a word."""
    words = " ".join(greetings).lower()
    if "maxstartups" in words:
        why, wait = "too many logins are on their way there (MaxStartups)", 5.0
    elif "not allowed at this time" in words:
        why, wait = "it keeps this address out for a while (PerSourcePenalties)", 30.0
    else:
        why, wait = (
            "too many logins there (MaxStartups), or this address is kept out (fail2ban, PerSourcePenalties)",
            4.0,  # or it is away, behind something that takes connections for it
        )
    remedy = "wait, it is tried again by itself; its admin finds the reason in sshd's log"
    said = [f"it said: {text.plain(greetings[-1], 120)}"] if greetings else []
    return TurnedAway(f"{where} ended the connection before a word: {'; '.join([why, *said])}", remedy, wait)


def _lacking(transport: SshTransport) -> tuple[str, str] | None:
    """The first kind of algorithm where both sides have nothing in common: its option, and what the server has."""
    kinds = (
        ("KexAlgorithms", "key exchange", transport.preferred_kex, "kex_algo_list"),
        ("HostKeyAlgorithms", "host key algorithm", transport.preferred_keys, "server_key_algo_list"),
        ("Ciphers", "cipher", transport.preferred_ciphers, "server_encrypt_algo_list"),
        ("MACs", "MAC", transport.preferred_macs, "server_mac_algo_list"),
    )
    for option, kind, ours, key in kinds:
        theirs = [name for name in transport.offers.get(key, ()) if not name.startswith(_NO_ALGORITHMS)]
        if theirs and not set(ours) & set(theirs):
            return option, f"{kind}: it only has {text.plain(', '.join(theirs), 200)}"
    return None


def _where(resolved: Resolved) -> str:
    return f"{resolved.hostname} port {resolved.port}"
