"""GPUs that can't be read, that work without a process, or that nobody visible uses, are free to no command."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.cli.conftest import COMMAND
from tests.keeper.conftest import short_path
from tests.keeper.process import new_user
from tests.probe.conftest import nvml, nvml_library
from tests.probe.drivers import GIB, HEADER, gpu

__all__ = ["nvml", "nvml_library", "short_path"]
HERE = "hosts: {}\nlocal: {docker: {socket: /nonexistent.sock}}\ndefaults: {telemetry_interval: 1}\n"
READS = "GetMemoryInfo_v2", "GetMemoryInfo", "GetUtilizationRates", "GetComputeRunningProcesses_v3"
CLOSED = ", ".join(f"{call}:NoPermission" for call in (*READS, "GetComputeRunningProcesses_v2"))
NOT_FREE = (gpu(0, error=CLOSED), gpu(1, memory_used=0, utilization=100), gpu(2, memory_used=60 * GIB, utilization=0))


@pytest.fixture
def start(nvml, short_path):
    """`gpuws words…` on a machine with such a driver."""
    user = new_user(short_path, HERE)

    def begin(*words):
        env, pipe = {**user.env, **nvml.env}, subprocess.PIPE
        return subprocess.Popen([COMMAND, *words], env=env, stdout=pipe, stderr=pipe, text=True)

    yield begin
    user.end()


@pytest.fixture
def say(start):
    return lambda *words: ended(start(*words))


def ended(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_unknown_is_free_to_nobody(start, say, nvml):
    nvml.write(HEADER + "".join(NOT_FREE))
    waits = start("wait", "--gpus", "1", "--for", "3s")
    code, out, err = say("gpus", "--json")
    assert code == 0, err
    shut, ghost, unseen = json.loads(out)["hosts"][0]["gpus"]
    assert (shut["free"], ghost["free"], unseen["free"]) == (None, None, False)
    assert shut["reason"] == "memory, processes and utilization can't be read: no permission"
    assert (shut["memory_used_bytes"], shut["held_by"]) == (None, [])
    assert [(one["kind"], one["user"]) for one in unseen["held_by"]] == [("unseen", None)]
    table = say("gpus")[1]
    words = "unknown: memory, processes", "unknown: busy without a process", "held by somebody unseen, 60G"
    for line, word in zip(table.splitlines()[1:4], words, strict=True):
        assert word in line
    assert "local" not in say("gpus", "--filter", "free")[1]
    assert say("gpus", "--filter", "unknown")[1].count("local") == 2
    code, out, err = ended(waits)
    assert (code, out) == (1, ""), err
    assert "unknown: memory, processes and utilization can't be read: no permission" in err
    nvml.write(HEADER + gpu(0, memory_used=0, utilization=0))
    code, out, err = say("wait", "--gpus", "1", "--for", "30s")
    assert code == 0, err
    assert out == "local: GPU 0 (NVIDIA H200); reservations can't be seen here\n"
    assert "free, reservations can't be seen here" in say("gpus", "--filter", "free")[1]
