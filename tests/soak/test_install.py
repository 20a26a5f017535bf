"""From nothing: the wheel in an empty environment, by each of the usual ways, to the first screen of the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.engine import docker, docker_argv
from tests.lab.hosts import HOSTS
from tests.shipping import ROOT, TAGGED, shipped
from tests.terminal import ScreenTerminal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(180)]
VERSION = f"gpuws {TAGGED.removeprefix('v')}"
LATE = "3.13"
"""The newest Python that we promise; Debian 13 has it."""
UV = shutil.which("uv") or str(ROOT / ".gpuws-dev/uv/bin/uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return str(shipped(tmp_path_factory.mktemp("shipped")).wheel)


def ran(*argv, **environ):
    done = subprocess.run(argv, env={**os.environ, **environ}, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_pip(wheel, folder):
    ran(sys.executable, "-m", "venv", str(folder / "venv"))
    ran(str(folder / "venv/bin/pip"), "install", "--quiet", wheel)
    return folder / "venv/bin/gpuws"


def by_pipx(wheel, folder):
    ran(sys.executable, "-m", "venv", str(folder / "venv"))
    ran(str(folder / "venv/bin/pip"), "install", "--quiet", "pipx")
    places = {"PIPX_HOME": str(folder / "home"), "PIPX_BIN_DIR": str(folder / "bin")}
    ran(str(folder / "venv/bin/pipx"), "install", wheel, **places)
    return folder / "bin/gpuws"


def by_uv(wheel, folder):
    places = {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    ran(UV, "tool", "install", "--quiet", "--python", sys.executable, wheel, **places)
    return folder / "bin/gpuws"


@pytest.mark.parametrize("install", [by_pip, by_pipx, by_uv])
def test_an_empty_environment_comes_to_the_demo(install, wheel, tmp_path):
    command = str(install(wheel, tmp_path))
    assert ran(command, "--version").strip() == VERSION
    assert "base" in ran(command, "profiles", "ls", HOME=str(tmp_path))
    shows_the_demo([command, "demo"], tmp_path)


@pytest.mark.lab
def test_debian_13_comes_to_the_demo(wheel, tmp_path, lab):
    """Its hosts reach no index: what uv fetches here for that Python is copied there."""
    target = tmp_path / "site"
    ran(
        UV, "pip", "install", "--quiet", "--python-version", LATE, "--only-binary=:all:", "--target", str(target), wheel
    )
    host, there = HOSTS["bravo"].container, "/tmp/gpuws-install"
    docker("cp", str(target), f"{host}:{there}")
    try:
        run = ["env", f"PYTHONPATH={there}", "python3", "-m", "gpuws"]
        assert docker("exec", host, "python3", "--version").startswith(f"Python {LATE}.")
        assert docker("exec", host, *run, "--version").strip() == VERSION
        assert "base" in docker("exec", host, *run, "profiles", "ls")
        shows_the_demo([*docker_argv("exec", "-it", host), *run, "demo"], tmp_path)
    finally:
        docker("exec", host, "rm", "-rf", there)


def shows_the_demo(argv, home: Path):
    with ScreenTerminal(argv, {**os.environ, "HOME": str(home), "GPUWS_KEEPER": "0"}) as terminal:
        terminal.wait_for("bravo", 60)
        terminal.press("q")
        assert terminal.wait_exit(30) == 0
