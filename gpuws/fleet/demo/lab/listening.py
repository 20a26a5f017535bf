"""What listens on a simulated host and in its containers: what their ports are known for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.model.session.service import ListeningPort
from gpuws.model.session.tunnel import LOOPBACK
from gpuws.model.workspace.workspace import PlaceRef, Workspace

KNOWN = {
    5000: ("http", "registry"),
    6006: ("tensorboard", "tensorboard"),
    7860: ("gradio", "launch.py"),
    8000: ("http", "vllm"),
    8888: ("jupyter", "jupyter-lab"),
}
STARTED_BY_HAND = {"torch-dev": ((6006, "tensorboard", "tensorboard"), (29500, "tcp", "train.py"))}
"""In a container, besides the ports that it is known to have."""
OF_HOSTS = ((22, "tcp", "sshd"), (9100, "http", "node_exporter"))


def listening(host: DemoHost, container: Workspace | None) -> tuple[ListeningPort, ...]:
    """`container` None: on the host itself, where ports that are published listen, too."""
    found = _of_host(host) if container is None else _of_container(container)
    return tuple(sorted(found, key=lambda one: one.port))


def _of_container(container: Workspace) -> Iterator[ListeningPort]:
    for port in container.oci.ports:
        service, process = KNOWN.get(port.target, ("tcp", None))
        yield _port(container.place, port.target, service, process)
    for number, service, process in STARTED_BY_HAND.get(container.name, ()):
        yield _port(container.place, number, service, process, LOOPBACK)


def _of_host(host: DemoHost) -> Iterator[ListeningPort]:
    place = PlaceRef(host.name)
    for number, service, process in OF_HOSTS:
        yield _port(place, number, service, process)
    for container in host.containers.values():
        for port in container.oci.ports if container.alive else ():
            if port.published is not None:
                service, _ = KNOWN.get(port.target, ("tcp", None))
                address = "" if port.host_ip in (None, "0.0.0.0") else port.host_ip
                yield _port(place, port.published, service, "docker-proxy", address)


def _port(place: PlaceRef, number: int, service: str, process: str | None, address: str = "") -> ListeningPort:
    pid = None if process is None else 4000 + zlib.crc32(f"{place}{number}".encode()) % 60000
    return ListeningPort(place, number, service, process, pid, address)
