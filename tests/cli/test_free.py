"""GPUs that can't be read, that work without a process, or that nobody visible uses, are free to no command."""

from __future__ import annotations

import json

from tests.cli.test_whole import ended, nvml, nvml_library, short_path, start
from tests.probe.drivers import GIB, HEADER, gpu

__all__ = ["nvml", "nvml_library", "short_path", "start"]
READS = "GetMemoryInfo_v2", "GetMemoryInfo", "GetUtilizationRates", "GetComputeRunningProcesses_v3"
CLOSED = ", ".join(f"{call}:NoPermission" for call in (*READS, "GetComputeRunningProcesses_v2"))
NOT_FREE = (gpu(0, error=CLOSED), gpu(1, memory_used=0, utilization=100), gpu(2, memory_used=60 * GIB, utilization=0))


def test_unknown_is_free_to_nobody(start, nvml):
    nvml.write(HEADER + "".join(NOT_FREE))
    asked = ["--json"], [], ["--filter", "free"], ["--filter", "unknown"]
    waits, *lists = start("wait", "--gpus", "1", "--for", "3s"), *(start("gpus", *words) for words in asked)
    (code, out, err), (_, table, _), (_, free, _), (_, unknown, _) = map(ended, lists)
    assert code == 0, err
    shut, ghost, unseen = json.loads(out)["hosts"][0]["gpus"]
    assert (shut["free"], ghost["free"], unseen["free"]) == (None, None, False)
    assert shut["reason"] == "memory, processes and utilization can't be read: no permission"
    assert (shut["memory_used_bytes"], shut["held_by"]) == (None, [])
    assert [(one["kind"], one["user"]) for one in unseen["held_by"]] == [("unseen", None)]
    words = "unknown: memory, processes", "unknown: busy without a process", "held by somebody unseen, 60G"
    for line, word in zip(table.splitlines()[1:4], words, strict=True):
        assert word in line
    assert (free.count("local"), unknown.count("local")) == (0, 2)
    code, out, err = ended(waits)
    assert (code, out) == (1, ""), err
    assert "unknown: memory, processes and utilization can't be read: no permission" in err
    nvml.write(HEADER + gpu(0, memory_used=0, utilization=0))
    code, out, err = ended(start("wait", "--gpus", "1", "--for", "30s"))
    assert code == 0, err
    assert out == "local: GPU 0 (NVIDIA H200); reservations can't be seen here\n"
    assert "free, reservations can't be seen here" in ended(start("gpus", "--filter", "free"))[1]
