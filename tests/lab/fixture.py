"""The lab for pytest: `from tests.lab.fixture import lab` in a conftest.py makes the fixture `lab`."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import lifecycle, packages
from tests.lab.hosts import HOSTS, SSH_PORT, Host
from tests.lab.paths import config_dir, ssh_config, state_dir

BACKEND = os.environ.get("GPUWS_LAB_BACKEND", "")
"""What speaks SSH to the lab's hosts; "": what `auto` takes."""


@dataclass(frozen=True, slots=True)
class LabHost:
    """A host as tests need it."""

    name: str
    """Its name in gpuws and its alias in ssh_config."""
    address: str
    port: int
    user: str
    """Who the workstation's person is there."""
    uuids: tuple[str, ...]
    """Its GPUs by index."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab that is up."""

    state_dir: Path
    config_dir: Path
    """For GPUWS_CONFIG_DIR."""
    ssh_config: Path
    hosts: Mapping[str, LabHost]


def up() -> Lab:
    """Have the lab up; an instant when it is. LabError says why it can't be had."""
    lifecycle.up()
    hosts = {name: _view(host) for name, host in HOSTS.items()}
    return Lab(state_dir(), _by(BACKEND) if BACKEND else config_dir(), ssh_config(), hosts)


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab, up; tests that want it are skipped with the reason where there can be none."""
    if reason := packages.unsupported():
        pytest.skip(reason)
    return up()


def by_backend(hosts_yaml: str) -> str:
    """With what speaks SSH, where that is chosen."""
    return hosts_yaml.replace(": {}", f": {{backend: {BACKEND}}}") if BACKEND else hosts_yaml


def _by(backend: str) -> Path:
    """The lab's configuration with that for each host."""
    chosen = state_dir() / f"config-{backend}"
    shutil.copytree(config_dir(), chosen, dirs_exist_ok=True)
    hosts = chosen / "hosts.yaml"
    hosts.write_text(by_backend(hosts.read_text()))
    return chosen


def _view(host: Host) -> LabHost:
    return LabHost(host.name, host.address, SSH_PORT, host.user, host.uuids)
