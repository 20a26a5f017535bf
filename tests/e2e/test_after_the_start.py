"""What becomes of a launch once it was started, on both engines of the lab: ended at once, ready, torch tried in it."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_workspace import inspect

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
IMAGE = "image: gpuws-lab/workspace:latest\npull_policy: never\nmem_limit: 256m\n"
DIES = IMAGE + "command: [python3, -c, 'import os; print(1/0)']\nenvironment: {SECRET_OF_MINE: null}\n"
SERVES = IMAGE + "command: [sh, -c, 'sleep 0.5; exec python3 -m http.server 8123 --bind 127.0.0.1']\n"
TORCH = (
    IMAGE + "gpus: 1\ncommand: [sleep, infinity]\nenvironment: {PYTHONPATH: /fake, FAKE_GPUS: 1}\n"
    "volumes: [{source: ~/fake, target: /fake, read_only: true}]\n"
)
FAKE = (Path(__file__).parents[1] / "verify" / "fake_torch.py").read_text()


@pytest.fixture
def launch(gpuws):
    """`launch(host, profile's text, …)`: what `gpuws launch` said; what it made is removed."""
    made = set()

    def run(host, text, *words):
        (gpuws.config / "profiles" / "after.yaml").write_text(text)
        made.add(host)
        return gpuws.run("launch", "after", "-H", host, "--name", "after", *words, timeout=90)

    yield run
    for host in made:
        gpuws.run("rm", "-f", "--yes", f"{host}/after")


@pytest.mark.parametrize("host", [pytest.param("alpha", marks=pytest.mark.soak), "bravo"])
def test_what_ends_at_once_is_exit_1_with_its_last_lines(launch, host):
    done = launch(host, DIES, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.splitlines()
    (first,) = [at for at, line in enumerate(said) if f"{host}/after ended " in line]
    assert "after its start: exited 1" in said[first]
    assert f"gpuws logs {host}/after has all it wrote" in said[first]
    assert said[-1] == "gpuws: ZeroDivisionError: division by zero"
    assert inspect(host, "after")["State"]["ExitCode"] == 1


@pytest.mark.soak
def test_a_port_is_waited_for_and_what_was_seen_last_is_told(launch):
    done = launch("alpha", SERVES, "--wait-ready", "8123")
    assert (done.returncode, done.stdout) == (0, "alpha/after\n"), done.stderr
    late = launch("bravo", IMAGE + "command: [sleep, infinity]\n", "--wait-ready", "8123", "--timeout", "2")
    assert late.returncode == 1
    assert "bravo/after runs, and after " in late.stderr
    assert "nothing answers on port 8123" in late.stderr
    assert inspect("bravo", "after")["State"]["Running"]
    assert launch("alpha", SERVES, "--wait-ready", "soon").returncode == 2


def test_torch_is_tried_in_what_was_launched_and_in_what_runs(launch, gpuws):
    put = ("exec", "alpha", "--", "python3", "-c", "import os,sys; os.makedirs('fake', exist_ok=True)")
    gpuws.ok(*put)
    done = gpuws.run("exec", "-i", "alpha", "--", "sh", "-c", "cat >fake/torch.py", input=FAKE)
    assert done.returncode == 0, done.stderr
    done = launch("alpha", TORCH, "--verify", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["verification"]
    assert (found["torch"], found["cuda"], found["problem"]) == ("2.8.0+cu128", "12.8", None)
    assert [one["name"] for one in found["devices"]] == ["NVIDIA H200"]
    assert "torch 2.8.0+cu128, CUDA 12.8, 1 GPU, a matrix product on each" in done.stderr
    assert gpuws.json("verify", "alpha/after")["devices"] == [
        {**found["devices"][0], "seconds": pytest.approx(0, abs=1)}
    ]
    bare = gpuws.run("verify", "alpha/torch-dev")
    assert (bare.returncode, "has no torch — pip install torch there" in bare.stderr) == (1, True), bare.stderr
