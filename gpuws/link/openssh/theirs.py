"""A connection that an ssh of the user's own shares (ControlMaster): gpuws goes along, and never ends it."""

from __future__ import annotations

from gpuws.link.openssh.control import Control, NoMaster
from gpuws.link.openssh.link import OpensshLink
from gpuws.link.openssh.transport import ProxyTransport
from gpuws.link.openssh.words import Told
from gpuws.link.paramiko.channel import SshChannel
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import GpuwsError

SESSIONS = 8
"""Programs and terminals at once: of sshd's usual ten the user's own has one, and another is left."""


class Theirs:
    """Stands where an ssh of gpuws' own would; what that told at its login nobody knows."""

    def __init__(self) -> None:
        self.told = Told()

    def end(self) -> None:
        """It is not ours to end."""

    def why(self, reason: str) -> str:
        """Why it is over."""
        return f"your own ssh, over which it went, has ended ({reason})"


class SharedLink(OpensshLink):
    """Leaves the user room for sessions of their own."""

    def _session(self) -> SshChannel:
        if self.sessions >= SESSIONS:
            raise GpuwsError(
                f"{self.name}: {SESSIONS} programs are open over your own ssh, which has room for a few more of yours",
                "close some of them; or end that ssh, so that gpuws makes a connection of its own",
            )
        return super()._session()


def along(resolved: Resolved, python: str | None, why: str) -> OpensshLink | None:
    """A link over the ssh that listens at the host's ControlPath; None: there is none. A person has logged in there, so
    it does not come back without one."""
    try:
        transport = ProxyTransport(Control(resolved.control_path).proxied())
    except NoMaster:
        return None
    return SharedLink(
        resolved.name,
        transport,
        Theirs(),
        asks=True,
        environment=resolved.environment,
        second=None,
        python=python,
        login=None,
        told=(),
        why=why,
    )
