"""What gpuws exports to Compose it reads back as it was: both directions of one table."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from gpuws.config.imports.reading import read
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.engines.docker.existing import capture, compose, expected
from gpuws.engines.docker.launch.create_call import create_call
from gpuws.model.host.host import Host
from gpuws.model.profile.profile import GpuWish, PortWish, Profile, Ulimit, Volume
from tests.config.strategies import rights
from tests.engines.docker.test_spec import PROFILE, made

ASKED = {
    "mem_limit": 2 << 30,
    "memswap_limit": 3 << 30,
    "cpus": 1.5,
    "shm_size": 1 << 30,
    "ipc": "host",
    "ulimits": (Ulimit("memlock", -1, -1), Ulimit("nofile", 1, 2)),
    "volumes": (Volume("/a", "/a"), Volume("/b", "data", "volume", read_only=True), Volume("/t", None, "tmpfs")),
    "ports": (PortWish(80), PortWish(81, 8081)),
    "environment": {"A": "$b ${C}", "EMPTY": ""},
    "command": ("sh", "-c", "echo $HOME"),
    "restart": "on-failure:3",
    "stop_grace_period": 0.0,
    "working_dir": "/w",
    "user": "1:2",
    "init": False,
}


def told(profile: Profile):
    """What the engine tells of a container of the profile."""
    spec = made(replace(profile, gpus=GpuWish(), logging=profile.logging or PROFILE.logging))[0]
    return {**expected.inspected(create_call(spec), {}), "Name": "/it"}


def comes_back(keys):
    first = told(replace(PROFILE, **keys))
    (one,) = read(compose.compose_file(first, {}, "i"), environ={})
    assert one.container == "it"
    back = ProfileStore(()).load("it", Host("h"), environ={}, text=one.text)
    again = told(replace(back, labels=PROFILE.labels, name=PROFILE.name))
    return capture.read(first, {}, "i").profile, capture.read(again, {}, "i").profile


def test_what_a_container_is_asked_for_comes_back():
    before, after = comes_back(ASKED)
    assert after == before


@settings(max_examples=25)
@given(rights())
def test_its_rights_come_back(keys):
    before, after = comes_back(keys)
    assert after == before
