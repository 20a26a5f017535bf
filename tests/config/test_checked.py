"""A hosts file that did not change is not checked again; what is remembered of it counts for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields

import pytest

from gpuws.config.hosts import checked
from gpuws.config.hosts.checked import Checked, memory_of
from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.host.host import DockerAccess, Host

HOSTS = """\
hosts:
  alpha: {}
  gpu-[01-02]: {address: "alice@gpu-[01-02].example:2222", tags: [a100], ssh_options: {LocalCommand: date}}
  bravo: {jump: alpha, docker: {sudo: true}, vars: {scratch: /scratch}, readonly: true}
"""
WHOLE = Host(
    "bravo", hostname="b.example", user="ada", port=2222, identity_file="~/k", jump="alpha", ssh_options={"A": "b"},
    ssh_config="/c", backend="openssh", engine="docker", docker=DockerAccess("/run/d", True, "there"), python="/p",
    shell="sh", tags=("a", "b"), readonly=True, shared_login=True, vars={"c": "d"}, connect_timeout=3.5,
    telemetry_interval=4.5,
)  # fmt: skip


@pytest.fixture
def environ(tmp_path):
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}


@pytest.fixture
def paths(environ):
    paths = find_paths(None, environ)
    paths.config_dir.mkdir(parents=True)
    paths.hosts_file.write_text(HOSTS)
    return paths


def recalled(paths, environ):
    return memory_of(paths, environ).recall()


def test_what_is_recalled_is_what_was_checked(paths, environ):
    first = load_configuration(paths, environ)
    assert recalled(paths, environ) == Checked(first.hosts, first.notes)
    assert load_configuration(paths, environ) == first
    assert len(first.notes) == 2
    assert paths.checked_hosts.stat().st_mode & 0o777 == 0o600


def test_every_field_of_a_host_is_recalled(paths, environ):
    usual = Host("bravo")
    assert [each.name for each in fields(Host) if getattr(WHOLE, each.name) == getattr(usual, each.name)] == ["name"]
    memory_of(paths, environ).keep(Checked((WHOLE,), ("a note",)))
    assert recalled(paths, environ) == Checked((WHOLE,), ("a note",))


def test_neither_validator_nor_parser_is_loaded_again(paths, environ):
    code = (
        "import os, sys; from gpuws.config.load import load_configuration; from gpuws.config.paths import find_paths\n"
        "load_configuration(find_paths(None, os.environ), os.environ); print(*{'pydantic', 'yaml'} & set(sys.modules))"
    )
    told = [
        subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [set(one.split()) for one in told] == [{"pydantic", "yaml"}, set()]


def test_it_counts_for_this_file_version_and_home_alone(paths, environ, monkeypatch):
    load_configuration(paths, environ)
    assert recalled(paths, environ)
    assert recalled(paths, environ | {"HOME": "/elsewhere"}) is None
    with monkeypatch.context() as patch:
        patch.setattr("gpuws._version.__version__", "another")
        assert recalled(paths, environ) is None
    paths.hosts_file.write_text(HOSTS.replace("2222", "2223"))
    assert recalled(paths, environ) is None
    assert {host.port for host in load_configuration(paths, environ).hosts} == {None, 2223}
    paths.hosts_file.unlink()
    assert recalled(paths, environ) is None
    assert [host.name for host in load_configuration(paths, environ).hosts] == ["local"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"alice", b"mallo")),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe\n\n\n"),
        lambda path: path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n\n" + b"[" * 100_000),
        lambda path: path.chmod(0o644),
        lambda path: (path.rename(path.with_name("there")), path.symlink_to(path.with_name("there"))),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_what_is_not_as_it_was_written_is_ignored(spoil, paths, environ):
    first = load_configuration(paths, environ)
    spoil(paths.checked_hosts)
    assert recalled(paths, environ) is None
    assert load_configuration(paths, environ) == first


@pytest.mark.parametrize("text", ["{}", "[]", '{"hosts": [{}], "notes": []}', '{"hosts": 1, "notes": []}'])
def test_a_sum_alone_makes_no_hosts(text, paths, environ):
    memory = memory_of(paths, environ)
    memory.path.parent.mkdir(parents=True)
    memory.path.write_text(f"{memory.key}\n{checked._hash(text.encode())}\n{text}")
    memory.path.chmod(0o600)
    assert memory.recall() is None


@pytest.mark.parametrize(
    "line",
    [
        "vars: {api_key: geheim}",
        "vars: {note: hf_geheimgeheimgeheim}",
        'ssh_options: {ProxyCommand: "nc --token geheim %h"}',
    ],
)
def test_a_secret_is_not_written_down(line, paths, environ):
    paths.hosts_file.write_text(f"hosts:\n  alpha: {{{line}}}\n")
    assert load_configuration(paths, environ).hosts
    assert not paths.checked_hosts.exists()


def test_a_file_with_problems_is_checked_each_time(paths, environ):
    paths.hosts_file.write_text(HOSTS + "  charlie: {nonsense: 1}\n")
    for _ in range(2):
        with pytest.raises(ConfigProblems):
            load_configuration(paths, environ)
    assert not paths.checked_hosts.exists()


def test_hosts_files_of_others_are_checked_each_time(paths, environ):
    paths.config_file.write_text("hosts_files: [/nowhere/hosts.yaml]\n")
    load_configuration(paths, environ)
    assert not paths.checked_hosts.exists()


def test_a_disk_that_takes_nothing_costs_the_memory_alone(paths, environ):
    paths.state_dir.parent.mkdir(parents=True)
    paths.state_dir.write_text("in the way")
    assert len(load_configuration(paths, environ).hosts) == 5


def test_it_is_no_longer_than_a_file_may_be(paths, environ, monkeypatch):
    monkeypatch.setattr(checked, "LARGEST", len(HOSTS) - 1)
    load_configuration(paths, environ)
    assert not paths.checked_hosts.exists()
