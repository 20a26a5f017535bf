"""A plan carried out: image, directories, create, start. Failed or cancelled, no container is left behind."""

from __future__ import annotations

import threading
from contextlib import suppress

from gpuws.engines.base import Report
from gpuws.engines.docker import images, volumes
from gpuws.engines.docker.client import Client
from gpuws.engines.docker.create import create_call
from gpuws.engines.docker.errors import Gone, Rejected
from gpuws.engines.docker.parse import table
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host import Host
from gpuws.model.plan import ContainerSpec, Plan, Progress

CREATE_TIMEOUT = 120.0
"""Seconds: an engine under load, or one whose disk is slow, takes its time to create and to start."""


def launch(client: Client, host: Host, plan: Plan, report: Report, cancel: threading.Event) -> str:
    """The id of the container that now runs."""
    if host.readonly:
        raise Refused(f"{host.name} is read-only", "choose another host, or change hosts.yaml")
    _image(client, plan, report, cancel)
    volumes.create(client.link, plan.spec.profile.volumes, client.host)
    _check(cancel)
    report(Progress("creating", plan.spec.name))
    identity = _create(client, plan.spec)
    try:
        _check(cancel)
        report(Progress("starting", plan.spec.name))
        with client.errors():
            client.call("POST", f"/containers/{identity}/start", timeout=CREATE_TIMEOUT)
        _check(cancel)
    except BaseException:
        _discard(client, identity)
        raise
    report(Progress("done", plan.spec.name, 1.0))
    return identity


def _image(client: Client, plan: Plan, report: Report, cancel: threading.Event) -> None:
    profile, image = plan.spec.profile, plan.spec.image
    report(Progress("checking", image))
    there = images.present(client, image)
    if there and profile.pull_policy != "always":
        return
    if profile.pull_policy == "never":
        if not there:
            raise images.missing(image, client.host)
    elif profile.build is not None:
        images.build(client, profile.build, image, report, cancel)
    else:
        images.pull(client, image, report, cancel)
    _check(cancel)


def _create(client: Client, spec: ContainerSpec) -> str:
    """Where the answer gets lost, what was created all the same is found by its name and labels, and removed."""
    try:
        with client.errors():
            body = create_call(client.api, spec)
            return client.create("/containers/create", body, query={"name": spec.name}, timeout=CREATE_TIMEOUT)
    except Rejected:
        raise
    except GpuwsError:
        if client.link.alive:
            _discard_ours(client, spec)
        raise


def _discard_ours(client: Client, spec: ContainerSpec) -> None:
    with suppress(GpuwsError), client.errors():
        told = client.inspect(spec.name)
        if table(table(told.get("Config")).get("Labels")) == dict(spec.labels) and isinstance(told.get("Id"), str):
            _discard(client, told["Id"])


def _discard(client: Client, identity: str) -> None:
    try:
        with client.errors():
            client.api.remove_container(identity, force=True, v=True)
    except Gone:
        return
    except GpuwsError:
        return  # the launch's own error tells more


def _check(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise Cancelled("cancelled: nothing was left behind")
