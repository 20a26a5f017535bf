"""A container's like on another host: chosen, checked and shown as any launch."""

from __future__ import annotations

import os
from dataclasses import replace

from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.launch.draft import NOTHING, Draft
from gpuws.tui.launch.planner import Choice
from gpuws.tui.launch.screen import LaunchScreen

NO_FILE = "a clone has no profile's file; x on the container captures it as one"


class CloneScreen(LaunchScreen):
    """Its command, mounts, limits and secrets are the container's; the host, the name and the GPUs are chosen."""

    AUTO_FOCUS = "#host"
    verb = "Clone"
    queues = False

    def __init__(self, source: Workspace, gpus: int, start: Draft = NOTHING) -> None:
        """`gpus`: how many it has. `start`: what the form says in the beginning."""
        super().__init__(replace(start, profile=""))
        self._source = source
        self._told = ProfileSummary(
            f"{source.ref.host}/{source.name}",
            f"as it is there, {source.oci.image}",
            source.oci.image,
            str(gpus or "none"),
        )

    def begin(self) -> None:
        self.form.fix("profile", "memory", "shm", "more")
        self.call_after_refresh(self.have_profiles, (self._told,))

    def choice(self, hosts: tuple[str, ...]) -> Choice:
        want = replace(self.draft().want(os.environ), overrides=())
        return Choice(self._told.name, hosts, want, self._source.ref)

    def read(self, text: str) -> None:  # noqa: ARG002 - whatever it is
        self.app.warn("a clone is of its container; n launches what is pasted")

    def edit_profile(self) -> None:
        self.app.warn(NO_FILE)

    def new_profile(self) -> None:
        self.app.warn(NO_FILE)
