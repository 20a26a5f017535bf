"""A real JupyterLab, installed once into a cache of the user's."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

VERSION = "jupyterlab>=4,<5"


@pytest.fixture(scope="session")
def jupyter_bin():
    """The folder of its programs; skipped where pip can't install it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gpuws-tests"
    folder = cache / f"jupyter-{sys.version_info.major}.{sys.version_info.minor}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            install(folder)
    return folder / "bin"


def install(folder: Path) -> None:
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", VERSION],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"JupyterLab can't be installed here: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "complete").touch()
