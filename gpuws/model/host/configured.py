"""The inventory: hosts as they are written down, and aliases of the SSH configuration that could be."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.host.host import Host


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that the SSH configuration writes out in full. `hostname`: what its block says of it, if anything."""

    name: str
    hostname: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A word of a `Host` line that is no alias, and why."""

    written: str
    why: str


@dataclass(frozen=True, slots=True)
class ConfiguredHost:
    """`elsewhere`: where it comes from, where gpuws can't change it: a range, a shared file; "" where it can."""

    host: Host
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Configured:
    """`file`: my hosts.yaml, whether it is there or not. `written`: somebody wrote hosts down, though it be none.

    `hosts`: those with an address, without this machine. `aliases`: those that are no hosts yet;
    `left_out`: what else the SSH configuration has, and can't be one."""

    file: str
    written: bool = False
    hosts: tuple[ConfiguredHost, ...] = ()
    aliases: tuple[Alias, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
