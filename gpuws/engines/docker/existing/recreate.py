"""A container made again under its name: the old one steps aside, and comes back if the new one does not start."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.create_body import body_of, networks
from gpuws.engines.docker.existing.image_reference import reference_of
from gpuws.engines.docker.existing.logs import open_log
from gpuws.engines.docker.existing.parse import table
from gpuws.engines.docker.images import store
from gpuws.engines.docker.launch import user_name
from gpuws.engines.docker.options.own_values import variables
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import ContainerSpec, Progress, Report
from gpuws.model.profile.profile import Profile
from gpuws.model.text import plain
from gpuws.model.workspace.logs import LogWindow

CREATE_TIMEOUT = 120.0
SETTLE = 1.5
"""Seconds that the new container must stay up, where the old one did."""


def recreate(client: Client, host: Host, container: str, report: Report, cancel: threading.Event) -> str:
    """The new id. Name, mounts, ports, GPUs, networks and environment stay; what its image says comes from the image
    its name means now. Files written inside, outside of volumes, are lost."""
    if host.readonly:
        raise Refused(f"{host.name} is read-only", "choose another host, or change hosts.yaml")
    report(Progress("checking", client.host))
    with client.errors():
        old = client.inspect(container)
    _refuse_what_would_vanish(old, client.host)
    swap = _Swap(client, old)
    try:
        _check(cancel)
        report(Progress("creating", swap.name))
        swap.make()
        _check(cancel)
        if swap.was_running:
            report(Progress("stopping", swap.name))
            swap.stop_old()
            _check(cancel)
            report(Progress("starting", swap.name))
            swap.start()
    except BaseException as error:
        swap.back(error)
        raise
    swap.finish()
    report(Progress("done", swap.name, 1.0))
    return swap.made


def _refuse_what_would_vanish(old: Mapping[str, Any], host: str) -> None:
    if table(old.get("HostConfig")).get("AutoRemove"):
        name = str(old.get("Name") or "").removeprefix("/")
        remedy = f"write it down with: gpuws profiles capture {host}/{name}"
        raise Refused(f"{name} was made with --rm: stopping removes it, and it could not come back", remedy)


def _check(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise Cancelled("cancelled: the container is as it was")


class _Swap:
    """The old container, the new one, and the way back. `aside`: what the old one is called meanwhile."""

    def __init__(self, client: Client, old: Mapping[str, Any]) -> None:
        self._client = client
        self._old = old
        self._old_id = str(old["Id"])
        self.name = str(old.get("Name") or "").removeprefix("/")
        self.aside = f"{self.name}.old-{secrets.token_hex(3)}"
        self.was_running = table(old.get("State")).get("Running") is True
        self.made = ""
        self._renamed = False
        self._stopped = False

    def make(self) -> None:
        """The new container, created and not yet started."""
        client, config = self._client, table(self._old.get("Config"))
        image = store.details(client, str(self._old.get("Image"))) or {}
        body = body_of(self._old, table(image.get("Config")), reference_of(self._old, image))
        ours = "gpuws.profile" in table(config.get("Labels"))
        if ours:
            now = store.details(client, body["Image"])
            body["Labels"] = store.with_digest(body["Labels"], body["Image"], now)
        self._rename(self.aside)
        self._renamed = True
        with client.errors():
            self.made = client.create("/containers/create", body, query={"name": self.name}, timeout=CREATE_TIMEOUT)
            for network, endpoint in networks(self._old)[1:]:
                connection = {"Container": self.made, "EndpointConfig": endpoint}
                client.call("POST", f"/networks/{network}/connect", body=connection)
        if ours:
            user_name.introduce(client, self.made, _spec(self.name, config))

    def stop_old(self) -> None:
        timeout = table(self._old.get("Config")).get("StopTimeout")
        allowed = timeout if isinstance(timeout, int) and timeout >= 0 else 10
        self._stopped = True
        with self._client.errors():
            self._client.call("POST", f"/containers/{self._old_id}/stop", timeout=allowed + 30.0)

    def start(self) -> None:
        with self._client.errors():
            self._client.call("POST", f"/containers/{self.made}/start", timeout=CREATE_TIMEOUT)
            code = self._ended()
        if code is not None:
            said = plain(self._last_words(), 300)
            raise GpuwsError(f"the new {self.name} ended at once with status {code}{': ' if said else ''}{said}")

    def _last_words(self) -> str:
        """What it printed before it ended: it is removed now, and its log with it."""
        try:
            with self._client.errors(), closing(open_log(self._client, self.made, LogWindow(tail=5), tty=False)) as log:
                return b"".join(iter(log.recv, b"")).decode(errors="replace")
        except GpuwsError:
            return ""

    def _ended(self) -> int | None:
        """Its exit status, where it ends while we look."""
        path = f"/containers/{self.made}/wait"
        try:
            with self._client.open("POST", path, {"condition": "not-running"}, timeout=SETTLE) as reply:
                reply.stream.settimeout(SETTLE)
                code = table(reply.json()).get("StatusCode")
        except TimeoutError:
            return None
        return code if isinstance(code, int) else None

    def finish(self) -> None:
        """The old one goes; its volumes are the new one's now."""
        with suppress(GpuwsError), self._client.errors():
            self._client.call("DELETE", f"/containers/{self._old_id}", query={"force": True}, timeout=CREATE_TIMEOUT)
            return
        raise GpuwsError(
            f"{self.name} was made again, but the old one could not be removed",
            f"when the host answers: gpuws rm -f {self._client.host}/{self.aside}",
        )

    def back(self, why: BaseException) -> None:
        """As it was before. Where even that fails, the error says what is called how."""
        try:
            with self._client.errors():
                if self.made:
                    self._client.call("DELETE", f"/containers/{self.made}", query={"force": True}, timeout=60.0)
                if self._renamed:
                    self._rename(self.name)
                if self._stopped:
                    self._client.call("POST", f"/containers/{self._old_id}/start", timeout=CREATE_TIMEOUT)
        except GpuwsError as error:
            where = f"the old {self.name} on {self._client.host} may be called {self.aside}, and be stopped"
            raise GpuwsError(f"{why}; and the way back failed: {error.message}", where) from why

    def _rename(self, name: str) -> None:
        with self._client.errors():
            self._client.call("POST", f"/containers/{self._old_id}/rename", query={"name": name})


def _spec(name: str, config: Mapping[str, Any]) -> ContainerSpec:
    """As much of a spec as introducing its user takes."""
    user = str(config.get("User") or "") or None
    return ContainerSpec(name, "", None, (), None, user, variables(config), frozenset(), {}, Profile(name))
