from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.schema import json_schema
from gpuws.model.host.host import Host
from gpuws.model.profile.profile import GpuWish, JupyterWish, TmuxWish

NAMES = (
    *("base", "pytorch-2.15-cu132", "pytorch-2.7-cu118", "pytorch-2.8-cu128", "pytorch-ddp", "pytorch-extension"),
    "pytorch-ssh",
)
EXAMPLES = Path(__file__).parents[2] / "docs/examples"


@pytest.fixture
def store(tmp_path):
    return ProfileStore([tmp_path, built_in_profiles()])


def test_they_are_listed_without_a_mistake(store):
    rows = store.summaries()
    assert tuple(row.name for row in rows) == NAMES
    assert [row.error for row in rows] == [None] * len(NAMES)
    assert all(row.description and row.image for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_they_load_for_a_host_of_which_nothing_is_known(store, name, environ):
    profile = store.load(name, Host("alpha"), environ=environ)
    assert profile.build is not None
    assert profile.user == "host"
    assert (profile.jupyter, profile.tmux) == (JupyterWish(), TmuxWish())
    assert {volume.target for volume in profile.volumes} >= {"/workspace", "/data", "/home/me", "/cache/huggingface"}
    assert all(volume.source.startswith("~/") for volume in profile.volumes)
    assert all(volume.check == "create" or volume.read_only for volume in profile.volumes)
    assert not any(port.published for port in profile.ports)
    assert profile.environment["HOME"] == "/home/me"
    assert profile.shm_size >= 4 << 30
    assert profile.mem_limit
    assert profile.restart == "no"


@pytest.mark.parametrize("name", NAMES)
def test_their_images_are_pinned_and_have_what_gpuws_attaches_to(store, name, environ):
    dockerfile = store.load(name, Host("alpha"), environ=environ).build.dockerfile_inline
    images = [line.split()[1] for line in dockerfile.splitlines() if line.startswith("FROM")]
    assert all(":" in image and not image.endswith(":latest") for image in images)
    assert "tmux" in dockerfile
    assert "jupyterlab==" in dockerfile
    assert "--mount" not in dockerfile
    assert "<<" not in dockerfile


def test_the_gpu_profiles_ask_for_gpus(store, environ):
    wishes = {name: store.load(name, Host("a"), environ=environ).gpus for name in NAMES}
    assert wishes == {
        "base": GpuWish(),
        "pytorch-2.15-cu132": GpuWish(count=1),
        "pytorch-2.7-cu118": GpuWish(count=1),
        "pytorch-2.8-cu128": GpuWish(count=1),
        "pytorch-ddp": GpuWish(count=2),
        "pytorch-extension": GpuWish(count=1),
        "pytorch-ssh": GpuWish(count=1),
    }


def test_ranks_share_what_nccl_needs(store, environ):
    profile = store.load("pytorch-ddp", Host("a"), environ=environ)
    assert profile.ipc == "private"
    assert profile.shm_size >= 16 << 30
    assert {(limit.name, limit.soft) for limit in profile.ulimits} >= {("memlock", -1), ("stack", 67108864)}


def test_the_ssh_server_takes_keys_alone_and_is_not_published(store, environ):
    profile = store.load("pytorch-ssh", Host("a"), environ=environ)
    dockerfile = profile.build.dockerfile_inline
    assert "'PasswordAuthentication no'" in dockerfile
    assert "'AuthenticationMethods publickey'" in dockerfile
    assert '"${USER:-me}:x:' in dockerfile
    assert [(port.name, port.target, port.published) for port in profile.ports][-1] == ("ssh", 2222, None)
    assert profile.volumes[-1].read_only
    assert profile.user == "host"


@pytest.mark.parametrize("path", sorted(built_in_profiles().glob("*.yaml")), ids=lambda path: path.stem)
def test_editors_find_the_schema_beside_them(path):
    first = path.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=profile.schema.json"


def test_the_schema_beside_them_is_the_one_that_is_printed():
    shipped = (built_in_profiles() / "profile.schema.json").read_text()
    assert json.loads(shipped) == json_schema(), "gpuws profiles schema > profiles/profile.schema.json"


def test_volumes_do_not_lie_in_each_other(store, environ):
    targets = [volume.target for volume in store.load("pytorch-ddp", Host("a"), environ=environ).volumes]
    assert not [(a, b) for a in targets for b in targets if a != b and b.startswith(f"{a}/")]


def test_a_limit_can_be_taken_away_where_the_host_refuses_it(tmp_path, store, environ):
    (tmp_path / "mine.yaml").write_text("extends: pytorch-2.8-cu128\nulimits: {memlock: null}\n")
    names = {limit.name for limit in store.load("mine", Host("a"), environ=environ).ulimits}
    assert names == {"nofile", "stack"}


def test_my_own_base_changes_all_of_them(tmp_path, store, environ):
    (tmp_path / "base.yaml").write_text("extends: base\nvolumes+: ['/data/sets:/sets:ro']\n")
    for name in NAMES:
        targets = [volume.target for volume in store.load(name, Host("a"), environ=environ).volumes]
        assert "/sets" in targets


def test_the_job_of_the_docs_loads(environ):
    store = ProfileStore([EXAMPLES / "ddp", built_in_profiles()])
    profile = store.load("ddp-job", Host("a"), environ=environ)
    assert profile.command[0] == "torchrun"
    assert profile.gpus == GpuWish(count=4, memory=40 << 30)
    assert profile.jupyter is None


def test_the_example_of_the_docs_loads(environ, home):
    store = ProfileStore([EXAMPLES / "multi-stage", built_in_profiles()])
    profile = store.load("project", Host("a"), environ=environ)
    assert (profile.build.context, profile.build.dockerfile) == (f"{home}/src/project", "Dockerfile")
    assert profile.build.dockerfile_inline is None
