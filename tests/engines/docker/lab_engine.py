"""The engine of a lab host, spoken to over its second socket: no SSH between."""

from __future__ import annotations

from contextlib import ExitStack

from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.link.local.local import LocalLink
from gpuws.model.host.host import DockerAccess, Host
from tests.lab import docker_api


def lab_engine(stack: ExitStack, host: str, *, readonly: bool = False) -> DockerEngine:
    """Until the stack ends."""
    link = LocalLink()
    stack.callback(link.close)
    place = DockerAccess(socket=str(docker_api.socket_path(host)))
    return connect_engine(Host(host, docker=place, readonly=readonly), link, {})
