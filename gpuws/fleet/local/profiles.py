"""Implements `fleet.profiles`: by the files of this workstation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuws.fleet.local.shared.core import Core

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gpuws.model.consent.trust import Proposal
    from gpuws.model.profile.draft import ProfileDraft
    from gpuws.model.profile.imported import Imported
    from gpuws.model.profile.profile import ProfileSummary


class LocalProfiles(Core):
    def profiles(self) -> tuple[ProfileSummary, ...]:
        return self._profiles.summaries()

    def save_profile(self, draft: ProfileDraft) -> str:
        return str(self._desk.save(draft))

    def save_recipe(self, name: str, text: str) -> str:
        return str(self._desk.save_text(name, text))

    def profile_file(self, name: str) -> str:
        return str(self._desk.file_to_edit(name))

    def discard_unedited(self, name: str) -> bool:
        return self._desk.discard_unedited(name)

    def read_recipe(self, text: str, environ: Mapping[str, str]) -> tuple[Imported, ...]:
        from gpuws.config.imports.reading import read

        return read(text, environ=environ)

    def propose(self, profile: str) -> Proposal:
        return self._trust.propose(profile)

    def accept(self, proposal_id: str) -> None:
        self._trust.accept(proposal_id)
