"""Whatever stands in a file, only ConfigProblems comes out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpuws.config.hosts.hosts import read_hosts
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.settings import read_settings
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import read_file, read_text
from gpuws.model.errors import UsageError
from gpuws.model.host.host import Host

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["${x}", "$$", "${", "~/a:/b", "0x1F", "-1", "1:2", "all", "host", "a=b", "../..", "GPU-1", "64g"]),
)
KEYS = st.sampled_from(
    [
        *ProfileFile.model_fields,
        "hosts",
        "extends",
        "volumes+",
        "soft",
        "hard",
        "count",
        "target",
        "context",
        "args",
        "x",
    ]
)
HOST_KEYS = st.sampled_from(
    [
        "hosts",
        "local",
        "defaults",
        "address",
        "jump",
        "docker",
        "tags",
        "vars",
        "ssh_options",
        "a",
        "g[1-3]",
        "readonly",
    ]
)
CONFIG_KEYS = st.sampled_from(
    ["me", "keys", "thresholds", "memory", "idle_after", "hosts_files", "profile_paths", "theme"]
)


def trees(keys):
    inner = st.recursive(
        SCALARS,
        lambda node: st.lists(node, max_size=3) | st.dictionaries(keys | st.text(max_size=4), node, max_size=3),
        max_leaves=12,
    )
    return st.dictionaries(keys, inner, max_size=6)


def dump(tree):
    import yaml

    return yaml.safe_dump(tree, allow_unicode=True)


@given(st.binary(max_size=400))
@example(b"\xff\xfea\x00")
@example(b"%YAML 9.9\n---\na: 1")
@example(b"a: !<!> 1")
@example(b"&a *a : 1")
@example(b"? ? ? a")
def test_any_bytes(data):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "f.yaml"
        path.write_bytes(data)
        reported(lambda: read_file(path))


@given(st.text(alphabet="ab01:-?,[]{}#&*!|>'\"%@`~ \n\t", max_size=60))
def test_any_yaml_like_text(text):
    tree = reported(lambda: read_text(text, "f.yaml"))
    if tree is not None:
        to_data(tree)


@settings(deadline=None)
@given(trees(KEYS))
def test_any_profile(tree):
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "p.yaml").write_text(dump(tree), "utf-8")
        store = ProfileStore([Path(directory)])
        host = Host("a", tags=("x",), vars={"x": "1"})
        reported(lambda: store.load("p", host, environ={"HOME": "/h"}))
        reported(lambda: store.explain("p", host, environ={"HOME": "/h"}))
        assert [row.name for row in store.summaries()] == ["p"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.tuples(KEYS, SCALARS).map(lambda pair: f"{pair[0]}={pair[1]}"), max_size=3))
def test_any_overrides(overrides):
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "p.yaml").write_text("image: i", "utf-8")
        store = ProfileStore([Path(directory)])
        reported(lambda: store.load("p", Host("a"), overrides=overrides, environ={"HOME": "/h"}))


@settings(deadline=None)
@given(st.lists(trees(HOST_KEYS), min_size=1, max_size=2))
def test_any_hosts_files(files):
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for number, tree in enumerate(files):
            paths.append(Path(directory) / f"{number}.yaml")
            paths[-1].write_text(dump(tree), "utf-8")
        found = read_hosts(paths, {"HOME": "/h"})
        if not found.problems:
            assert isinstance(found.hosts(), tuple)
            assert not found.problems
        found.notes()


@settings(deadline=None)
@given(trees(CONFIG_KEYS))
def test_any_settings(tree):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.yaml"
        path.write_text(dump(tree), "utf-8")
        reported(lambda: read_settings(path, {"HOME": "/h"}))


def reported(call):
    """What `call` returns; None where it reported problems, each in one plain line, or that it is another kind of
    file."""
    try:
        return call()
    except ConfigProblems as error:
        found = error
    except UsageError as error:
        if "not a profile — read it: gpuws profiles import" not in str(error):
            raise
        return None
    assert found.problems
    assert len(str(found).splitlines()) == len(found.problems)
    assert not any(ord(c) < 32 and c != "\n" for c in str(found))
    return None


def test_a_deep_file_is_refused_quickly(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("a: " + "[" * 500_000)
    with pytest.raises(ConfigProblems, match="nested deeper"):
        read_file(path)
