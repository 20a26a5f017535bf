"""A container's like on another host: chosen, checked and shown as any launch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from gpuws.model.host.naming import labelled
from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.workspace.storage import Mount, chosen
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.command import Command
from gpuws.tui.launch.draft import NOTHING, Draft
from gpuws.tui.launch.planner import Choice
from gpuws.tui.launch.screen import LaunchScreen

NO_FILE = "a clone has no profile's file; x on the container captures it as one"


class CloneScreen(LaunchScreen):
    """Its command, mounts, limits and secrets are the container's; the host, the name and the GPUs are chosen."""

    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "clone-data", "ctrl+b", "bring data", "Bring what lies in its named volumes, or leave it there",
            lambda screen: screen.turn_data(), hint=2,
            says=lambda screen: "leave data" if screen.data else "bring data",
        ),
    )  # fmt: skip
    AUTO_FOCUS = "#host"
    verb = "Clone"
    data: tuple[str, ...] = ()
    """Places inside whose volumes are brought along."""
    queues = False

    def __init__(self, source: Workspace, gpus: int, start: Draft = NOTHING) -> None:
        """`gpus`: how many it has. `start`: what the form says in the beginning."""
        super().__init__(replace(start, profile=""))
        self._source = source
        self._told = ProfileSummary(
            labelled(source.ref.host, source.name),
            f"as it is there, {source.oci.image}",
            source.oci.image,
            str(gpus or "none"),
        )

    def begin(self) -> None:
        self.form.fix("profile", "memory", "shm")
        self.call_after_refresh(self.have_profiles, (self._told,))

    def choice(self, hosts: tuple[str, ...]) -> Choice:
        want = replace(self.draft().want(os.environ), overrides=(), data=self.data)
        return Choice(self._told.name, hosts, want, self._source.ref)

    def turn_data(self) -> None:
        """What it has is asked for when it is wanted first."""
        if self.data:
            self._bring(())
            return
        self.app.verbs.run("mounts", lambda: self.app.fleet.mounts(self._source.ref), self._bring_volumes)

    def _bring_volumes(self, mounts: Sequence[Mount]) -> None:
        found = chosen(mounts, volumes=True, binds=False, words=())
        if not found:
            self.app.warn(f"{self._source.name} has no named volumes; directories: gpuws clone --with-binds")
        self._bring(tuple(one.path for one in found))

    def _bring(self, data: tuple[str, ...]) -> None:
        if self.is_running and data != self.data:
            self.data = data
            self.chosen()
            self.show_keys()

    def read(self, text: str) -> None:  # noqa: ARG002 - whatever it is
        self.app.warn("a clone is of its container; n launches what is pasted")

    def edit_profile(self) -> None:
        self.app.warn(NO_FILE)

    def new_profile(self) -> None:
        self.app.warn(NO_FILE)
