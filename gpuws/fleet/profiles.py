"""Profiles: what can be launched, where mine are written, and what of others' files I accept.

Nothing here asks a host: files of this workstation are read and written. What is wrong with one is a `UsageError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gpuws.model.consent.trust import Proposal
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.profile import ProfileSummary


class Profiles(Protocol):
    """A name that is no profile's is a `UsageError` that lists those there are."""

    def profiles(self) -> tuple[ProfileSummary, ...]:
        """All that can be launched: mine, shared ones, and those that come with gpuws."""
        ...

    def save_profile(self, draft: ProfileDraft) -> str:
        """Write it among mine, where it is right and its name is not taken there; the file's path."""
        ...

    def save_recipe(self, name: str, text: str) -> str:
        """The same of the text of a profile that lies in no file yet."""
        ...

    def profile_file(self, name: str) -> str:
        """The path of the file to edit. For a profile that is not mine one of mine is made first, which extends it."""
        ...

    def discard_unedited(self, name: str) -> bool:
        """Take the file away again that `profile_file` made for this profile, unless something was written into it.
        Whether it was taken away."""
        ...

    def read_recipe(self, text: str, environ: Mapping[str, str]) -> tuple[Imported, ...]:
        """A pasted Compose file, `docker run` line, devcontainer.json or profile as profiles, one a service.

        `environ`: where its variables come from. Nothing of it is run, no file is read, nothing is written. A
        `UsageError` says all that is wrong with it."""
        ...

    def propose(self, profile: str) -> Proposal:
        """What a shared profile, or the one that this profile extends, does that I have not accepted; read once."""
        ...

    def accept(self, proposal_id: str) -> None:
        """Use it from now on as it was read for that proposal, whatever lies there by then."""
        ...
