"""A container made again under its name: the old one steps aside, and comes back if the new one does not start."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.create_body import body_of, moved, networks
from gpuws.engines.docker.existing.image_reference import reference_of
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.images import store
from gpuws.engines.docker.launch import user_name
from gpuws.engines.docker.launch.ending import ending, new_failed
from gpuws.engines.docker.launch.started import worth
from gpuws.engines.docker.launch.watch import Watch
from gpuws.engines.docker.options.own_values import variables
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import ContainerSpec, Progress, Report
from gpuws.model.profile.profile import Profile
from gpuws.model.secret import is_secret, secret_names

CREATE_TIMEOUT = 120.0


def recreate(
    client: Client,
    host: Host,
    container: str,
    report: Report,
    cancel: threading.Event,
    labels: Mapping[str, str],
    ports: Mapping[int, int] = {},
) -> str:
    """The new id. Name, mounts, ports but for those of the host that `ports` replaces, GPUs, networks and environment
    stay, these `labels` come to its own; what its
    image says comes from the image its name means now. Files written inside, outside of volumes, are lost."""
    if host.readonly:
        raise Refused(f"{host.name} is read-only", "choose another host, or change hosts.yaml")
    report(Progress("checking", client.host))
    with client.errors():
        old = client.inspect(container)
    _refuse_what_would_vanish(old, client.host)
    swap = _Swap(client, old, labels, ports)
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
            swap.start(cancel)
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
        raise _cancelled()


def _cancelled() -> Cancelled:
    return Cancelled("cancelled: the container is as it was")


class _Swap:
    """The old container, the new one, and the way back. `aside`: what the old one is called meanwhile."""

    def __init__(
        self, client: Client, old: Mapping[str, Any], labels: Mapping[str, str], ports: Mapping[int, int]
    ) -> None:
        self._client = client
        self._ports = ports
        self._labels = labels
        self._old = old
        self._old_id = str(old["Id"])
        self.name = str(old.get("Name") or "").removeprefix("/")
        self.aside = f"{self.name}.old-{token_hex(3)}"
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
        body["Labels"] = {**body["Labels"], **self._labels}
        if self._ports:
            body["HostConfig"]["PortBindings"] = moved(table(body["HostConfig"].get("PortBindings")), self._ports)
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

    def start(self, cancel: threading.Event) -> None:
        """It must stay up, as the old one did."""
        with Watch(self._client, self.made, cancel) as watch:
            with self._client.errors():
                command = rows(table(self._client.inspect(self.made).get("Config")).get("Cmd"))
                self._client.call("POST", f"/containers/{self.made}/start", timeout=CREATE_TIMEOUT)
            at = time.monotonic()
            try:
                code = watch.end(at + worth(command))
            except Cancelled:
                raise _cancelled() from None
        if code is not None:
            config = table(self._old.get("Config"))
            names = secret_names({name: str(text) for name, text in table(config.get("Labels")).items()})
            secrets = [value for name, value in variables(config).items() if name in names or is_secret(name, value)]
            found = ending(self._client, self.made, code, time.monotonic() - at, secrets)
            raise new_failed(found, f"{self._client.host}/{self.name}")

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
