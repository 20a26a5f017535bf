"""On a real NVIDIA machine: does `gpuws gpus --json` say what `nvidia-smi` says in the same second?

Run it there with `python3 -m scripts.agree_with_nvidia_smi [SECONDS]`, best with something on the GPUs.
It prints a row a GPU and sample. It ends with status 1 when memory, names, UUIDs, limits or the processes' memory
differ, or utilization, power and temperature lie outside what nvidia-smi said just before and just after.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from typing import Any

FIELDS = (
    "uuid",
    "name",
    "memory.used",
    "memory.total",
    "utilization.gpu",
    "temperature.gpu",
    "power.draw",
    "power.limit",
)
MIB = 1 << 20


def smi(query: str, fields: tuple[str, ...]) -> list[dict[str, str]]:
    argv = ["nvidia-smi", f"--query-{query}={','.join(fields)}", "--format=csv,noheader,nounits"]
    out = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return [
        dict(zip(fields, (cell.strip() for cell in row), strict=True)) for row in csv.reader(out.splitlines()) if row
    ]


def ours() -> dict[str, Any]:
    argv = [sys.executable, "-m", "gpuws", "gpus", "local", "--json"]
    listing = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    return {gpu["uuid"]: gpu for gpu in listing["hosts"][0]["gpus"]}


def differences(gpu: dict[str, Any], before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What `gpu` says that nvidia-smi did not, allowing for what moved between its two answers."""
    found = []
    if gpu["name"] != before["name"]:
        found.append(f"name {gpu['name']} / {before['name']}")
    for key, field, scale, slack in (
        ("memory_used_bytes", "memory.used", MIB, 64),
        ("memory_total_bytes", "memory.total", MIB, 1),
        ("utilization_percent", "utilization.gpu", 1, 5),
        ("temperature_celsius", "temperature.gpu", 1, 1),
        ("power_watts", "power.draw", 1, 40),
        ("power_limit_watts", "power.limit", 1, 0.1),
    ):
        low, high = sorted((float(before[field]), float(after[field])))
        value = gpu[key] / scale
        if not low - slack <= value <= high + slack:
            found.append(f"{field} {value:.1f}, nvidia-smi {low:g}…{high:g}")
    return found


def process_differences(gpus: dict[str, Any]) -> list[str]:
    theirs = {
        (row["gpu_uuid"], int(row["pid"])): float(row["used_memory"])
        for row in smi("compute-apps", ("gpu_uuid", "pid", "used_memory"))
    }
    mine = {(uuid, p["pid"]): p["memory_bytes"] / MIB for uuid, gpu in gpus.items() for p in gpu["processes"]}
    if theirs.keys() != mine.keys():
        return [f"processes {sorted(mine)}, nvidia-smi {sorted(theirs)}"]
    return [
        f"pid {key[1]}: {mine[key]:.0f} MiB / {theirs[key]:.0f}" for key in mine if abs(mine[key] - theirs[key]) > 64
    ]


def main() -> int:
    until = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 20)
    bad = samples = 0
    while time.monotonic() < until:
        before = {row["uuid"]: row for row in smi("gpu", FIELDS)}
        gpus = ours()
        after = {row["uuid"]: row for row in smi("gpu", FIELDS)}
        wrong = [] if gpus.keys() == before.keys() else [f"GPUs {sorted(gpus)} / {sorted(before)}"]
        wrong += process_differences(gpus)
        for uuid, gpu in gpus.items():
            wrong += differences(gpu, before[uuid], after[uuid])
            used, load = gpu["memory_used_bytes"] // MIB, gpu["utilization_percent"]
            held = ", ".join(f"{h['user']}: {h['name']}" for h in gpu["held_by"]) or "free"
            watts, degrees = gpu["power_watts"], gpu["temperature_celsius"]
            print(f"GPU {gpu['index']}: {used} MiB {load}% {degrees}°C {watts:.0f} W, {held}")
        samples += 1
        bad += bool(wrong)
        for line in wrong:
            print("DIFFERS", line)
    print(f"{samples} samples, {bad} with differences")
    return 1 if bad or not samples else 0


if __name__ == "__main__":
    sys.exit(main())
