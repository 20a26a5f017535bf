"""What fills an engine's disk, read from what it tells: any field may be missing, and -1 is no size."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from gpuws.engines.docker.storage.usage import parse
from gpuws.model.ownership.identity import Me
from gpuws.model.workspace.storage import DiskUsage, shares, total, whose
from tests import factories
from tests.engines.docker.lab_engine import lab_engine
from tests.lab import docker_api

ANONYMOUS = "9f" * 32
TOLD = {
    "LayersSize": 900,
    "Images": [
        {"Id": "sha256:" + "a" * 64, "RepoTags": ["lab/torch:1"], "Size": 700, "SharedSize": 200, "Containers": 2},
        {"Id": "sha256:" + "b" * 64, "RepoTags": ["<none>:<none>"], "Size": 400, "SharedSize": -1, "Containers": -1},
        {"Id": "sha256:" + "c" * 64, "RepoTags": None, "Size": 300, "SharedSize": 100, "Containers": 0},
    ],
    "Containers": [
        {"Id": "1" * 64, "Names": ["/train"], "SizeRw": 50, "State": "running",
         "Labels": {"gpuws.owner": "alice"}, "Mounts": [{"Type": "volume", "Name": "data"}]},
        {"Id": "2" * 64, "Names": ["/old"], "State": "exited", "Mounts": [{"Type": "volume", "Name": "data"},
         {"Type": "bind", "Source": "/home/bob/x"}]},
    ],
    "Volumes": [
        {"Name": "data", "CreatedAt": "2026-11-20T10:00:00Z", "UsageData": {"Size": 10, "RefCount": 2}},
        {"Name": ANONYMOUS, "UsageData": {"Size": -1}},
        {"Name": "kept", "Labels": {"gpuws.owner": "alice", "gpuws.from": "desk"}, "UsageData": {"Size": 7}},
    ],
    "BuildCache": [{"Size": 30, "InUse": True}, {"Size": 12}, {"Size": 99, "Shared": True}],
}  # fmt: skip


def usage(**more):
    return parse("alpha", {**TOLD, **more}, 5.0, "/var/lib/docker", {"1" * 64: 4}, "")


def test_sizes_users_and_what_nobody_uses():
    found = usage()
    assert [(one.name, one.unique, one.users) for one in found.images] == [
        ("lab/torch:1", 500, 2), ("b" * 12, None, 0), ("c" * 12, 200, 0),
    ]  # fmt: skip
    assert [(one.name, one.layer, one.log, one.owner, one.running) for one in found.containers] == [
        ("train", 50, 4, "alice", True), ("old", 0, None, "bob", False),
    ]  # fmt: skip
    assert [(one.short, one.size, one.used_by, one.loose) for one in found.volumes] == [
        ("data", 10, ("train", "old"), False), ("9f9f9f9f9f9f", None, (), True), ("kept", 7, (), True),
    ]  # fmt: skip
    assert [found.size(kind) for kind in ("images", "containers", "logs", "volumes", "cache")] == [900, 50, 4, 17, 42]
    assert [found.loose(kind) for kind in ("images", "containers", "volumes", "cache")] == [200, None, 7, 12]


@pytest.mark.parametrize("key", list(TOLD))
@pytest.mark.parametrize("value", [None, [], {}, 7, [None, 7, {}]])
def test_nonsense_is_no_fault(key, value):
    assert isinstance(usage(**{key: value}), DiskUsage)


def test_unknown_is_not_nothing():
    assert (total([]), total([None]), total([None, 3])) == (0, None, 3)


def test_whose_it_is():
    """By the label, else by whose all containers are that use it."""
    me = Me("alice", frozenset({"alice"}))
    train = factories.workspace("alpha", "1" * 64, "train", "i", "running", owner="alice", mine=True)
    old = factories.workspace("alpha", "2" * 64, "old", "i", "exited", owner="bob")
    known = whose(usage(), [train, old], me)
    assert [(one.short, one.owner, one.mine) for one in known.volumes] == [
        ("data", None, False), ("9f9f9f9f9f9f", None, False), ("kept", "alice", True),
    ]  # fmt: skip
    alone = whose(
        usage(), [train, factories.workspace("alpha", "2" * 64, "old", "i", "exited", owner="alice", mine=True)], me
    )
    assert (alone.volumes[0].owner, alone.volumes[0].mine) == ("alice", True)
    assert [(one.owner, one.mine, one.containers, one.logs, one.volumes, one.sum) for one in shares(known)] == [
        ("alice", True, 50, 4, 7, 61), ("bob", False, 0, None, 0, 0), (None, False, 0, 0, 10, 10),
    ]  # fmt: skip


@pytest.mark.lab
@pytest.mark.parametrize("host", ["alpha", "bravo"])
def test_both_engines_tell_and_the_owner_of_the_disk_sees_logs(lab, host):
    name, labels = f"gpuws-usage-{host}", {"gpuws.owner": "alice", "gpuws.from": "desk"}
    with ExitStack() as stack:
        storage = lab_engine(stack, host).storage
        assert storage.make_volume(name, labels)
        stack.callback(docker_api.call, host, "DELETE", f"/volumes/{name}")
        assert not storage.make_volume(name, {"gpuws.owner": "bob"})
        found = storage.usage(threading.Event())
        (volume,) = [one for one in found.volumes if one.name == name]
        assert (volume.size, volume.owner, volume.loose) == (0, "alice", True)
        assert volume.created
        assert "gpuws-lab/workspace:latest" in {one.name for one in found.images}
        assert found.images_size > 200 << 20
        storage.remove_volume(name)
        assert name not in {one.name for one in storage.volumes()}
