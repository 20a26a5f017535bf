"""A plan: what would be created, and everything that can be checked before it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gpuws.engines.base import Site
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.build import context
from gpuws.engines.docker.build.rows import of_dockerfile
from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.checks.gpus import reached
from gpuws.engines.docker.checks.rows import rows
from gpuws.engines.docker.existing.listing import Listing
from gpuws.engines.docker.images import store
from gpuws.engines.docker.images.platforms import Platforms
from gpuws.engines.docker.launch import volumes
from gpuws.engines.docker.launch.create_call import docker_run
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.host_look import Look, look
from gpuws.engines.docker.launch.spec import image_of, make_spec
from gpuws.engines.parallel import each
from gpuws.model.ownership.others import others_on
from gpuws.model.placement.placement import reserved
from gpuws.model.placement.plan import Check, Plan, Want
from gpuws.model.profile.profile import Profile, Volume
from gpuws.model.workspace.workspace import Workspace


def plan(
    client: Client,
    mode: Mode,
    listing: Listing,
    platforms: Platforms,
    environ: Mapping[str, str],
    profile: Profile,
    want: Want,
    site: Site,
) -> Plan:
    """Nothing is created; the host is asked, not changed."""
    found = _gather(client, mode, listing, platforms, profile, site)
    listed = [replace(one, mine=one.owner_is_label and one.owner == site.owner) for one in found.containers]
    site = replace(site, gpus=reserved(site.gpus, listed))
    spec, placement, making = make_spec(profile, want, site, mode, environ, {one.name for one in found.containers})
    spec = store.recorded(spec, found.image)
    evidence = Evidence(
        *(site, client.server, mode, spec, placement.devices, found.image, found.containers, found.look),
        context=context.outside(profile),
        platforms=found.platforms,
        ready=want.follow.ready,
        changed=context.changed(profile.build) if profile.build and _builds(profile, found.image) else None,
        building=_said_of_build(profile, client) if _builds(profile, found.image) else (),
    )
    return Plan(
        host=site.host.name,
        spec=spec,
        checks=rows(
            evidence,
            making,
            volumes.judge(
                *(spec.profile.volumes, found.volumes, spec.user, client.host, site.facts.home),
                working_dir=spec.profile.working_dir,
            ),
        ),
        command=docker_run(spec, client.server.name.lower()),
        image_present=found.image is not None,
        devices=placement.devices,
        rejected=placement.rejected,
        free_gpus=sum(gpu.free for gpu in site.gpus),
        python=site.host.python or site.facts.interpreter,
        others=others_on(reached(evidence), site.host.name),
    )


def _said_of_build(profile: Profile, client: Client) -> tuple[Check, ...]:
    """What its Dockerfile says that can't be done or should not be; the context is not looked through."""
    if profile.build is None or (said := context.dockerfile_of(profile.build)) is None:
        return ()
    return tuple(check for check in of_dockerfile(said, profile.build, client.server.major) if check.status != "ok")


def _builds(profile: Profile, image: Mapping[str, Any] | None) -> bool:
    """Whether a launch would build the image anew."""
    return image is None or profile.pull_policy == "always"


@dataclass(slots=True)
class _Found:
    containers: list[Workspace]
    about_image: tuple[Mapping[str, Any] | None, tuple[str, ...]]
    look: Look
    volumes: list[volumes.Finding] | None

    @property
    def image(self) -> Mapping[str, Any] | None:
        return self.about_image[0]

    @property
    def platforms(self) -> tuple[str, ...]:
        return self.about_image[1]


def _gather(client: Client, mode: Mode, listing: Listing, platforms: Platforms, profile: Profile, site: Site) -> _Found:
    """All questions at once: a plan takes as long as the slowest of them."""

    def about_image() -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
        """Its registry is asked only about one that would be pulled."""
        image = store.details(client, image_of(profile))
        pulls = image is None and profile.build is None and profile.pull_policy != "never"
        return image, platforms.of(image_of(profile)) if pulls else ()

    binds: tuple[Volume, ...] = volumes.resolve(profile.volumes, site.facts.home)
    asked: list[Callable[[], Any]] = [
        listing.read,
        about_image,
        lambda: look(client.link, mode.root_dir),
        lambda: volumes.look(client.link, binds),
    ]
    return _Found(*each(lambda ask: ask(), asked, len(asked)))
