"""Which backend each host goes by, and what is found out on the way there: what a server lacks is remembered."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence

from gpuws.link.resolve.backend import Choice, Instead, LoginNeedsOpenSsh, Moment, NeedsOpenSsh, chosen
from gpuws.link.resolve.openssh import CommandFailed, output
from gpuws.link.resolve.options import KERBEROS
from gpuws.link.resolve.resolve import Resolved
from gpuws.link.resolve.security_keys import security_keys

PATIENCE = 2.0  # seconds for `klist`


class Backends:
    """One for all hosts of a Connector."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, int], str] = {}  # those that paramiko shares no algorithm with, and why

    def choice(self, resolved: Resolved) -> Choice:
        """Before the first packet."""
        free = resolved.backend == "auto"
        found = chosen(resolved, security_keys(resolved) if free else (), ssh=has_ssh())
        why = self._servers.get((resolved.hostname, resolved.port))
        return Choice("openssh", why) if free and why and found.backend == "paramiko" else found

    def instead(self, resolved: Resolved, error: NeedsOpenSsh) -> Choice:
        """ssh, after paramiko met `error`; raises that where another backend may not be taken, or is not there, and
        where it is a jump host's."""
        if error.host != resolved.name or resolved.backend != "auto" or not has_ssh():
            raise error
        if not isinstance(error, LoginNeedsOpenSsh):  # the server's own property, which stays
            self._servers[resolved.hostname, resolved.port] = error.why
        return Choice("openssh", error.why)

    def look(self, resolved: Resolved) -> Instead:
        """For a login by paramiko: what else ssh could do there."""

        def at(moment: Moment, offered: Sequence[str]) -> None:
            if resolved.backend == "auto" and has_ssh() and (why := better(resolved, moment, offered)):
                raise LoginNeedsOpenSsh(resolved.name, f"only ssh can log in there: {why}", "", why)

        return at


def better(resolved: Resolved, moment: Moment, offered: Sequence[str]) -> str:
    """What ssh has at this moment of a login and paramiko has not, "": nothing. A connection of the user's own that
    spares them an answer, a Kerberos ticket, or that Kerberos is all that is left."""
    if moment == "person":
        return f"your own connection at {resolved.control_path}" if _shared(resolved) else ""
    if not resolved.demands.kerberos_allowed or KERBEROS not in offered:
        return ""
    if moment == "begin":
        return "a Kerberos ticket" if has_ticket() else ""
    return "the server takes Kerberos, and nothing else could be offered"


def has_ssh() -> bool:
    """There is such a program here."""
    return shutil.which("ssh") is not None


def has_ticket() -> bool:
    """A Kerberos ticket that holds; without a `klist` nobody knows of one."""
    with contextlib.suppress(FileNotFoundError, CommandFailed):
        output(["klist", "-s"], PATIENCE)
        return True
    return False


def _shared(resolved: Resolved) -> bool:
    """Asked for only where a path is configured."""
    if not resolved.control_path:
        return False
    from gpuws.link.openssh.master import shared

    return shared(resolved) is not None
