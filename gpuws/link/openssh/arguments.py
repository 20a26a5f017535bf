"""What ssh is called with: the host as its configuration and hosts.yaml have it, and what is not negotiable. Pure."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from gpuws.link.resolve.resolve import Resolved

INTERVAL, COUNT = 4, 2  # a dead server is known to ssh after 12 s
_QUIET = (
    *("ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none", "Tunnel=no"),
    *("ForwardAgent=no", "ForwardX11=no"),
)
"""Nothing is forwarded, lent or run on the quiet."""


def master(resolved: Resolved, way: Sequence[Resolved], socket: str) -> list[str]:
    """The ssh that logs in, stays in the foreground and listens at `socket`. `way`: the jump hosts, nearest first."""
    options = [
        *("ControlMaster=yes", "ControlPersist=no", *_QUIET),
        *(f"ServerAliveInterval={INTERVAL}", f"ServerAliveCountMax={COUNT}"),
        f"ConnectTimeout={max(1, math.ceil(resolved.connect_timeout))}",
        f"StrictHostKeyChecking={resolved.strict}",
    ]
    if resolved.known_hosts_files:  # a file of gpuws' own, where the configuration keeps none
        files = " ".join(f'"{file}"' for file in resolved.known_hosts_files)
        options.append(f"UserKnownHostsFile={files.replace('%', '%%')}")
    if resolved.jumps:  # ssh's own -J would know neither the jump hosts of hosts.yaml nor their options
        options.append(f"ProxyCommand={through(way)}")
    # -v: what the server is, and which keys it was offered
    return ["ssh", "-v", "-M", "-N", "-T", "-S", socket, *_given(options), *resolved.arguments]


def through(way: Sequence[Resolved]) -> str:
    """The ProxyCommand that leads over `way`; `none` where there is none."""
    command = "none"
    for jump in way:
        options = ["ControlMaster=no", *_QUIET, f"StrictHostKeyChecking={jump.strict}"]
        if command != "none":
            options.append(f"ProxyCommand={command}")
        *words, end, destination = ["ssh", *_given(options), *jump.arguments]
        # Each ssh on the way reads the per cent signs of its own command.
        given = shlex.join([*words, "-W", "\0", end, destination]).replace("%", "%%")
        command = given.replace(shlex.quote("\0"), "'[%h]:%p'")
    return command


def _given(options: Sequence[str]) -> list[str]:
    return [word for option in options for word in ("-o", option)]
