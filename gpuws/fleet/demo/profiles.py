"""Implements `fleet.profiles`: those of the lab, and what was made of them while the demo runs."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuws.fleet.demo.core import DemoCore
from gpuws.model.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gpuws.model.consent.trust import Proposal
    from gpuws.model.profile.draft import ProfileDraft
    from gpuws.model.profile.imported import Imported
    from gpuws.model.profile.profile import ProfileSummary


class DemoProfiles(DemoCore):
    def profiles(self) -> tuple[ProfileSummary, ...]:
        from gpuws.fleet.demo import launching

        return tuple(launching.summary(profile) for profile in self._profiles)

    def save_profile(self, draft: ProfileDraft) -> str:
        from gpuws.fleet.demo import launching

        with self._lock:
            self._profiles = (*self._profiles, launching.drafted(draft, self._profiles))
        return f"the demo's profile {draft.name}"

    def save_recipe(self, name: str, text: str) -> str:
        from gpuws.fleet.demo import launching

        with self._lock:
            self._profiles = (*self._profiles, launching.saved(name, text, self._profiles))
        return f"the demo's profile {name}"

    def discard_unedited(self, name: str) -> bool:
        return False

    def profile_file(self, name: str) -> str:
        raise Refused("the demo's profiles are not in files", "a new profile can be made, for as long as the demo runs")

    def read_recipe(self, text: str, environ: Mapping[str, str]) -> tuple[Imported, ...]:
        from gpuws.config.imports.reading import read

        return read(text, environ=environ)

    def propose(self, profile: str) -> Proposal:
        raise Refused("the demo's profiles are nobody else's", "there is nothing to accept")

    def accept(self, proposal_id: str) -> None:
        self.propose(proposal_id)
