"""gpuws wait on a real host: GPUs that come free, two that wait for them, and a keeper that is killed meanwhile."""

import json
import os
import signal

import pytest

from tests.e2e.gpuws import configured
from tests.keeper.process import User
from tests.keeper.serving import until

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
SMALL = (
    "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 256m\ncommand: [sleep, infinity]\n"
)
OURS = ("in-the-way", "waited", "kept")


@pytest.fixture
def ada(lab, tmp_path):
    text = f"hosts: {{bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    user = configured(tmp_path / "ada", text, [("small", SMALL)])
    user.ok("launch", "small", "-H", "bravo", "--gpus", "4", "--name", "in-the-way")
    yield user
    for name in OURS:
        user.run("rm", "-f", "--yes", f"bravo/{name}")


@pytest.mark.soak
def test_two_that_wait_get_gpus_of_their_own_although_their_keeper_was_killed(ada, lab):
    waiting = ada.popen("wait", "--gpus", "2", "--launch", "small", "--name", "waited", "--json", "--for", "200s")
    assert ada.ok("wait", "--gpus", "2", "--launch", "small", "--name", "kept", "--detach") == "1\n"
    assert "wait     1: small on 2 (waiting)" in ada.ok("keeper", "status")
    os.kill(User(ada.home).one(), signal.SIGKILL)
    short = ada.alone.run("wait", "--gpus", "2", "--for", "1s")
    assert (short.returncode, short.stdout) == (1, "")
    assert "in-the-way" in short.stderr
    assert waiting.poll() is None
    ada.ok("rm", "-f", "--yes", "bravo/in-the-way")
    out, errors = waiting.communicate(timeout=100)
    assert waiting.returncode == 0, errors
    made = json.loads(out)
    (kept,) = until(lambda: [one for one in ada.json("waits")["waits"] if one["state"] == "launched"], "the launch", 60)
    assert kept["detail"] == "bravo/kept"
    containers = {one["name"]: one["gpus"] for one in ada.json("ps")["containers"] if one["name"] in OURS}
    assert containers["waited"] == made["gpus"]
    assert len({*containers["waited"], *containers["kept"]}) == 4
    assert {*containers["waited"], *containers["kept"]} <= set(lab.hosts["bravo"].uuids[3:])
    assert ada.ok("waits", "cancel", "1") == "1: small as kept on 2: ended\n"
    assert ada.json("waits") == {"waits": []}
