"""An exported Compose file, run by a real `docker compose`, makes the very containers that it was captured from.

What Compose made is captured like anything else. Both engines are the lab's, reached as `gpuws with` reaches them."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

from gpuws.cli.inside.with_engine import engine_socket
from gpuws.engines.base import Site
from gpuws.engines.docker.build import builder
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.options.program import by_tools
from gpuws.link.connect.connector import Connector
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.profile.profile import Build
from tests.engines.docker import captives
from tests.engines.docker.captives import CASES, DOCKERFILE, DRESSED, given
from tests.engines.docker.cli import compose_plugin, docker_program
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.rootfs import load, small_image
from tests.engines.docker.test_capture_over_ssh import through_cdi
from tests.engines.docker.test_equivalence import comparable, differences
from tests.engines.docker.test_over_ssh import Remote, host_of, nobody

pytestmark = pytest.mark.lab
PROJECT = "gpuws-test-composed"
KINDS = (
    "no entry point", "a shell kept alive by a terminal", "a quota of time", "volumes", "memory file systems", "ports",
    "GPUs by id", "a service", "rights", "names", "a health check", "no health check, and no log", "Compose",
    "gpuws, with rights", "gpuws",
)  # fmt: skip


@pytest.fixture(scope="module", params=[pytest.param("alpha", marks=pytest.mark.soak), "bravo"])
def remote(request, lab):
    connector = Connector()
    host = host_of(lab, request.param)
    link = connector.connect(host, nobody)
    engine = connect_engine(host, link, {"WANDB_API_KEY": "hunter2"})
    told = link.run(["sh", "-c", "id -un; id -u; id -g; echo $HOME; hostname"]).stdout.decode().split()
    facts = HostFacts(told[0], int(told[1]), int(told[2]), (), told[3], told[4])
    gpus = tuple(Gpu(index, uuid, "GPU") for index, uuid in enumerate(lab.hosts[request.param].uuids))
    load(engine, small_image(), IMAGE)
    builder.build(engine._client, Build(dockerfile_inline=DOCKERFILE), DRESSED, lambda said: None, threading.Event())
    link.run(["mkdir", "-p", f"{facts.home}/gpuws-test-data"])
    yield Remote(host, link, engine, Site(host, facts, gpus, "alice", "desk"))
    for image in (DRESSED, IMAGE):
        engine.images.remove(image, force=True)
    link.run(["rmdir", f"{facts.home}/gpuws-test-data"])
    connector.close()


@pytest.fixture
def docker(remote, tmp_path):
    """The docker program with its compose, for that engine."""
    plugins = tmp_path / "docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(compose_plugin())
    with engine_socket(tmp_path, remote.engine.dial.connect) as socket:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "DOCKER_CONFIG": str(plugins.parent),
            "DOCKER_HOST": f"unix://{socket}",
        }

        def run(*words, **more):
            argv = [docker_program(), *words]
            done = subprocess.run(argv, capture_output=True, text=True, timeout=100, env={**env, **more}, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        yield run
        run("volume", "rm", "-f", "gpuws-test-named")


def kind_of(case, remote):
    uuids = [gpu.uuid for gpu in remote.site.gpus]
    return through_cdi(case, uuids) if remote.host.name == "bravo" else CASES[case]


def asked(inspected):
    """What was asked for, in whichever of the engine's ways; volumes that nobody named have no name."""
    told = comparable(inspected)
    config, host = told["Config"], told["HostConfig"]
    config["Labels"] = {name: text for name, text in config.get("Labels", {}).items() if not by_tools(name)}
    config.pop("Volumes", None)
    for key in ("Binds", "Mounts", "Tmpfs"):
        host.pop(key, None)
    host["DeviceRequests"] = given(inspected)
    host["NetworkMode"] = {"default": "bridge"}.get(host["NetworkMode"], host["NetworkMode"])
    host["RestartPolicy"]["Name"] = host["RestartPolicy"]["Name"] or "no"
    mounts = {re.sub(r"\b[0-9a-f]{64}\b", "", mount) for mount in told["top"]["Mounts"]}
    tmpfs = {f"tmpfs  {target} True" for target in inspected["HostConfig"].get("Tmpfs") or ()}
    told["top"]["Mounts"] = sorted(mounts | tmpfs)
    return told


def test_a_real_compose_makes_the_same(remote, docker, tmp_path):
    def created(*words):
        return docker("create", *words[2:])  # what never ran was asked for all the same

    files, before, secrets = [], {}, {}
    for number, case in enumerate(KINDS):
        name = f"{PROJECT}-{number}"
        first = captives.make(kind_of(case, remote), name, remote.engine, remote.site, created)
        files.append(Path(tmp_path, f"{number}.yaml"))
        files[-1].write_text(remote.engine.recipes.compose_file(first))
        captured = remote.engine.recipes.capture(first, remote.site)
        before[name] = remote.engine.inspect(first), captured.profile
        secrets |= captured.secrets
        captives.discard(remote.engine, first)
        assert not [value for value in captured.secrets.values() if value in files[-1].read_text()]
    composed = ["compose", "-p", PROJECT, *(word for file in files for word in ("-f", str(file)))]
    try:
        docker(*composed, "up", "-d", **secrets)
        for name, (inspected, profile) in before.items():
            assert differences(asked(inspected), asked(remote.engine.inspect(name))) == []
            assert remote.engine.recipes.capture(name, remote.site).profile == profile
        again = f"{PROJECT}-{KINDS.index('a service')}"  # it wants no GPU: who knows what is free there
        captives.check_fixed_point("a service", again, again, remote.engine, remote.site, tmp_path)
    finally:
        docker(*composed, "down", "-v", "-t", "0", **secrets)
        for one in remote.engine.workspaces():
            if one.name.startswith(PROJECT):
                captives.discard(remote.engine, one.id)
