"""What becomes of a container, on a hook engine of 2020 and on a CDI engine: captured, compared, made again, cloned."""

import json
import re

import pytest
import yaml

from tests.lab import docker_api

pytestmark = pytest.mark.lab
HOSTS = ["alpha", "bravo"]
NAME = "afterwards"
GPU = "--gpus", "device=3"


def inspect(host, name):
    return docker_api.call(host, "GET", f"/containers/{name}/json")


@pytest.fixture(params=["alpha", pytest.param("bravo", marks=pytest.mark.soak)])
def made(request, gpuws):
    """A container that the profile `lab` made; its host."""
    host = request.param
    gpuws.ok("launch", "lab", "-H", host, "--name", NAME, *GPU, timeout=90)
    yield host
    gpuws.run("rm", "-f", "--yes", f"{host}/{NAME}")


def profile_of(text):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def test_captured_it_makes_the_same_again(made, gpuws):
    text = gpuws.ok("profiles", "capture", f"{made}/{NAME}")
    assert "hunter2" not in text
    told = yaml.safe_load(text)
    assert told["gpus"] == 1
    assert told["environment"] == {"SECRET_OF_MINE": None}
    assert told["volumes"] == ["~/work:/workspace"]
    assert told["tmux"] == {"session": "main"}
    assert told["jupyter"]["port"] == 8888
    file = gpuws.config / "profiles" / "again.yaml"
    assert gpuws.ok("profiles", "capture", f"{made}/{NAME}", "--save", "again") == f"{file}\n"
    assert file.read_text().partition("\n")[2] == text
    gpuws.ok("profiles", "check", str(file))
    refused = gpuws.run("profiles", "capture", f"{made}/{NAME}", "--save", "again")
    assert (refused.returncode, "you have a profile again already" in refused.stderr) == (2, True)
    assert gpuws.run("profiles", "capture", f"{made}/{NAME}", "--save", "x", "--compose").returncode == 2
    before = inspect(made, NAME)
    gpuws.ok("rm", "-f", "--yes", f"{made}/{NAME}")
    gpuws.ok("launch", "again", "-H", made, "--name", NAME, *GPU, timeout=90)
    assert profile_of(gpuws.ok("profiles", "capture", f"{made}/{NAME}")) == profile_of(text)
    after = inspect(made, NAME)
    for key in ("Memory", "MemorySwap", "ShmSize", "DeviceRequests", "Init", "PortBindings"):
        assert after["HostConfig"][key] == before["HostConfig"][key], key
    for key in ("User", "Cmd", "Image", "WorkingDir"):
        assert after["Config"][key] == before["Config"][key], key
    assert hidden(after) == hidden(before)


def hidden(inspected):
    """The environment, which holds no token that would be new in every container."""
    return sorted(inspected["Config"]["Env"])


def test_a_compose_file_has_its_gpus_by_id(made, gpuws, lab):
    text = gpuws.ok("profiles", "capture", f"{made}/{NAME}", "--compose")
    assert "hunter2" not in text
    (service,) = yaml.safe_load(text)["services"].values()
    (device,) = service["deploy"]["resources"]["reservations"]["devices"]
    uuid = lab.hosts[made].uuids[3]
    assert device["device_ids"] == [uuid if made == "alpha" else f"nvidia.com/gpu={uuid}"]
    assert device.get("driver") == (None if made == "alpha" else "cdi")
    assert service["container_name"] == NAME


def test_what_drifted_is_named(made, gpuws):
    assert gpuws.json("drift", f"{made}/{NAME}")["differences"] == []
    file = gpuws.config / "profiles" / "lab.yaml"
    file.write_text(file.read_text().replace("shm_size: 256m", "shm_size: 1g").replace("gpus: 1", "gpus: 2"))
    differs = gpuws.run("drift", f"{made}/{NAME}", "--json")
    told = json.loads(differs.stdout)
    assert differs.returncode == 1  # as diff
    assert (told["target"], told["profile"]) == (f"{made}/{NAME}", "lab")
    assert {one["key"]: one["profile"] for one in told["differences"]} == {"gpus": "2", "shm_size": "1.0G"}
    assert re.search(r"shm_size +1\.0G +256M", gpuws.run("drift", f"{made}/{NAME}").stdout)


def test_without_a_profile_there_is_nothing_to_drift_from(gpuws):
    done = gpuws.run("drift", "alpha/bert")
    assert done.returncode == 1
    assert "gpuws profiles capture alpha/bert" in done.stderr


def test_made_again_it_is_the_same(made, gpuws):
    before = inspect(made, NAME)
    done = gpuws.run("recreate", f"{made}/{NAME}")
    assert done.returncode == 5
    assert "--yes" in done.stderr
    dry = gpuws.ok("recreate", f"{made}/{NAME}", "--dry-run")
    assert f"docker rename {NAME} {NAME}.old" in dry
    assert gpuws.run("--readonly", "recreate", "--yes", f"{made}/{NAME}").returncode == 5
    assert inspect(made, NAME)["Id"] == before["Id"]
    assert gpuws.ok("recreate", "--yes", f"{made}/{NAME}", timeout=90) == f"{made}/{NAME}\n"
    after = inspect(made, NAME)
    assert after["Id"] != before["Id"]
    assert after["State"]["Running"]
    assert sorted(after["Config"]["Env"]) == sorted(before["Config"]["Env"])
    labels = [{**told["Config"]["Labels"], "gpuws.task": ""} for told in (before, after)]  # which task made it differs
    assert labels[0] == labels[1]
    same = ("Binds", "Mounts", "DeviceRequests", "Memory", "MemorySwap", "ShmSize", "Ulimits", "LogConfig", "Init")
    assert {key: after["HostConfig"][key] for key in same} == {key: before["HostConfig"][key] for key in same}
    assert gpuws.json("drift", f"{made}/{NAME}")["differences"] == []
    assert not [c for c in gpuws.json("ps", "-a", made)["containers"] if c["name"].startswith(f"{NAME}.old")]


def test_somebody_else_s_needs_its_name(gpuws):
    done = gpuws.run("recreate", "alpha/bert", "--yes")
    assert done.returncode == 5
    assert "--yes-not-mine bert" in done.stderr


def test_cloned_to_another_host_it_takes_gpus_and_secrets_of_its_own(gpuws, lab):
    gpuws.ok("launch", "lab", "-H", "alpha", "--name", NAME, *GPU, timeout=90)
    try:
        plan = gpuws.json("clone", f"alpha/{NAME}", "-H", "bravo", "--dry-run")
        assert (plan["host"], plan["name"]) == ("bravo", NAME)
        assert "hunter2" not in str(plan)
        assert inspect("bravo", NAME) is None
        assert gpuws.run("--readonly", "clone", f"alpha/{NAME}", "-H", "bravo").returncode == 5
        gpuws.ok("clone", f"alpha/{NAME}", "-H", "bravo", timeout=90)
        there = inspect("bravo", NAME)
        assert "SECRET_OF_MINE=hunter2" in there["Config"]["Env"]
        assert there["Config"]["User"] == "2001:2001"
        assert there["Config"]["Labels"]["gpuws.profile"] == "lab"
        (request,) = there["HostConfig"]["DeviceRequests"]
        assert len(request["DeviceIDs"]) == 1
        assert request["DeviceIDs"][0].removeprefix("nvidia.com/gpu=") in lab.hosts["bravo"].uuids
        assert {mount["Source"] for mount in there["Mounts"]} == {"/home/alice/work"}
        assert gpuws.json("drift", f"bravo/{NAME}")["differences"] == []
    finally:
        for host in HOSTS:
            gpuws.run("rm", "-f", "--yes", f"{host}/{NAME}")


def test_a_container_of_somebody_else_s_can_be_captured(gpuws):
    told = yaml.safe_load(gpuws.ok("profiles", "capture", "alpha/bert"))
    assert told["command"] == ["python", "train.py", "--config", "bert.yaml"]
    assert told["user"] == "image"
    assert gpuws.run("profiles", "capture", "alpha/nothing").returncode == 4
    assert gpuws.run("profiles", "capture", "alpha").returncode == 2
