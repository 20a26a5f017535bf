"""Images of a host: list, remove and prune them, and compare them with what their registries have now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Gone, Rejected, about_image
from gpuws.engines.docker.api.http import Refusal
from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.existing.parse import LATEST, name_of, rows, table
from gpuws.engines.docker.images.login import Login, login_for
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.text import plain
from gpuws.model.workspace.image import Image

REMOVE_TIMEOUT = 600.0
"""Seconds: layers of tens of gigabytes are deleted file by file."""
REGISTRY_TIMEOUT = 30.0
DIGEST_LABEL = "gpuws.digest"
NO_NAME = "<none>"
UNAUTHORIZED = re.compile(r"unauthorized|no basic auth credentials|authentication required", re.IGNORECASE)
OTHER_PLATFORM = "choose another tag or image, or build one"
ALSO_RUN = frozenset({("linux/amd64", "linux/386"), ("linux/arm64", "linux/arm")})
NO_BUILD = re.compile(r"no matching manifest for (\S+)")
HUB = ("docker.io/library/", "docker.io/", "index.docker.io/library/", "index.docker.io/")


def listed(client: Client) -> list[Image]:
    """All images that have a name, and dangling ones; newest first."""
    with client.errors():
        told = rows(client.call("GET", "/images/json"))
        containers = [table(row) for row in rows(client.call("GET", "/containers/json", query={"all": True}))]
    users: dict[str, list[str]] = {}
    for row in containers:
        if name := name_of(row.get("Names")):
            users.setdefault(str(row.get("ImageID")), []).append(name)
    found = (parse(client.host, table(row), users) for row in told)
    known = [image for image in found if image is not None]
    return sorted(known, key=lambda image: (-(image.created or 0.0), image.names, image.id))


def parse(host: str, row: Mapping[str, Any], users: Mapping[str, list[str]]) -> Image | None:
    """A row of the engine's list; any field may be missing or of another shape."""
    if not isinstance(identity := row.get("Id"), str) or not identity:
        return None
    size, created = row.get("Size"), row.get("Created")
    return Image(
        host=host,
        id=plain(identity, 200),
        names=_references(row.get("RepoTags")),
        digests=_references(row.get("RepoDigests")),
        size=size if isinstance(size, int) and size >= 0 else None,
        created=float(created) if isinstance(created, int | float) and 0 < created < LATEST else None,
        used_by=tuple(sorted(users.get(identity, ()))),
    )


def remove(client: Client, image: str, *, force: bool = False) -> None:
    """By a name: that name goes, and the image with its last one. By an id: all of it.

    An image that a container uses is refused; with `force` only where none of them runs."""
    with client.asking():
        client.call("DELETE", f"/images/{image}", query={"force": force}, timeout=REMOVE_TIMEOUT)


def prune(client: Client) -> int:
    """Remove dangling images that no container uses; how many bytes that freed."""
    with client.asking():
        query = {"filters": {"dangling": ["true"]}}
        told = table(client.call("POST", "/images/prune", query=query, timeout=REMOVE_TIMEOUT))
    freed = told.get("SpaceReclaimed")
    return freed if isinstance(freed, int) and freed > 0 else 0


def newer(client: Client, reference: str) -> bool | None:
    """Whether the registry's image of that name is another one than the host's.

    None: it can't be told, because the host's was built or loaded there, or is named by its digest."""
    if "@" in reference:
        return None
    here = details(client, reference)
    if here is None:
        raise TargetError(f"{client.host} has no image {reference}", f"see: gpuws images ls {client.host}")
    known = {digest.partition("@")[2] for digest in _references(here.get("RepoDigests"))}
    return None if not known else _registry_digest(client, reference) not in known


def _registry_digest(client: Client, reference: str) -> str:
    """What the tag means in its registry now, asked through the engine: it may reach what we can't."""
    repository, tag = split(reference)
    login = login_for(repository)
    with client.errors():
        path = f"/distribution/{repository}:{tag}/json"
        try:
            with client.open("GET", path, headers=login.headers, timeout=REGISTRY_TIMEOUT) as reply:
                told = table(reply.json())
        except Refusal as error:
            raise fault(error.message, reference, client.host, login) from error
    digest = table(told.get("Descriptor")).get("digest")
    if not isinstance(digest, str) or not digest:
        raise GpuwsError(f"the registry of {reference} did not tell {client.host} a digest")
    return digest


def fault(message: str, reference: str, host: str, login: Login) -> GpuwsError:
    """Why an image can't be had from its registry; `message`: what the engine says, which it was given `login` for."""
    if found := NO_BUILD.search(message):
        return Rejected(f"there is no {reference} for {found[1]}, which {host} is", OTHER_PLATFORM)
    if UNAUTHORIZED.search(message):
        if login.headers:
            words, remedy = "does not take the login that is known here", f"log in again: {login.command}"
        else:
            words, remedy = f"wants a login that {host} was not given", f"log in on this workstation: {login.command}"
        return Rejected(f"the registry of {reference} {words}", login.problem or remedy)
    error = about_image(message, reference, host)
    return type(error)(error.message, login.problem or error.remedy)


def foreign(image: Mapping[str, Any], server: Server) -> str | None:
    """The platform that an image was made for, where the engine's is another. `image`: as inspected."""
    system, architecture = image.get("Os"), image.get("Architecture")
    if not server.platform or not system or not architecture:
        return None
    made = plain(f"{system}/{architecture}", 60)
    return None if runs(made, server) else made


def runs(platform: str, server: Server) -> bool:
    """Whether what was made for `platform` runs on that engine's machine."""
    return platform == server.platform or (server.platform, platform) in ALSO_RUN


def details(client: Client, image: str) -> Mapping[str, Any] | None:
    """What the engine knows of an image; None where it has none of that name."""
    try:
        with client.errors():
            return table(client.call("GET", f"/images/{image}/json"))
    except Gone:
        return None


def present(client: Client, image: str) -> bool:
    return details(client, image) is not None


def recorded(spec: ContainerSpec, image: Mapping[str, Any] | None) -> ContainerSpec:
    """With the label that says which image it really is: a tag may mean another one tomorrow."""
    return replace(spec, labels=with_digest(spec.labels, spec.image, image))


def with_digest(labels: Mapping[str, str], reference: str, image: Mapping[str, Any] | None) -> dict[str, str]:
    """`image`: as inspected. What was built or loaded there has no digest that a registry knows, and gets no label."""
    kept = {name: text for name, text in labels.items() if name != DIGEST_LABEL}
    digest = choose_digest(reference, _references(image.get("RepoDigests"))) if image else None
    return {**kept, **({DIGEST_LABEL: digest} if digest else {})}


def choose_digest(image: str, digests: tuple[str, ...]) -> str | None:
    """An image pushed to several registries has several digests: the one of the repository it was asked by."""
    wanted = familiar(split(image)[0])
    return next((one for one in digests if familiar(one.partition("@")[0]) == wanted), digests[0] if digests else None)


def split(image: str) -> tuple[str, str]:
    """Repository and tag or digest; `latest` where none is given, because without one all tags are pulled."""
    repository, at, digest = image.partition("@")
    if at:
        return repository, digest
    head, colon, tag = image.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (image, "latest")


def familiar(repository: str) -> str:
    """`docker.io/library/python` as engines list it: `python`."""
    return next((repository.removeprefix(prefix) for prefix in HUB if repository.startswith(prefix)), repository)


def made_elsewhere(image: str, platform: str, host: str, server: Server) -> GpuwsError:
    """`platform`: the one it was made for."""
    return Rejected(f"{image} is made for {platform}, and {host} is {server.platform}", OTHER_PLATFORM)


def missing(image: str, host: str) -> GpuwsError:
    return GpuwsError(f"{host} has no image {image}", "pull_policy is never: put it there, or allow to pull it")


def _references(value: object) -> tuple[str, ...]:
    """Names as listed; an engine writes `<none>` for what is missing."""
    return tuple(plain(word, 500) for word in rows(value) if isinstance(word, str) and NO_NAME not in word)
