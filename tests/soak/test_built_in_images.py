"""Every line of the built-in profiles' Dockerfiles is run, on images of the same layout as those that they stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.link.local.local import LocalLink
from gpuws.model.build.dockerfile import bases, parse
from gpuws.model.build.want import BuildWay
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import DockerAccess, Host
from tests.lab import engine as lab_engine
from tests.lab.report import LabError
from tests.lab.standin.images import stand_in

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(900), pytest.mark.xdist_group("images")]
NAMES = sorted(file.stem for file in built_in_profiles().glob("*.yaml"))
SMALL = {"EXTENSION": "simplejson==3.19.3"}
"""What is compiled instead: C alone, since here is no nvcc."""
HAS = "tmux -V && jupyter lab --version && git --version && python -c 'import jupyterlab, sys; print(sys.executable)'"
MORE = {
    "pytorch-extension": " && python -c 'import simplejson._speedups' && ! ls /tmp/wheels",
    "pytorch-ssh": " && sshd -t -f /etc/ssh/sshd_config -h /dev/null; sh -n /usr/local/bin/start-sshd",
}
NO_NETWORK = ("reaches no network", "certificate")


@pytest.fixture(scope="module")
def engine(lab) -> Iterator[DockerEngine]:
    link = LocalLink()
    host = Host("here", docker=DockerAccess(socket=str(lab_engine.socket_path())))
    yield connect_engine(host, link, {})
    link.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_a_built_in_dockerfile_runs(engine, name):
    profile = ProfileStore([built_in_profiles()]).load(name, Host("here"), environ={})
    assert profile.build is not None
    if profile.build.args:
        profile = replace(profile, build=replace(profile.build, args={**profile.build.args, **SMALL}))
    try:
        for image in bases(parse(profile.build.dockerfile_inline or ""), profile.build.args):
            stand_in(image)
    except LabError as error:
        pytest.skip(f"packages can't be had in a build on this machine: {error}")
    plan = engine.images.plan_build(profile, BuildWay(network="host"))
    assert [check.detail for check in plan.problems] == []
    assert [check.detail for check in plan.checks if check.name in ("secrets", "dockerfile")][1:] == []
    try:
        image = engine.images.build(profile, BuildWay(network="host"), lambda step: None, threading.Event())
    except GpuwsError as error:
        if any(why in error.remedy for why in NO_NETWORK):
            pytest.skip(f"packages can't be had in a build on this machine: {error}")
        raise
    said = lab_engine.docker("run", "--rm", "--user", "1234:1234", image, "sh", "-c", HAS + MORE.get(name, ""))
    assert said.startswith("tmux 3")
