"""A plan carried out: under the host's launch lock, `mkdir` of its directory, and its first process."""

from __future__ import annotations

import json
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Sequence

from gpuws.engines.base import Recheck
from gpuws.engines.process import activation, scripts
from gpuws.engines.process.listing import HEAD
from gpuws.engines.process.plan import look, scope_of, session_of
from gpuws.engines.shared import lock
from gpuws.link.place import Link
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.placement import claims
from gpuws.model.placement.plan import ContainerSpec, Plan, Progress, Report
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Ref, Workspace

WATCHED = 1.0
"""Seconds in which an end with another status than 0 is the launch's own failure."""
_EVERY = 0.25


def launch(
    link: Link,
    host: Host,
    listed: Callable[[], Sequence[Workspace]],
    plan: Plan,
    report: Report,
    cancel: threading.Event,
    recheck: Recheck | None,
) -> Launched:
    """`listed`: my workspaces there, asked anew."""
    if host.readonly:
        raise Refused(f"{host.name} is read-only", "choose another host, or change hosts.yaml")
    workspace = f"p-{secrets.token_hex(10)}"
    words = _words(link, workspace, plan.spec)
    report(Progress("starting", plan.spec.name))
    with lock.held(link, host.name, plan.python or "python3", cancel) as held:
        if plan.devices and not held.active:
            report(Progress("starting", f"{plan.spec.name}: nothing keeps other launches on {host.name} apart"))
        if recheck:
            recheck()
        _admit(plan, listed(), host.name)
        if cancel.is_set():
            raise Cancelled("cancelled: nothing was left behind")
        _start(link, host, words, plan.spec)
    ended = _watched(listed, workspace, host, link, cancel)
    report(Progress("done", plan.spec.name, 1.0))
    return Launched(Ref(host.name, workspace), ended)


def _admit(plan: Plan, there: Sequence[Workspace], host: str) -> None:
    if any(one.name == plan.spec.name for one in there):
        raise Refused(f"{host} has a workspace {plan.spec.name} since it was planned", "plan again")
    if taken := claims(plan.devices, there):
        raise Refused(f"{host}: taken since it was planned: {'; '.join(taken)}", "plan again")


def _words(link: Link, workspace: str, spec: ContainerSpec) -> list[str]:
    profile = spec.profile
    there = look(link, profile.working_dir or "/")
    meta = {
        "name": spec.name,
        "labels": dict(spec.labels),
        "created": round(time.time(), 3),
        "gpus": list(spec.gpu_uuids),
        "memory": profile.mem_limit,
        "cpus": profile.cpus,
    }
    scope = shlex.join(scope_of(spec, there, f"gpuws-{workspace}"))
    told = [json.dumps(meta, ensure_ascii=True), activation.script(profile.activate), session_of(spec)]
    return [workspace, *told, profile.working_dir or "/", "yes" if spec.command else "no", scope, *(spec.command or ())]


def _start(link: Link, host: Host, words: Sequence[str], spec: ContainerSpec) -> None:
    environment = b"".join(f"{name}={value}".encode() + b"\0" for name, value in spec.environment.items())
    done = link.run(scripts.argv("begin", scripts.START, words), input=environment, timeout=scripts.PATIENCE)
    if not done.ok or HEAD not in done.stdout.decode(errors="replace"):
        said = plain(done.stderr.decode(errors="replace"), 300) or f"status {done.status}"
        raise GpuwsError(f"{host.name} began nothing: {said}", "see gpuws ps -a")


def _watched(
    listed: Callable[[], Sequence[Workspace]], workspace: str, host: Host, link: Link, cancel: threading.Event
) -> float | None:
    """Seconds after which it ended well, None: it runs. A GpuwsError where it failed at once; it stays for its log."""
    began = time.monotonic()
    while time.monotonic() - began < WATCHED:
        one = next((one for one in listed() if one.id == workspace), None)
        if one is not None and one.state == "exited":
            if not one.failed:
                return time.monotonic() - began
            log = link.run(scripts.argv("look", scripts.LOG, [workspace, "3", "no"])).stdout.decode(errors="replace")
            said = f": {last}" if (last := plain(" / ".join(log.split("\n")).strip(" /"), 200)) else ""
            raise GpuwsError(f"{one.name} on {host.name} {one.reason}{said}", f"gpuws logs {host.name}/{one.name}")
        cancel.wait(_EVERY)
    return None
