"""Images of a host: is it there, pull it, build it; with progress, and cancelled by closing the connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from docker import auth

from gpuws.engines.base import Report
from gpuws.engines.docker import context
from gpuws.engines.docker.client import Client
from gpuws.engines.docker.errors import Gone, about_image, from_status
from gpuws.engines.docker.http import Cancelling, Refusal, Reply, request
from gpuws.engines.docker.progress import Layers, build_line
from gpuws.model.errors import GpuwsError
from gpuws.model.plan import Progress
from gpuws.model.profile import Build


def present(client: Client, image: str) -> bool:
    try:
        with client.errors():
            client.call("GET", f"/images/{image}/json")
    except Gone:
        return False
    return True


def pull(client: Client, image: str, report: Report, cancel: threading.Event) -> None:
    """Cancelled: `Cancelled` is raised, and the engine stops pulling."""
    repository, tag = split(image)
    fault = partial(about_image, image=image, host=client.host)
    layers = Layers()
    report(Progress("pulling", image))
    with client.errors(), Cancelling(cancel) as cancelling:
        query = {"fromImage": repository, "tag": tag}
        login = _login(client, repository)
        try:
            reply = client.open("POST", "/images/create", query, headers=login, timeout=None, cancelling=cancelling)
        except Refusal as error:
            raise fault(error.message) from error
        for item in _items(reply, fault):
            layers.take(item)
            report(Progress("pulling", layers.text(image), layers.fraction()))


def _login(client: Client, repository: str) -> dict[str, str]:
    """What `docker login` on this workstation left for the image's registry."""
    registry, _ = auth.resolve_repository_name(repository)
    header = auth.get_config_header(client.api, registry)
    return {"X-Registry-Auth": header.decode()} if header else {}


def build(client: Client, build: Build, tag: str, report: Report, cancel: threading.Event) -> None:
    """With the engine's classic builder: it needs no session with the client, and old engines have no other."""
    report(Progress("building", tag))
    with context.packed(build) as (pack, dockerfile), client.errors():
        query = {
            "t": tag,
            "dockerfile": dockerfile,
            "target": build.target,
            "buildargs": dict(build.args) or None,
            "rm": True,
            "forcerm": True,
        }
        length = context.length(pack)
        with Cancelling(cancel) as cancelling:
            reply = request(
                client.dial,
                "POST",
                client.target("/build", query),
                headers={"Content-Type": "application/x-tar"},
                body=context.pieces(pack),
                length=length,
                cancelling=cancelling,
            )
            for item in _items(reply, partial(from_status, 500, host=client.host)):
                if line := build_line(item):
                    report(Progress("building", line, build_fraction(line)))


def build_fraction(line: str) -> float | None:
    """How far a build is, from `Step 2/5 : RUN …`."""
    done, slash, rest = line.removeprefix("Step ").partition("/")
    total = rest.partition(" ")[0]
    if not line.startswith("Step ") or not slash or not (done.isdecimal() and total.isdecimal()) or total == "0":
        return None
    return (int(done) - 1) / int(total)


def split(image: str) -> tuple[str, str]:
    """Repository and tag or digest; `latest` where none is given, because without one all tags are pulled."""
    repository, at, digest = image.partition("@")
    if at:
        return repository, digest
    head, colon, tag = image.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (image, "latest")


def _items(reply: Reply, fault: Callable[[str], GpuwsError]) -> Iterator[Mapping[str, Any]]:
    """The lines of progress. A failure comes as one of them, behind HTTP status 200."""
    for item in reply.objects():
        if error := item.get("error"):
            detail = item.get("errorDetail")
            message = detail.get("message") if isinstance(detail, dict) else None
            raise fault(str(message or error))
        yield item


def missing(image: str, host: str) -> GpuwsError:
    return GpuwsError(f"{host} has no image {image}", "pull_policy is never: put it there, or allow to pull it")
