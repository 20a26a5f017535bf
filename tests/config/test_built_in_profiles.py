from __future__ import annotations

from pathlib import Path

import pytest

from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles import ProfileStore
from gpuws.model.host import Host
from gpuws.model.profile import GpuWish, JupyterWish, TmuxWish

NAMES = ("base", "pytorch-2.7-cu118", "pytorch-2.8-cu128", "pytorch-ddp")
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
    assert all(volume.source.startswith("~/") and volume.check == "create" for volume in profile.volumes)
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
        "pytorch-2.7-cu118": GpuWish(count=1),
        "pytorch-2.8-cu128": GpuWish(count=1),
        "pytorch-ddp": GpuWish(count=2),
    }


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
        assert store.load(name, Host("a"), environ=environ).volumes[-1].target == "/sets"


def test_the_example_of_the_docs_loads(environ, home):
    store = ProfileStore([EXAMPLES / "multi-stage", built_in_profiles()])
    profile = store.load("project", Host("a"), environ=environ)
    assert (profile.build.context, profile.build.dockerfile) == (f"{home}/src/project", "Dockerfile")
    assert profile.build.dockerfile_inline is None
