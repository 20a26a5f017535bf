"""A container's like on another host: chosen, checked and shown as any launch."""

from __future__ import annotations

from dataclasses import replace

from gpuws.model.profile.profile import GpuWish, ProfileSummary
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.launch.planner import Choice
from gpuws.tui.launch.screen import LaunchScreen

NO_FILE = "a clone has no profile's file; x on the container captures it as one"


class CloneScreen(LaunchScreen):
    """Its command, mounts, limits and secrets are the container's; the host, the name and the GPUs are chosen."""

    AUTO_FOCUS = "#host"
    verb = "Clone"

    def __init__(self, source: Workspace, gpus: int) -> None:
        """`gpus`: how many it has."""
        super().__init__(None)
        self._source = source
        self._told = ProfileSummary(
            f"{source.ref.host}/{source.name}",
            f"as it is there, {source.oci.image}",
            source.oci.image,
            str(gpus or "none"),
        )

    def begin(self) -> None:
        self.form.fix("profile", "memory", "shm")
        self.call_after_refresh(self.have_profiles, (self._told,))

    def choice(self, hosts: tuple[str, ...]) -> Choice:
        number = self.form.number
        want = self.form.want(self.ticks)
        gpus = GpuWish(count=int(number)) if want.gpus is None and number.isdecimal() else want.gpus
        return Choice(self._told.name, hosts, replace(want, gpus=gpus, overrides=()), self._source.ref)

    def edit_profile(self) -> None:
        self.app.warn(NO_FILE)

    def new_profile(self) -> None:
        self.app.warn(NO_FILE)
