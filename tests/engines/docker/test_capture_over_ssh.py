"""The same fixed point over SSH, on an engine of another generation that hands out GPUs through CDI."""

from __future__ import annotations

import os
import subprocess
import threading

import pytest

from gpuws.engines.base import Site
from gpuws.engines.docker.build import builder
from gpuws.engines.docker.connect import connect_engine
from gpuws.link.connect.connector import Connector
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.profile.profile import Build
from tests.engines.docker import captives
from tests.engines.docker.captives import CASES, DOCKERFILE, DRESSED
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.rootfs import load, small_image
from tests.engines.docker.test_over_ssh import Remote, host_of, nobody
from tests.lab import docker_api

pytestmark = pytest.mark.lab
HOST, NAME = "bravo", "gpuws-test-captive"
OTHER = ("all GPUs", "a port of IPv6")  # others hold some there; its host has no IPv6
USUAL = ["bare", "binds", "ports", "GPUs by id", "GPUs by number", "Compose", "gpuws, with rights"]
SELDOM = [case for case in CASES if case not in (*OTHER, *USUAL)]


@pytest.fixture(scope="module")
def remote(lab):
    connector = Connector()
    host = host_of(lab, HOST)
    link = connector.connect(host, nobody)
    engine = connect_engine(host, link, {})
    told = link.run(["sh", "-c", "id -un; id -u; id -g; echo $HOME; hostname"]).stdout.decode().split()
    facts = HostFacts(told[0], int(told[1]), int(told[2]), (), told[3], told[4])
    gpus = tuple(Gpu(index, uuid, "GPU") for index, uuid in enumerate(lab.hosts[HOST].uuids))
    load(engine, small_image(), "gpuws-test:small")
    builder.build(engine._client, Build(dockerfile_inline=DOCKERFILE), DRESSED, lambda said: None, threading.Event())
    link.run(["mkdir", "-p", f"{facts.home}/gpuws-test-data"])
    yield Remote(host, link, engine, Site(host, facts, gpus, "alice", "desk"))
    for image in (DRESSED, IMAGE):
        engine.images.remove(image, force=True)
    cli("volume", "rm", "-f", "gpuws-test-named")
    link.run(["rmdir", f"{facts.home}/gpuws-test-data"])
    connector.close()


@pytest.fixture(autouse=True)
def gone(remote):
    """Nothing of the test stays on a host that others use, too."""
    yield
    for one in remote.engine.workspaces():
        if one.name == NAME:
            captives.discard(remote.engine, one.id)


def cli(*words):
    socket = docker_api.socket_path(HOST)
    done = subprocess.run(
        ["/usr/bin/docker", "-H", f"unix://{socket}", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def through_cdi(case, uuids):
    """GPUs as this engine takes them; its program of that age could not say so."""
    ids = {"GPUs by id": [uuids[5], uuids[6]], "GPUs by number": ["5", "6"], "Compose": ["5", uuids[6]]}.get(case)
    if ids is None:
        return CASES[case]
    body = CASES[case] if isinstance(CASES[case], dict) else {"Image": IMAGE, "Cmd": ["sleep", "infinity"]}
    request = {"Driver": "cdi", "DeviceIDs": [f"nvidia.com/gpu={one}" for one in ids]}
    return {**body, "HostConfig": {**body.get("HostConfig", {}), "DeviceRequests": [request]}}


@pytest.mark.parametrize("case", USUAL + [pytest.param(case, marks=pytest.mark.soak) for case in SELDOM])
def test_what_is_captured_is_what_is_launched(remote, lab, tmp_path, case):
    kind = through_cdi(case, lab.hosts[HOST].uuids)
    first = captives.make(kind, NAME, remote.engine, remote.site, cli)
    captives.check_fixed_point(case, first, NAME, remote.engine, remote.site, tmp_path)
