from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.profiles.yaml import profile_to_yaml
from gpuws.model.host.host import Host
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    GpuWish,
    JupyterWish,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)
from tests.config.strategies import profiles


def loaded(text: str) -> Profile:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "p.yaml").write_bytes(text.encode())
        host = Host("h", vars={"x": "wrong"})
        return replace(ProfileStore([Path(directory)]).load("p", host, environ={"HOME": "/h"}), source=None)


@given(profiles())
def test_what_is_written_loads_to_the_same(profile):
    assert loaded(profile_to_yaml(profile)) == profile


def test_it_reads_well():
    profile = Profile(
        "p",
        "PyTorch, ours",
        build=Build(dockerfile_inline="FROM a\nRUN b ${c}\n", args={"A": "1"}),
        command=("sh", "-c", "set -e\nexec train"),
        gpus=GpuWish(count=2, memory=40 << 30, policy="pack"),
        gpu_memory=GpuMemoryCap(30 << 30, "stop"),
        mem_limit=64 << 30,
        memswap_limit=64 << 30,
        cpus=16.0,
        shm_size=1000,
        ulimits=(Ulimit("memlock", -1, -1), Ulimit("nofile", 1024, 2048)),
        user="1000:1000",
        volumes=(Volume("/w", "~/work"), Volume("/d", "/data", read_only=True), Volume("/c", "~/c", check="create")),
        ports=(PortWish(8888), PortWish(6006, 16006), PortWish(80, 8080, "::1", "web")),
        environment={"WANDB_API_KEY": None, "DEBUG": "no"},
        jupyter=JupyterWish(),
        tmux=TmuxWish(),
        stop_grace_period=90.0,
    )
    assert (
        profile_to_yaml(profile)
        == """\
description: "PyTorch, ours"
build:
  dockerfile_inline: |
    FROM a
    RUN b $${c}
  args: {A: "1"}
command:
  - sh
  - -c
  - |-
    set -e
    exec train
gpus: {count: 2, memory: 40g, policy: pack}
gpu_memory: {limit: 30g, action: stop}
mem_limit: 64g
cpus: 16
shm_size: 1000
ulimits: {memlock: -1, nofile: {soft: 1024, hard: 2048}}
user: "1000:1000"
volumes: [~/work:/w, /data:/d:ro, {source: ~/c, target: /c, check: create}]
ports: [8888, "16006:6006", {name: web, target: 80, published: 8080, host_ip: "::1"}]
environment: {WANDB_API_KEY: null, DEBUG: "no"}
jupyter: {port: 8888, start: true}
tmux: {session: main}
stop_grace_period: 90s
"""
    )


def test_what_is_known_of_the_file_it_came_from_is_no_part_of_it():
    known = Profile("p", image="i", source="/etc/p.yaml", note="has changed", remedy="gpuws trust /etc/p.yaml")
    assert profile_to_yaml(known) == profile_to_yaml(Profile("p", image="i"))


def test_nothing_that_holds_anyway_is_said():
    assert profile_to_yaml(Profile("p", image="torch:2.8")) == "image: torch:2.8\n"


@pytest.mark.parametrize("text", ["x\n", "x\ny", "x\ny\n", "\nx\n", " x\ny", "x\n\n", "x\n \ny", "\u2028", "a\tb\nc"])
def test_texts_of_several_lines_stay_as_they_are(text):
    profile = Profile("p", image="i", environment={"A": text})
    assert loaded(profile_to_yaml(profile)).environment == {"A": text}
