"""Docker as an `Engine`: each verb is one call here, its work in the file of its name.

What a list of containers does not need is loaded by the verb that does: hosts' numbers wait for this module."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence

from gpuws.engines.base import Recheck, Site
from gpuws.engines.docker import mode
from gpuws.engines.docker.address import address_of, joined
from gpuws.engines.docker.caps import CAPS
from gpuws.engines.docker.client import Client
from gpuws.engines.docker.listing import Listing
from gpuws.engines.docker.logs import open_log
from gpuws.engines.docker.orphans import end_orphans
from gpuws.engines.docker.parse import table
from gpuws.engines.docker.place import ContainerPlace
from gpuws.link.place import Place, Stream
from gpuws.model.captured import Captured, Difference
from gpuws.model.engine import EngineInfo
from gpuws.model.errors import Refused
from gpuws.model.host import Host
from gpuws.model.image import Image
from gpuws.model.logs import LogWindow
from gpuws.model.plan import Check, Plan, Progress, Report, Want
from gpuws.model.profile import Profile
from gpuws.model.workspace import Workspace

GRACE = 10.0
"""Seconds the engine itself waits between SIGTERM and SIGKILL when nobody says otherwise."""


class DockerEngine:
    """`environ`: where profiles take environment values from that they name but do not set."""

    def __init__(self, client: Client, host: Host, environ: Mapping[str, str]) -> None:
        self._client = client
        self._host = host
        self._environ = environ
        self._listing = Listing(client)
        self._mode: mode.Mode | None = None

    def info(self) -> EngineInfo:
        server = self._client.server
        return EngineInfo("docker", server.version, server.api, caps=CAPS)

    def workspaces(self) -> list[Workspace]:
        return self._listing.read()

    def changes(self, stop: threading.Event) -> Iterator[None]:
        return self._listing.changes(stop)

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        from gpuws.engines.docker.preflight import plan

        environ = want.environ or self._environ
        return plan(self._client, self._how(), self._listing, environ, profile, want, site)

    def launch(self, plan: Plan, report: Report, cancel: threading.Event, recheck: Recheck | None = None) -> str:
        from gpuws.engines.docker.launch import launch

        return launch(self._client, self._host, self._listing, plan, report, cancel, recheck)

    def place(
        self, container_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        def address(port: int) -> tuple[str, int]:
            return self.address(container_id, port)

        return ContainerPlace(self._client, container_id, address, user, cwd, tuple(env))

    def address(self, container_id: str, port: int) -> tuple[str, int]:
        inspected = self.inspect(container_id)
        if other := joined(inspected):
            inspected = self.inspect(other)
        return address_of(inspected, port, self._host.name, secluded=self._how().secluded)

    def logs(self, container_id: str, window: LogWindow) -> Stream:
        tty = bool(table(self.inspect(container_id).get("Config")).get("Tty"))
        return open_log(self._client, container_id, window, tty=tty)

    def inspect(self, container_id: str) -> dict[str, object]:
        with self._client.errors():
            return self._client.inspect(container_id)

    def start(self, container_id: str) -> None:
        with self._client.errors():
            self._client.call("POST", f"/containers/{container_id}/start")

    def stop(self, container_id: str, grace: float | None = None) -> None:
        self._end("stop", container_id, grace)

    def restart(self, container_id: str, grace: float | None = None) -> None:
        self._end("restart", container_id, grace)

    def kill(self, container_id: str, signal: str = "KILL") -> None:
        with self._client.errors():
            self._client.call("POST", f"/containers/{container_id}/kill", query={"signal": signal})

    def remove(self, container_id: str, force: bool = False) -> None:
        with self._client.errors():
            self._client.call("DELETE", f"/containers/{container_id}", query={"force": force})

    def images(self) -> list[Image]:
        from gpuws.engines.docker import images

        return images.listed(self._client)

    def pull_image(self, reference: str, report: Report, cancel: threading.Event) -> None:
        from gpuws.engines.docker import fetch

        self._changing()
        fetch.pull(self._client, reference, report, cancel)
        report(Progress("done", reference, 1.0))

    def remove_image(self, image: str, force: bool = False) -> None:
        from gpuws.engines.docker import images

        self._changing()
        images.remove(self._client, image, force=force)

    def prune_images(self) -> int:
        from gpuws.engines.docker import images

        self._changing()
        return images.prune(self._client)

    def newer_image(self, reference: str) -> bool | None:
        from gpuws.engines.docker import images

        return images.newer(self._client, reference)

    def capture(self, container_id: str, site: Site) -> Captured:
        from gpuws.engines.docker import afterwards

        return afterwards.captured(self._client, self._how(), site, container_id)

    def compose_file(self, container_id: str) -> str:
        from gpuws.engines.docker import afterwards

        return afterwards.compose_file(self._client, container_id)

    def drift(self, container_id: str, profile: Profile, site: Site) -> tuple[Difference, ...]:
        from gpuws.engines.docker import afterwards

        return afterwards.differences(self._client, self._how(), site, container_id, profile)

    def recreate(self, container_id: str, report: Report, cancel: threading.Event) -> str:
        from gpuws.engines.docker.recreate import recreate

        return recreate(self._client, self._host, container_id, report, cancel)

    def dial(self) -> Stream:
        with self._client.errors():
            return self._client.dial()

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        from gpuws.engines.docker import checkup

        return checkup.checkup(self._client, self._how(), gpus=gpus)

    def end_orphans(self) -> int:
        return end_orphans(self._client, self._listing.running_execs())

    def _changing(self) -> None:
        if self._host.readonly:
            raise Refused(f"{self._host.name} is read-only", "choose another host, or change hosts.yaml")

    def _end(self, verb: str, container_id: str, grace: float | None) -> None:
        """Stop or restart; without `grace` the container's own stop timeout counts."""
        with self._client.errors():
            query = None if grace is None else {"t": int(grace)}
            allowed = self._stop_timeout(container_id) if grace is None else grace
            path = f"/containers/{container_id}/{verb}"
            self._client.call("POST", path, query=query, timeout=allowed + 30.0)

    def _stop_timeout(self, container_id: str) -> float:
        told = table(self._client.inspect(container_id).get("Config")).get("StopTimeout")
        return float(told) if isinstance(told, int) and told >= 0 else GRACE

    def _how(self) -> mode.Mode:
        if self._mode is None:
            self._mode = mode.detect(self._client)
        return self._mode
