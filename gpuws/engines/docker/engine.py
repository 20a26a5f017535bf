"""Docker as an `Engine`: each verb of its core is one call here, its work and its parts in files of their own.

What a list of containers does not need is loaded by the verb that does: hosts' numbers wait for this module."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.engines.base import Absent, Dial, Files, Fill, Images, Inspection, Orphans, Recheck, Recipes, Site, Storage
from gpuws.engines.docker.api.client import ApiDial, Client
from gpuws.engines.docker.caps import CAPS
from gpuws.engines.docker.contexts import NOWHERE, Found
from gpuws.engines.docker.exec.orphans import ExecOrphans
from gpuws.engines.docker.exec.place import ContainerPlace
from gpuws.engines.docker.exec.ways import Ways
from gpuws.engines.docker.existing.address import address_of, joined
from gpuws.engines.docker.existing.listing import Listing
from gpuws.engines.docker.existing.logs import before_the_start, open_log
from gpuws.engines.docker.existing.parse import table
from gpuws.engines.docker.launch import gpu_mode
from gpuws.link.place import Place, Stream
from gpuws.model.host.host import Host
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Check, Plan, Report, Want
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.engine import Caps, EngineInfo
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.engines.docker.images.platforms import Platforms

GRACE = 10.0
"""Seconds the engine itself waits between SIGTERM and SIGKILL when nobody says otherwise."""


class DockerEngine:
    """`environ`: where profiles take environment values from that they name but do not set. `found`: where it is."""

    def __init__(self, client: Client, host: Host, environ: Mapping[str, str], found: Found = NOWHERE) -> None:
        self._client = client
        self._host = host
        self._environ = environ
        self._found = found
        self._listing = Listing(client)
        self._ways = Ways(client.host, client.link, self._find_address)
        self._mode: gpu_mode.Mode | None = None
        self._platforms: Platforms | None = None

    @property
    def caps(self) -> Caps:
        return CAPS

    def info(self) -> EngineInfo:
        server = self._client.server
        found = self._found
        return EngineInfo(
            "docker", server.version, server.api, remedy=found.remedy, caps=CAPS, at=found.at, aside=found.aside
        )

    def workspaces(self) -> list[Workspace]:
        self._ways.forget()
        return self._listing.read()

    def forget(self) -> None:
        """It remembers no list."""

    def due(self) -> float | None:
        return None

    def changes(self, stop: threading.Event) -> Iterator[None]:
        for _ in self._listing.changes(stop):
            self._ways.forget()
            yield

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        from gpuws.engines.docker.images.platforms import Platforms
        from gpuws.engines.docker.launch.plan import plan

        environ = want.environ or self._environ
        self._platforms = self._platforms or Platforms(self._client)
        return plan(self._client, self._how(), self._listing, self._platforms, environ, profile, want, site)

    def launch(
        self,
        plan: Plan,
        report: Report,
        cancel: threading.Event,
        recheck: Recheck | None = None,
        fill: Fill | None = None,
    ) -> Launched:
        from gpuws.engines.docker.launch.launch import launch

        def dial(workspace_id: str, port: int) -> Stream:
            return self.place(workspace_id).dial_tcp("localhost", port)

        return launch(self._client, self._host, self._listing, plan, report, cancel, dial, recheck, fill)

    def place(
        self, workspace_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        return ContainerPlace(self._client, workspace_id, self._ways, user, cwd, tuple(env))

    def address(self, workspace_id: str, port: int) -> tuple[Place, str, int]:
        return (self._client.link, *self._ways.address(workspace_id, port))

    def logs(self, workspace_id: str, window: LogWindow) -> Stream:
        told = self.inspect(workspace_id)
        window = before_the_start(window, table(told.get("State")))
        return open_log(self._client, workspace_id, window, tty=bool(table(told.get("Config")).get("Tty")))

    def inspect(self, workspace_id: str) -> dict[str, object]:
        with self._client.errors():
            return self._client.inspect(workspace_id)

    def act(self, workspace_id: str, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        path = f"/containers/{workspace_id}"
        if action == "remove":
            with self._client.asking():
                self._client.call("DELETE", path, query={"force": force})
        elif action in ("start", "kill", "pause", "unpause"):
            with self._client.asking():
                self._client.call("POST", f"{path}/{action}")
        else:  # without `grace` the container's own stop timeout counts
            query = None if grace is None else {"t": int(grace)}
            allowed = self._stop_timeout(workspace_id) if grace is None else grace
            with self._client.asking(allowed):
                self._client.call("POST", f"{path}/{action}", query=query, timeout=allowed + 30.0)
        self._ways.forget()

    def rename(self, workspace_id: str, name: str) -> None:
        with self._client.asking():
            self._client.call("POST", f"/containers/{workspace_id}/rename", query={"name": name})

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        from gpuws.engines.docker.checks import checkup

        return checkup.checkup(self._client, self._how(), self._found, gpus=gpus)

    @property
    def images(self) -> Images:
        from gpuws.engines.docker.images.part import DockerImages

        return DockerImages(self._client, self._host)

    @property
    def recipes(self) -> Recipes | Absent:
        from gpuws.engines.docker.existing.recipes import DockerRecipes

        return DockerRecipes(self._client, self._host, self._how)

    @property
    def dial(self) -> Dial:
        return ApiDial(self._client)

    @property
    def storage(self) -> Storage:
        from gpuws.engines.docker.storage.part import DockerStorage

        return DockerStorage(self._client, self._host)

    @property
    def inspection(self) -> Inspection:
        from gpuws.engines.docker.inspection.part import DockerInspection

        return DockerInspection(self._client)

    @property
    def files(self) -> Files:
        from gpuws.engines.docker.copying.files import DockerFiles

        return DockerFiles(self._client)

    @property
    def orphans(self) -> Orphans:
        return ExecOrphans(self._client, self._listing.running_execs)

    def _find_address(self, workspace_id: str, port: int) -> tuple[str, int]:
        inspected = self.inspect(workspace_id)
        if other := joined(inspected):
            inspected = self.inspect(other)
        return address_of(inspected, port, self._host.name, secluded=self._how().secluded)

    def _stop_timeout(self, workspace_id: str) -> float:
        told = table(self.inspect(workspace_id).get("Config")).get("StopTimeout")
        return float(told) if isinstance(told, int) and told >= 0 else GRACE

    def _how(self) -> gpu_mode.Mode:
        if self._mode is None:
            self._mode = gpu_mode.detect(self._client)
        return self._mode
