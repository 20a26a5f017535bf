"""What ssh is called with: the host as its configuration and hosts.yaml have it, and what is not negotiable. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gpuws.link.resolve.resolve import Resolved

INTERVAL, COUNT = 4, 2  # a dead server is known to ssh after 12 s
_QUIET = (
    *("ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none", "Tunnel=no"),
    *("ForwardAgent=no", "ForwardX11=no"),
)
"""Nothing is forwarded, lent or run on the quiet."""


def master(resolved: Resolved, socket: str, proxy: str = "") -> list[str]:
    """The ssh that logs in, stays in the foreground and listens at `socket`. `proxy`: the command that hands it the
    connection through a jump host, "" where there is none."""
    options = [
        *("ControlMaster=yes", "ControlPersist=no", *_QUIET),
        *(f"ServerAliveInterval={INTERVAL}", f"ServerAliveCountMax={COUNT}"),
        f"ConnectTimeout={max(1, math.ceil(resolved.connect_timeout))}",
        f"StrictHostKeyChecking={resolved.strict}",
    ]
    if resolved.known_hosts_files:  # a file of gpuws' own, where the configuration keeps none
        files = " ".join(f'"{file}"' for file in resolved.known_hosts_files)
        options.append(f"UserKnownHostsFile={files.replace('%', '%%')}")
    if proxy:  # ssh's own -J would log in there anew
        options += [f"ProxyCommand={proxy}", "ProxyUseFdpass=yes"]
    elif resolved.jumps:  # its only jump host is itself
        options.append("ProxyCommand=none")
    # -v: what the server is, and which keys it was offered
    return ["ssh", "-v", "-M", "-N", "-T", "-S", socket, *_given(options), *resolved.arguments]


def _given(options: Sequence[str]) -> list[str]:
    return [word for option in options for word in ("-o", option)]
