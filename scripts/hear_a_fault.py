"""On a real NVIDIA machine: does an ordinary user's agent hear of a fault, and how soon?

Run it there as root with `python3 -m scripts.hear_a_fault [USER] [GPU]` (USER: nobody); pynvml is all that it needs.
The agent's own reading runs as that user, and so does a program that writes where it may not. It prints what can be
heard there, what was, how long after the program's end, and what listening costs. It ends with status 1 where nothing
was heard within ten seconds."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from typing import Any

from gpuws.probe.agent.faults.sources import Sources
from gpuws.probe.agent.gpu import Turn
from gpuws.probe.agent.nvml import Nvml
from gpuws.probe.agent.programs import Programs

EVERY = 2.0  # seconds between two readings, as the agent has it
PATIENCE = 10.0
CALLS = 1000
PTX = b"""
.version 7.0
.target sm_52
.address_size 64
.visible .entry astray()
{
    .reg .u64 %a<2>;
    mov.u64 %a1, 64;
    st.global.u32 [%a1], 1;
    ret;
}
"""


def astray(gpu: int) -> None:
    """Write to an address that is nobody's: Xid 31."""
    import ctypes

    from scripts.gpu_load import Cuda

    cuda, module, function = Cuda(gpu), ctypes.c_void_p(), ctypes.c_void_p()
    cuda.call("cuModuleLoadData", ctypes.byref(module), PTX)
    cuda.call("cuModuleGetFunction", ctypes.byref(function), module, b"astray")
    cuda.call("cuLaunchKernel", function, 1, 1, 1, 1, 1, 1, 0, None, None, None)
    cuda.call("cuCtxSynchronize")


def become(user: str) -> None:
    """For good: with no group but its own."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def programs() -> Any:
    return Programs(os.environ.get("PATH", os.defpath), "/nonexistent")  # type: ignore[no-untyped-call]


def cost(nvml: Any) -> float:
    """Microseconds of a look where nothing came."""
    began = time.perf_counter()
    for _ in range(CALLS):
        nvml.events.read()
    return (time.perf_counter() - began) / CALLS * 1e6


def main(user: str, gpu: int) -> int:
    become(user)
    turn_of: Any = Turn
    nvml: Any = Nvml()  # type: ignore[no-untyped-call]  # runs on Python 3.6, too
    sources: Any = Sources(nvml.events)  # type: ignore[no-untyped-call]
    rows = nvml.read(turn_of(-1, 0))["gpus"]
    sources.read_log(programs)
    print(f"as {user}, uid {os.getuid()}: {sources.told()}")
    print(f"bus {rows[gpu]['bus_id']}, a look {cost(nvml):.1f} µs")
    done = subprocess.run([sys.executable, "-m", "scripts.hear_a_fault", "--astray", str(gpu)], check=False)
    ended, turn = time.time(), 0
    print(f"the program ended with {done.returncode}")
    while time.time() < ended + PATIENCE and not sources.told()["xids"]:
        turn += 1
        nvml.read(turn_of(turn - 1, turn))
        if sources.news():
            sources.read_log(programs)
        if not sources.told()["xids"]:
            time.sleep(EVERY)
    heard = sources.told()["xids"]
    print(f"{time.time() - ended:.2f} s after its end: {heard}")
    nvml.read(turn_of(29, 30))
    time.sleep(EVERY)
    print("held:", [row.get("throttled") for row in nvml.read(turn_of(59, 60))["gpus"]])
    return not heard


if __name__ == "__main__":
    if "--astray" in sys.argv:
        astray(int(sys.argv[-1]))
    else:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "nobody", int(sys.argv[2]) if len(sys.argv) > 2 else 0))
