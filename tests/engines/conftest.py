"""A home whose only host is this machine, and runs its workspaces in memory."""

import os

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.engines import registry
from gpuws.fleet.local.assembly import assemble
from tests.engines import memory as engine
from tests.keeper.conftest import serve, short_path
from tests.tui.conftest import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call", "serve", "short_path"]


@pytest.fixture
def memory(monkeypatch):
    """What the engine of this machine remembers. The line of the registry is all that gpuws is told of it."""
    monkeypatch.setitem(registry.KINDS, "memory", engine.__name__)
    monkeypatch.setattr(engine, "MEMORIES", {"local": engine.Memory()})
    return engine.MEMORIES["local"]


@pytest.fixture
def home(tmp_path, monkeypatch, memory):
    """The user's directory, with a hosts.yaml and a profile."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "GPUWS_", "SSH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUWS_KEEPER", "0")
    paths = find_paths(None, os.environ)
    (paths.config_dir / "profiles").mkdir(parents=True)
    (paths.config_dir / "hosts.yaml").write_text("local: {engine: memory}\n")
    (paths.config_dir / "profiles" / "job.yaml").write_text("image: none\n")
    return paths


@pytest.fixture
def fleet(home):
    """In this program; ended by whoever starts it."""
    return assemble(load_configuration(home, os.environ), home)
