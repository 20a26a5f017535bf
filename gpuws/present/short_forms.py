"""Volumes, ports and variables of a profile as they are typed: Compose's short forms. Pure."""

from __future__ import annotations

from gpuws.model.profile.profile import PortWish, Volume
from gpuws.model.secret import HIDDEN, is_secret
from gpuws.present.line import joined

LOOPBACK = "127.0.0.1"


def volume_words(volume: Volume) -> str:
    """`~/data:/data:ro`; of a tmpfs, which has no short form, what it is."""
    if volume.type == "tmpfs":
        return f"{volume.target} (tmpfs)"
    return joined([volume.source, volume.target, "ro" if volume.read_only else None], ":")


def port_words(port: PortWish) -> str:
    """`8888` where it is not published, else `16006:6006`."""
    if port.published is None:
        return str(port.target)
    return joined([None if port.host_ip == LOOPBACK else port.host_ip, str(port.published), str(port.target)], ":")


def variable_words(name: str, value: str | None) -> str:
    """`DEBUG=1`; the name alone where the value is taken from my environment. Never a secret."""
    if value is None:
        return name
    return f"{name}={HIDDEN if is_secret(name, value) and value else value}"
