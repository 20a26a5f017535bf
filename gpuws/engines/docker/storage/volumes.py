"""Volumes by name."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.storage.usage import users, volume
from gpuws.model.workspace.storage import Volume


def listed(client: Client) -> list[Volume]:
    """All, with who uses them; a short question, and so without their sizes."""
    with client.errors():
        told = table(client.call("GET", "/volumes"))
        containers = [table(row) for row in rows(client.call("GET", "/containers/json", query={"all": True}))]
    using = users(containers)
    return [volume(client.host, table(row), using) for row in rows(told.get("Volumes"))]


def make(client: Client, name: str, labels: Mapping[str, str]) -> bool:
    """Whether it was made: of one that is there the engine gives back what it has, with the labels of that one."""
    with client.errors():
        told = table(client.call("POST", "/volumes/create", body={"Name": name, "Labels": dict(labels)}))
    return dict(table(told.get("Labels"))) == dict(labels)
