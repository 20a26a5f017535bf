"""A driver that takes long to start: every one-shot answer is whole, or says that it is not. This machine's agent reads
the simulated NVML."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.cli.conftest import COMMAND
from tests.keeper.conftest import short_path
from tests.keeper.process import new_user
from tests.probe.conftest import nvml, nvml_library
from tests.probe.drivers import HEADER, gpu
from tests.probe.smi.conftest import Machine
from tests.probe.smi.test_smi_replies import GPUS, WHEN, answers, row

__all__ = ["nvml", "nvml_library", "short_path"]
HERE = "hosts: {}\nlocal: {docker: {socket: /nonexistent.sock}}\ndefaults: {telemetry_interval: 1}\n"
IDLE = HEADER + gpu(memory_used=0, utilization=0)
PATIENT = ("--timeout", "60", "--json")


@pytest.fixture
def start(nvml, short_path):
    """`gpuws words…` on a machine with such a driver."""
    user = new_user(short_path, HERE)

    def begin(*words: str, keeper: str = "1") -> subprocess.Popen[str]:
        env = {**user.env, **nvml.env, "GPUWS_KEEPER": keeper}
        quiet, pipe = subprocess.DEVNULL, subprocess.PIPE
        return subprocess.Popen([COMMAND, *words], env=env, stdin=quiet, stdout=pipe, stderr=pipe, text=True)

    yield begin
    user.end()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_whole_or_said_not_to_be(start, nvml):
    nvml.write("hang = Init\n" + IDLE)
    short, partial = start("gpus", "--timeout", "2", "--json"), start("gpus", "--timeout", "2", "--allow-partial")
    long = [start("gpus", *PATIENT), start("gpus", *PATIENT, keeper="0"), start("ps", *PATIENT)]
    waits = start("wait", "--gpus", "1", "--for", "60s", "--json")
    code, out, err = ended(short)
    assert (code, json.loads(out)["hosts"][0]["gpus"]) == (3, []), err
    assert "gpuws: local: its GPUs are not read yet" in err
    assert "--timeout SECONDS waits longer" in err
    code, _, err = ended(partial)
    assert (code, "its GPUs are not read yet" in err) == (0, True)
    nvml.write(IDLE)
    for code, out, err in map(ended, long):
        assert code == 0, err
        assert "gpus" not in (host := json.loads(out)["hosts"][0]) or len(host["gpus"]) == 1
    code, out, err = ended(waits)
    assert (code, json.loads(out)["host"]) == (0, "local"), err


def test_the_first_answer_of_a_host_without_python_names_who_holds_a_gpu(short_path, tmp_path):
    """As a machine with unified memory: only the list of processes shows that it is held."""
    user = new_user(short_path, HERE.replace("local: {", "local: {python: /nonexistent, "))
    machine, alive = Machine(tmp_path), os.getpid()
    machine.record(answers(row(GPUS[0], name="NVIDIA GB10"), apps=[f"{WHEN}, {GPUS[0]}, {alive}, 19135"]))
    env = {**user.env, **machine.env, "GPUWS_KEEPER": "0"}
    done = subprocess.run([COMMAND, "gpus", *PATIENT], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    [found] = json.loads(done.stdout)["hosts"][0]["gpus"]
    assert [process["pid"] for process in found["processes"]] == [alive]
    assert found["held_by"][0]["kind"] == "process"
