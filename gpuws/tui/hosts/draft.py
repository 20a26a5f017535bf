"""A host as it is typed into a form, and as the configuration knows it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gpuws.model.errors import UsageError
from gpuws.model.host.address import Address, parse_address
from gpuws.model.host.host import Host
from gpuws.model.host.naming import wrong_name
from gpuws.model.text import plain

_ADDRESS = re.compile(r"[0-9.]+\Z|.*:")  # of numbers: no part of it is a name


@dataclass(frozen=True, slots=True)
class Draft:
    """`address` as it would be typed after ssh; "": the name is an alias of the SSH configuration."""

    address: str = ""
    name: str = ""
    jump: str = ""
    identity_file: str = ""
    tags: str = ""

    @classmethod
    def of(cls, host: Host) -> Draft:
        told = host.hostname or host.user or host.port
        address = str(Address(host.hostname or host.name, host.user, host.port)) if told else ""
        return cls(address, host.name, host.jump or "", host.identity_file or "", " ".join(host.tags))

    @property
    def suggested(self) -> str:
        """A name for what is typed as address: its first part."""
        try:
            host = parse_address(self.address).host
        except ValueError:
            return ""
        name = host if _ADDRESS.match(host) else host.partition(".")[0]
        return "" if wrong_name(name) or ":" in name else name

    def host(self, before: Host | None = None) -> Host:
        """`before` with what is typed here, or a new one. UsageError says what is missing or wrong."""
        name = self.name or self.suggested
        try:
            parts = parse_address(self.address) if self.address else None
        except ValueError as error:
            raise UsageError(f"address {plain(self.address, 60)!r}: {error}") from error
        if not name:
            raise UsageError("the host needs an address", "as you would type it after ssh: alice@gpu1.lab.example")
        alias = parts == Address(name)
        return replace(
            before or Host(name),
            name=name,
            hostname=parts.host if parts and not alias else None,
            user=parts.user if parts else None,
            port=parts.port if parts else None,
            jump=self.jump or None,
            identity_file=self.identity_file or None,
            tags=tuple(self.tags.replace(",", " ").split()),
        )
