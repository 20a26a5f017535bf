"""A plan carried out: image, directories, create, start, and a look at how that goes.

Failed or cancelled before it ran, no container is left behind. What ran and ended stays, for its log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from gpuws.engines.base import Fill, Recheck
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Gone, Rejected
from gpuws.engines.docker.build import builder
from gpuws.engines.docker.existing.listing import Listing
from gpuws.engines.docker.existing.parse import table
from gpuws.engines.docker.images import fetch, store
from gpuws.engines.docker.launch import user_name, volumes
from gpuws.engines.docker.launch.create_call import create_call
from gpuws.engines.docker.launch.started import Lost, Started
from gpuws.engines.docker.launch.tail import Tail
from gpuws.engines.docker.launch.watch import Watch
from gpuws.engines.shared import lock
from gpuws.link.place import Stream
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.placement import claims
from gpuws.model.placement.plan import ContainerSpec, Plan, Progress, Report
from gpuws.model.workspace.workspace import Ref, Workspace

CREATE_TIMEOUT = 120.0
"""Seconds: an engine under load, or one whose disk is slow, takes its time to create and to start."""


def launch(
    client: Client,
    host: Host,
    listing: Listing,
    plan: Plan,
    report: Report,
    cancel: threading.Event,
    dial: Callable[[str, int], Stream],
    recheck: Recheck | None = None,
    fill: Fill | None = None,
) -> Launched:
    """`dial`: a port of a container. `fill` brings data into it before it starts. `Refused` where a GPU of the plan was
    given away meanwhile."""
    if host.readonly:
        raise Refused(f"{host.name} is read-only", "choose another host, or change hosts.yaml")
    _image(client, plan, report, cancel)
    image = store.details(client, plan.spec.image)
    _runs_there(client, plan, image or {})
    plan = replace(plan, spec=store.recorded(plan.spec, image))
    volumes.create(client.link, plan.spec.profile.volumes, client.host)
    _check(cancel)
    report(Progress("creating", plan.spec.name))
    made = _create_alone(client, listing, plan, report, cancel, recheck) if plan.devices else _create(client, plan.spec)
    with ExitStack() as stack:
        try:
            _check(cancel)
            user_name.introduce(client, made, plan.spec)
            if fill:
                fill(made)
            watch = stack.enter_context(Watch(client, made, cancel))
            profile = plan.spec.profile
            tail = stack.enter_context(Tail(client, made, profile.tty)) if profile.auto_remove else None
            report(Progress("starting", plan.spec.name))
            with client.errors():
                client.call("POST", f"/containers/{made}/start", timeout=CREATE_TIMEOUT)
            started = Started(client, plan, watch, time.monotonic(), table((image or {}).get("Config")), tail)
            _check(cancel)
            ended = started.settled(report)
        except Lost:
            raise
        except BaseException as error:
            _discard(client, made)
            if isinstance(error, Cancelled):
                raise _cancelled() from None
            raise
        over = started.outcome(ended, report, lambda port: dial(made, port))
    report(Progress("done", plan.spec.name, 1.0))
    return Launched(Ref(client.host, made), over.after, over.lines or ()) if over else Launched(Ref(client.host, made))


def _create_alone(
    client: Client,
    listing: Listing,
    plan: Plan,
    report: Report,
    cancel: threading.Event,
    recheck: Recheck | None,
) -> str:
    """Create while no other launch can: once created, a container holds its GPUs for everybody who looks."""
    with lock.held(client.link, client.host, plan.python or "python3", cancel) as held:
        if not held.active:
            report(Progress("creating", f"{plan.spec.name}: nothing keeps other launches on {client.host} apart"))
        if recheck:
            recheck()
        _admit(plan, listing.read(), client.host)
        made = _create(client, plan.spec)
        if held.lapsed:
            try:
                _admit(plan, [one for one in listing.read() if one.id != made], client.host)
            except BaseException:
                _discard(client, made)
                raise
    return made


def _admit(plan: Plan, there: Sequence[Workspace], host: str) -> None:
    if taken := claims(plan.devices, there):
        raise Refused(f"{host}: taken since it was planned: {'; '.join(taken)}", "plan again")


def _image(client: Client, plan: Plan, report: Report, cancel: threading.Event) -> None:
    profile, image = plan.spec.profile, plan.spec.image
    report(Progress("checking", image))
    there = store.present(client, image)
    if there and profile.pull_policy != "always":
        return
    if profile.pull_policy == "never":
        if not there:
            raise store.missing(image, client.host)
    elif profile.build is not None:
        builder.build(client, profile.build, image, report, cancel)
    else:
        fetch.pull(client, image, report, cancel)
    _check(cancel)


def _runs_there(client: Client, plan: Plan, image: Mapping[str, Any]) -> None:
    """What was pulled just now could not be checked before. What was there was, and may be meant all the same."""
    if not plan.image_present and (platform := store.foreign(image, client.server)):
        raise store.made_elsewhere(plan.spec.image, platform, client.host, client.server)


def _create(client: Client, spec: ContainerSpec) -> str:
    """Where the answer gets lost, what was created all the same is found by its name and labels, and removed."""
    try:
        with client.errors():
            body = create_call(spec)
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
            client.call("DELETE", f"/containers/{identity}", query={"force": True, "v": True})
    except Gone:
        return
    except GpuwsError:
        return  # the launch's own error tells more


def _check(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise _cancelled()


def _cancelled() -> Cancelled:
    return Cancelled("cancelled: nothing was left behind")
