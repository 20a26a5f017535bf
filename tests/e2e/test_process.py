"""A workspace without a container, beside containers: the same verbs, over real sshd, tmux and launch lock."""

import json

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.usefixtures("scene")]
PROFILE = """\
description: programs of the host
command: [sh, -c, 'echo "begun on $CUDA_VISIBLE_DEVICES"; sleep 300']
gpus: 1
environment: {SECRET_OF_MINE: null}
"""


@pytest.fixture
def bare(gpuws):
    (gpuws.config / "profiles" / "bare.yaml").write_text(PROFILE)
    (gpuws.config / "profiles" / "box.yaml").write_text("image: gpuws-lab/workspace:latest\npull_policy: never\n")
    yield gpuws
    gpuws.run("rm", "-f", "--yes", "alpha/one")


def listed(gpuws, name):
    found = [one for one in gpuws.json("ps", "-a", "alpha")["containers"] if one["name"] == name]
    return found[0] if found else None


def held(gpuws, uuid):
    (host,) = gpuws.json("gpus", "alpha")["hosts"]
    return next([one["name"] for one in gpu["held_by"]] for gpu in host["gpus"] if gpu["uuid"] == uuid)


def test_its_story_from_launch_to_removal(bare):
    plan = bare.json("launch", "bare", "-H", "alpha", "--name", "one", "--dry-run")
    assert "tmux new-session" in plan["command"]
    assert "hunter2" not in json.dumps(plan)
    made = bare.json("launch", "bare", "-H", "alpha", "--name", "one")
    one = listed(bare, "one")
    assert (one["engine"], one["state"], one["mine"], one["profile"]) == ("process", "running", True, "bare")
    assert one["gpus"] == made["gpus"]
    (uuid,) = one["gpus"]
    assert held(bare, uuid) == ["one"]
    two = bare.run("launch", "bare", "-H", "alpha", "--name", "two")
    assert (two.returncode, "alice: one reserved, unused" in two.stderr) == (5, True)
    boxed = bare.run("launch", "box", "-H", "alpha", "--gpus", f"device={uuid}", "--dry-run")
    assert "alice: one reserved, unused" in boxed.stdout + boxed.stderr
    assert f"begun on {uuid}" in bare.ok("logs", "alpha/one")
    assert bare.ok("exec", "alpha/one", "--", "sh", "-c", "echo $SECRET_OF_MINE $CUDA_VISIBLE_DEVICES").split() == [
        "hunter2",
        uuid,
    ]
    sessions = bare.json("tmux", "ls", "alpha")["sessions"]
    assert ("one", "main") in {(each["container"], each["name"]) for each in sessions}
    assert not [one for one in sessions if "gpuws-p-" in one["name"]]
    bare.stop_keeper()  # whoever comes later finds it again
    assert bare.run("stop", "alpha/one").returncode == 5  # nobody agreed
    assert bare.run("rm", "--yes", "alpha/one").returncode == 1  # it runs
    assert bare.run("--readonly", "stop", "--yes", "alpha/one").returncode == 5
    bare.ok("stop", "--yes", "alpha/one")
    assert listed(bare, "one")["state"].startswith("exited")
    assert held(bare, uuid) == []
    assert f"begun on {uuid}" in bare.ok("logs", "alpha/one")
    bare.ok("rm", "--yes", "alpha/one")
    assert listed(bare, "one") is None


def test_a_profile_for_another_engine_is_refused_with_what_to_write(bare):
    (bare.config / "profiles" / "boxed.yaml").write_text("engine: podman\nimage: x\n")
    done = bare.run("launch", "boxed", "-H", "alpha")
    assert done.returncode == 5
    assert "boxed is for podman, and alpha has docker, process" in done.stderr
