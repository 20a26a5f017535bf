"""What a local fleet is given by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gpuws.link.place import Ask, Link
from gpuws.model.consent.trust import Proposal
from gpuws.model.host.configured import Configured
from gpuws.model.host.host import Host
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.profile import Profile, ProfileSummary

Phase = Callable[[str], None]
"""Told what a connection attempt is doing: "resolving", "connecting", "logging in"…"""


class Connector(Protocol):
    def connect(self, host: Host, ask: Ask, phase: Phase, *, person: bool, hurried: bool = False) -> Link:
        """Blocks until logged in; raises `HostError`. Without a `person` who wants it now nothing is dialled that might
        ask one again: `HostError` with `asks`. `hurried`: it was tried a moment ago, and somebody waits."""
        ...

    def on_login(self, told: Callable[[Hashable], None]) -> None:
        """Have `told` called with the `login` of a `HostError` once somebody is logged in there."""
        ...

    def on_change(self, told: Callable[[], None]) -> None:
        """Have it called where the network of this machine is another, or it woke; it must return at once."""
        ...

    def know(self, hosts: Sequence[Host]) -> None:
        """The hosts there are now: any of them may be a jump host of another."""
        ...

    def readonly_elsewhere(self, name: str) -> bool:
        """Whether that host leads to the address of another one which may not be changed; never blocks."""
        ...

    def close(self) -> None: ...


class ProfileSource(Protocol):
    def summaries(self) -> tuple[ProfileSummary, ...]: ...
    def load(
        self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str], text: str = ""
    ) -> Profile: ...


class ProfileDesk(Protocol):
    """The user's own profiles, where they are written."""

    def save(self, draft: ProfileDraft) -> Path: ...
    def save_text(self, name: str, text: str) -> Path:
        """A whole profile file. UsageError where it is wrong, or one of that name is there."""
        ...

    def file_to_edit(self, name: str) -> Path: ...
    def discard_unedited(self, name: str) -> bool: ...


class TrustDesk(Protocol):
    """What others' files may do."""

    def propose(self, text: str) -> Proposal: ...
    def accept(self, proposal_id: str) -> None: ...


class InventorySource(Protocol):
    """The user's hosts.yaml and SSH configuration."""

    def configured(self) -> Configured: ...
    def hosts(self, names: Iterable[str]) -> tuple[Host, ...]:
        """Each as it is configured, or as the alias of that name would be."""
        ...

    def add(self, hosts: Iterable[str | Host]) -> tuple[Host, ...]:
        """Write them and return them as configured."""
        ...

    def save(self, host: Host, was: str | None = None) -> None: ...
    def planned(self, host: Host, was: str | None = None) -> Host:
        """As it would be configured once it is saved."""
        ...

    def remove(self, name: str) -> None: ...
    def all(self) -> tuple[Host, ...]:
        """As configured now, this machine among them."""
        ...
