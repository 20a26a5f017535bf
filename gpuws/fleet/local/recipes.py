"""What becomes of a container that exists: written down, compared, made again, made elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from gpuws.engines.base import Site
from gpuws.fleet.local.dependencies import ProfileSource
from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.model.captured import Captured, Difference
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.plan import Plan, Report, Want
from gpuws.model.workspace import Ref, Workspace


def capture(supervisor: Supervisor, site: Site, ref: Ref, *, compose: bool) -> str:
    engine = supervisor.engine()
    return engine.compose_file(ref.id) if compose else written(engine.capture(ref.id, site), ref.host)


def written(captured: Captured, host: str) -> str:
    """A profile file, without secrets; what it can't say stands at its head."""
    from gpuws.config.profile_yaml import profile_to_yaml

    captured = captured.shareable()
    lost = [f"# A profile does not say of {host}/{captured.profile.name}:"] if captured.notes else []
    lost += [f"#   {note}" for note in captured.notes]
    return "".join(f"{line}\n" for line in lost) + profile_to_yaml(captured.profile)


def drift(
    supervisor: Supervisor, site: Site, ref: Ref, profiles: ProfileSource, environ: Mapping[str, str]
) -> tuple[Difference, ...]:
    container = container_of(supervisor, ref)
    if container.profile is None:
        remedy = f"write one down: gpuws profiles capture {ref.host}/{container.name}"
        raise GpuwsError(f"{container.name} on {ref.host} was not made from a profile", remedy)
    there = replace(supervisor.host, user=supervisor.host.user or site.facts.login)
    profile = profiles.load(container.profile, there, environ=environ)
    return supervisor.engine().drift(ref.id, profile, site)


def recreate(supervisor: Supervisor, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
    try:
        return Ref(ref.host, supervisor.engine().recreate(ref.id, report, cancel))
    finally:
        supervisor.refresh()


def plan_clone(source: Supervisor, source_site: Site, ref: Ref, target: Supervisor, site: Site, want: Want) -> Plan:
    """Its secrets are those of the container: whoever may use that engine can read them there already."""
    captured = source.engine().capture(ref.id, source_site)
    name = container_of(source, ref).profile or captured.profile.name
    profile = replace(captured.profile, name=name, source=None)
    want = replace(want, name=want.name or captured.profile.name, environ={**want.environ, **captured.secrets})
    return target.engine().plan(profile, want, site)


def container_of(supervisor: Supervisor, ref: Ref) -> Workspace:
    for container in supervisor.snapshot.workspaces:
        if container.id == ref.id:
            return container
    raise TargetError(f"no container {ref.id[:12]} on {ref.host}", "see gpuws ps -a")
