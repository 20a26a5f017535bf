"""What is done with containers that exist already: captured as profiles, compared with theirs, exported to Compose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gpuws.engines.base import Site
from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing import capture, compose, drift, expected
from gpuws.engines.docker.existing.gpus import gpus_of
from gpuws.engines.docker.existing.image_reference import reference_of
from gpuws.engines.docker.existing.parse import name_of, table
from gpuws.engines.docker.existing.portable import Additions, Here, portable
from gpuws.engines.docker.existing.recreate import recreate
from gpuws.engines.docker.images import store
from gpuws.engines.docker.launch.create_call import create_call
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.spec import make_spec
from gpuws.engines.docker.options.own_values import variables
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import ContainerSpec, Report, Want
from gpuws.model.profile.captured import Captured, Difference
from gpuws.model.profile.profile import GpuWish, Profile
from gpuws.model.workspace.workspace import Ref


@dataclass(frozen=True, slots=True)
class Found:
    """A container, the image it runs, and what that image is called. `image` is empty where it is gone."""

    inspected: Mapping[str, Any]
    image: Mapping[str, Any]
    reference: str

    @property
    def image_config(self) -> Mapping[str, Any]:
        return table(self.image.get("Config"))

    @property
    def name(self) -> str:
        return name_of([self.inspected.get("Name")]) or str(self.inspected.get("Id"))[:12]

    @property
    def gpus(self) -> tuple[str, ...]:
        return gpus_of(table(self.inspected.get("HostConfig")), table(self.inspected.get("Config")))

    def literal(self) -> Captured:
        return capture.read(self.inspected, self.image_config, self.reference)


@dataclass(frozen=True, slots=True)
class DockerRecipes:
    """See `engines.base.Recipes`. `mode` tells how GPUs get into containers there; asked once."""

    client: Client
    host: Host
    mode: Callable[[], Mode]

    def capture(self, workspace_id: str, site: Site) -> Captured:
        return captured(self.client, self.mode(), site, workspace_id)

    def compose_file(self, workspace_id: str) -> str:
        return compose_file(self.client, workspace_id)

    def drift(self, workspace_id: str, profile: Profile, site: Site) -> tuple[Difference, ...]:
        return differences(self.client, self.mode(), site, workspace_id, profile)

    def recreate(
        self,
        workspace_id: str,
        report: Report,
        cancel: threading.Event,
        labels: Mapping[str, str],
        ports: Mapping[int, int] = {},
    ) -> Ref:
        return Ref(self.host.name, recreate(self.client, self.host, workspace_id, report, cancel, labels, ports))


def look(client: Client, container: str) -> Found:
    with client.errors():
        inspected = client.inspect(container)
    image = store.details(client, str(inspected.get("Image") or "")) or {}
    return Found(inspected, image, reference_of(inspected, image))


def captured(client: Client, mode: Mode, site: Site, container: str) -> Captured:
    """A profile that makes such a container again, here or elsewhere."""
    found = look(client, container)
    literal = found.literal()
    host = _spec(Profile("any", image="any", user="host"), site, mode, "any", ())

    def additions(profile: Profile) -> Additions:
        gpus = tuple(gpu.uuid for gpu in site.gpus[: profile.gpus.count])
        spec = _spec(replace(profile, env_file=()), site, mode, found.name, gpus)
        return Additions(spec.environment, spec.secret_names)

    groups = tuple(map(str, host.groups))
    here = Here(client.host, site.facts.home, host.user, len(site.gpus), _swap_counted(client), groups)
    told = portable(literal, here, additions)
    return replace(told, notes=(*_image_notes(client, found), *told.notes))


def compose_file(client: Client, container: str) -> str:
    """A Compose file whose service is that container."""
    found = look(client, container)
    return compose.compose_file(found.inspected, found.image_config, found.reference)


def differences(client: Client, mode: Mode, site: Site, container: str, profile: Profile) -> tuple[Difference, ...]:
    """Between the container and what `profile` says now, GPUs compared by number unless it names them.

    What the profile takes from its caller's environment counts as it is in the container."""
    found = look(client, container)
    environ = variables(table(found.inspected.get("Config")))
    by_index = {str(gpu.index): gpu.uuid for gpu in site.gpus}
    held = (
        tuple(by_index.values()) if found.gpus == ("all",) else tuple(by_index.get(name, name) for name in found.gpus)
    )
    spec = _spec(profile, site, mode, found.name, held, environ)
    wanted_image = store.details(client, spec.image)
    config = table(wanted_image.get("Config")) if wanted_image else found.image_config
    body = create_call(spec)
    wanted = capture.read(expected.inspected(body, config), config, spec.image).profile
    literal = found.literal()
    actual = literal.profile
    if actual.memswap_limit == -1 and not _swap_counted(client):
        actual = replace(actual, memswap_limit=wanted.memswap_limit)
    gpus = drift.gpus(profile.gpus, found.gpus, site.gpus)
    moved = _moved(spec.image, found, wanted_image)
    rest = drift.differences(wanted, actual, spec.secret_names | literal.secret_names)
    return tuple(one for one in (moved, gpus, *rest) if one)


def _spec(
    profile: Profile, site: Site, mode: Mode, name: str, gpus: tuple[str, ...], environ: Mapping[str, str] | None = None
) -> ContainerSpec:
    """What a launch would create, on exactly these GPUs."""
    want = Want(name=name, gpus=GpuWish(uuids=gpus))
    return make_spec(profile, want, site, mode, environ or {}, ())[0]


def _moved(name: str, found: Found, wanted: Mapping[str, Any] | None) -> Difference | None:
    """The same name, another image: it was built or pulled anew since."""
    identity = str(found.inspected.get("Image") or "")
    if wanted is None or name != found.reference or wanted.get("Id") == identity:
        return None
    return Difference(
        "image", f"{name} as it is now ({_short(wanted.get('Id'))})", f"an older one ({_short(identity)})"
    )


def _image_notes(client: Client, found: Found) -> list[str]:
    if not found.image:
        return ["what its image said: the image is gone, so all it had from there is written as its own"]
    now = store.details(client, found.reference)
    if now is not None and now.get("Id") != found.inspected.get("Image"):
        return [f"its image: {found.reference} means a newer one by now than it runs ({_short(found.image.get('Id'))})"]
    return []


def _swap_counted(client: Client) -> bool:
    """Whether that kernel counts swap. Where it does not, the engine takes limits of swap away."""
    with client.errors():
        return table(client.call("GET", "/info")).get("SwapLimit") is not False


def _short(identity: object) -> str:
    return str(identity or "").removeprefix("sha256:")[:12]
