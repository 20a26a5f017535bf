"""run: an image with docker's flags, launched as a profile is, on both engines of the lab."""

from contextlib import suppress

import pytest

from tests.e2e.test_workspace import inspect
from tests.lab import docker_api
from tests.lab.report import LabError

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
IMAGE = "gpuws-lab/workspace:latest"


@pytest.fixture
def run(gpuws):
    """`run(host, words…)`: what `gpuws run` said; what it made is removed."""
    made = set()

    def run(host, *words):
        made.add(host)
        return gpuws.run("run", "-H", host, "--name", "ran", "--pull", "never", *words, timeout=90)

    yield run
    for host in made:
        gpuws.run("rm", "-f", "--yes", f"{host}/ran")


@pytest.mark.parametrize("host", ["alpha", "bravo"])
def test_it_is_made_as_docker_s_own_program_would(run, gpuws, host):
    words = (
        "--rm",
        "--gpus",
        "1",
        "-m",
        "256m",
        "-e",
        "TOKEN=hunter2",
        "-v",
        "/tmp:/mnt:ro",
        "--shm-size=64m",
        "-w",
        "/mnt",
    )
    done = run(host, *words, IMAGE, "sleep", "300")
    assert (done.returncode, done.stdout) == (0, f"{host}/ran\n"), done.stderr
    assert "hunter2" not in done.stderr
    assert "auto_remove: once it ends or is stopped the engine removes it" in done.stderr
    made = inspect(host, "ran")
    assert made["Config"]["Cmd"] == ["sleep", "300"]
    assert (made["Config"]["User"], made["Config"]["WorkingDir"]) == ("", "/mnt")
    assert "TOKEN=hunter2" in made["Config"]["Env"]
    assert "gpuws.profile" not in made["Config"]["Labels"]
    host_config = made["HostConfig"]
    assert (host_config["AutoRemove"], host_config["Memory"], host_config.get("Init")) == (True, 256 << 20, None)
    assert len(host_config["DeviceRequests"][0]["DeviceIDs"]) == 1
    assert gpuws.run("kill", "--yes", f"{host}/ran").returncode == 0
    with suppress(LabError):  # it may be gone already
        docker_api.call(host, "POST", "/containers/ran/wait", query={"condition": "removed"})
    assert inspect(host, "ran") is None


def test_what_ends_at_once_and_is_removed_says_so(run):
    done = run("bravo", "--rm", IMAGE, "sh", "-c", "echo it went wrong; exit 3")
    assert done.returncode == 1
    assert "exited 3" in done.stderr
    well = run("bravo", "--rm", IMAGE, "true")
    assert (well.returncode, well.stdout) == (0, "bravo/ran\n")
    assert "it is gone, as --rm says" in well.stderr
