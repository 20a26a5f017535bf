"""Images and data from host to host over the whole road: command line, keeper, SSH, two engines of different age."""

import io
import json
import threading
import time

import pytest

from tests.engines.docker.layers import archive
from tests.lab import docker_api, faults

pytestmark = pytest.mark.lab
NAME = "gpuws-copy/e2e:1"
PROFILE = """\
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: none
mem_limit: 512m
command: [sleep, infinity]
volumes: ["gpuws-e2e-data:/home/work/data"]
"""
VOLUME = "gpuws-e2e-data"
MADE = ("alpha/e2e-data", "bravo/e2e-data", "bravo/e2e-again")


@pytest.fixture
def image(lab):
    docker_api.call("alpha", "POST", "/images/load", stream=io.BytesIO(archive(NAME, (9 << 20, 20 << 20))))
    yield NAME
    for host in ("alpha", "bravo"):
        docker_api.call(host, "DELETE", f"/images/{NAME}", query={"force": True})


@pytest.fixture
def source(lab, gpuws):
    """A container on alpha with data of mine in a volume."""
    (gpuws.config / "profiles" / "data.yaml").write_text(PROFILE)
    gpuws.ok("launch", "data", "-H", "alpha", "--name", "e2e-data")
    line = "echo kept > /home/work/data/mine && head -c 8M /dev/urandom > /home/work/data/big"
    gpuws.ok("exec", "-u", "0", "alpha/e2e-data", "--", "sh", "-c", f"{line} && chown -R 1000:1000 /home/work/data")
    yield "alpha/e2e-data"
    for one in MADE:
        gpuws.run("rm", "-f", "--yes", one)
    for host in ("alpha", "bravo"):
        docker_api.call(host, "DELETE", f"/volumes/{VOLUME}")


def ids(host):
    told = docker_api.call(host, "GET", "/images/json")
    return {name: one["Id"] for one in told for name in one["RepoTags"] or ()}


def holding(host):
    """What holds layers of an image that is on its way."""
    return docker_api.call(host, "GET", "/images/json", query={"filters": json.dumps({"label": ["gpuws.copy"]})})


@pytest.mark.soak
def test_an_image_goes_over_and_a_link_that_breaks_is_no_end(image, gpuws):
    """The keeper waits for the host and goes on; the same image is there at last, and nothing beside it."""
    breaking = threading.Timer(1.5, faults.drop_connections, ["bravo"])
    breaking.start()
    done = gpuws.run("images", "copy", NAME, "-H", "alpha", "-H", "bravo")
    breaking.join()
    assert (done.returncode, done.stdout) == (0, f"bravo: {NAME}\n"), done.stderr
    assert ids("alpha")[NAME] == ids("bravo")[NAME]
    assert holding("bravo") == []
    again = time.monotonic()
    assert gpuws.ok("images", "copy", NAME, "-H", "alpha", "-H", "bravo") == f"bravo: {NAME}\n"
    assert time.monotonic() - again < 10


def test_a_clone_brings_its_volume_and_asks_where_one_is_already(source, gpuws):
    done = gpuws.run("clone", source, "-H", "bravo", "--with-volumes")
    assert done.returncode == 0, done.stderr
    assert f"✓ data: {VOLUME} of alpha/e2e-data goes to /home/work/data" in done.stderr
    look = "cat /home/work/data/mine; stat -c '%u' /home/work/data /home/work/data/big"
    assert gpuws.ok("exec", "bravo/e2e-data", "--", "sh", "-c", look).split() == ["kept", "2001", "2001"]
    (volume,) = [one for one in gpuws.json("volumes", "ls", "bravo")["volumes"] if one["name"] == VOLUME]
    assert (volume["owner"], volume["mine"], volume["used_by"]) == ("alice", True, ["e2e-data"])
    refused = gpuws.run("clone", source, "-H", "bravo", "--name", "e2e-again", "--with-volumes")
    assert (refused.returncode, f"--yes-not-mine {VOLUME}" in refused.stderr) == (5, True)
    gpuws.ok("exec", "-u", "0", "bravo/e2e-data", "--", "sh", "-c", "echo changed > /home/work/data/mine")
    gpuws.ok("clone", source, "-H", "bravo", "--name", "e2e-again", "--with-volumes", "--yes-not-mine", VOLUME)
    assert gpuws.ok("exec", "bravo/e2e-again", "--", "cat", "/home/work/data/mine") == "kept\n"
    assert gpuws.run("volumes", "rm", VOLUME, "-H", "bravo", "--yes").returncode == 5


@pytest.mark.soak
@pytest.mark.parametrize("how", ["ctrl-c", "link"])
def test_a_clone_that_is_cut_leaves_the_host_as_it_was(source, gpuws, how):
    more = "head -c 300M /dev/urandom > /home/work/data/more"
    gpuws.ok("exec", "-u", "0", source, "--", "sh", "-c", more)
    words = ["clone", source, "-H", "bravo", "--with-volumes"]
    with gpuws.terminal(*words, columns=100, rows=30) as screen:
        screen.wait_for(rf"filling {VOLUME}: [1-9]\d*M")
        if how == "ctrl-c":
            screen.press("ctrl+c")
            assert screen.wait_exit(30) == 130
        else:
            faults.drop_connections("alpha")
            assert screen.wait_exit(60) in (1, 3)
    told = json.dumps(docker_api.call("bravo", "GET", "/volumes"))
    assert VOLUME not in told
    assert "/e2e-data" not in json.dumps(docker_api.call("bravo", "GET", "/containers/json", query={"all": True}))
