"""A real JupyterLab, installed once into a cache of the user's, and one that runs."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gpuws.jupyter.servers import find_servers
from tests.keeper.serving import until
from tests.probe.local_place import LocalPlace

TOKEN = "secret-token-of-the-test"
UNSET = {"JUPYTER_RUNTIME_DIR": None, "JUPYTER_DATA_DIR": None, "XDG_DATA_HOME": None}
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


def found(place, **options):
    """Those of the test: others of this machine may be mine, too."""
    return [one for one in find_servers(place, **options) if one.pid in place.pids]


@pytest.fixture(scope="session")
def lab(jupyter_bin, tmp_path_factory):
    """A running JupyterLab under a base URL, and the place in which it runs. Who starts kernels ends them."""
    home = tmp_path_factory.mktemp("lab")
    env = {"HOME": str(home), "JUPYTER_TOKEN": TOKEN, "PATH": f"{jupyter_bin}:{os.environ['PATH']}"}
    place = LocalPlace({**UNSET, **env})
    command = ["jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command += ["--ServerApp.base_url=/user/ann/", f"--ServerApp.root_dir={home}"]
    with subprocess.Popen(place.words(command), cwd=home, stderr=subprocess.PIPE, text=True) as child:
        said = []
        drain = threading.Thread(target=lambda: said.extend(child.stderr), daemon=True)
        drain.start()
        place.pids = {child.pid}

        def written():
            assert child.poll() is None, f"JupyterLab did not start: {''.join(said)}"
            return [*home.rglob("jpserver-*-open.html")]

        try:
            until(written, "what it writes last", 60)
            until(lambda: any(one.recorded for one in found(place)), "only then it begins to listen", 60)
            yield place
        finally:
            child.terminate()
            child.wait(20)
            drain.join(10)
