"""What nvidia-smi replied on machines of public reports, through the script and what reads it."""

import pytest

from gpuws.model.gpu.fault import Fault
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import join_gpus
from gpuws.probe.smi.script import FULL

MIB, GIB = 1 << 20, 1 << 30
WHEN = "2026/11/21 08:00:00.000"
ORIN = "54d0709b-558d-5a59-9c65-0c5fc14a21a4"
GPUS = [f"GPU-{index:08d}-2222-3333-4444-555555555555" for index in range(3)]
MISMATCHED = ("Failed to initialize NVML: Driver/library version mismatch", "NVML library version: 580.178")
NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
FAILED = "Failed to initialize NVML: Unknown Error"
LOOP = 'case "$*" in *" -l "*) exec sleep 60;; esac'


def row(uuid, **fields):
    """Of the full query; what is left out is [N/A]. Names of fields have _ for the dot."""
    told = {"timestamp": WHEN, "count": "1", "index": "0", "uuid": uuid} | {
        key.replace("__", "."): value for key, value in fields.items()
    }
    return ", ".join(told.get(field, "[N/A]") for field in FULL)


def answers(*gpus, apps=(), listing=""):
    """A program that has these rows for the full query, and goes on in its loop."""
    replies = {"gpus": gpus, "apps": apps, "-L": [listing.rstrip()] if listing else []}
    cases = [f"{asked}) cat <<'END'\n" + "\n".join([*told, "END", ";;"]) for asked, told in replies.items()]
    return "\n".join(["case $asked in", *cases, "esac", LOOP])


def first(watched):
    """The first reading that says it is whole, or that there is nothing to wait for."""
    return watched.reading(lambda reading: reading.coverage != "waiting")


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("reply", "kind", "words", "coverage"),
    [
        (
            "printf '%s\\n' '{}' '{}'; exit 18".format(*MISMATCHED),
            "reboot-pending",
            f"driver upgraded, reboot pending; running jobs unaffected ({'; '.join(MISMATCHED)})",
            "failed",
        ),
        (f"echo '{FAILED}'; exit 255", "other", f"the NVIDIA driver does not start ({FAILED})", "failed"),
        (f'echo "{NO_DRIVER}"; exit 9', "not-loaded", f"NVIDIA driver not loaded ({NO_DRIVER})", "none"),
        (
            "echo 'Failed to initialize NVML: Insufficient Permissions'; exit 4",
            "no-permission",
            "no permission to use the NVIDIA driver (Failed to initialize NVML: Insufficient Permissions)",
            "none",
        ),
        ("echo 'nvidia-smi: killed by policy'; exit 1", "other", "nvidia-smi: nvidia-smi: killed by policy", "failed"),
    ],
)
def test_a_failure_of_the_driver_is_no_failure_of_its_gpus(machine, watch, reply, kind, words, coverage, listed):
    if listed:
        machine.list_gpu("0000:01:00.0", GPUS[0], "NVIDIA H100")
    machine.record(reply)
    reading = first(watch())
    if listed and "killed" in reply:  # no word of the driver: what is known is that the kernel lists a GPU
        assert [(gpu.health, gpu.error) for gpu in reading.gpus] == [("error", f"nvidia-smi says {words[12:]}")]
        return
    assert (reading.source, reading.coverage, reading.error) == (None, coverage, Fault(kind, words))
    assert reading.gpus == ()


def test_a_jetson_is_one_gpu_whose_figures_are_unknown(machine, watch):
    silent = {"memory__used": "[Not Supported]", "memory__total": "[Not Supported]"}
    machine.record(answers(row(ORIN, name="Orin (nvgpu)", **silent)))
    reading = first(watch())
    [gpu] = reading.gpus
    assert (gpu.uuid, gpu.name, gpu.index, gpu.health, gpu.error) == (ORIN, "Orin (nvgpu)", 0, "ok", None)
    assert (gpu.utilization, gpu.temperature, gpu.power, gpu.bus_id) == (None, None, None, None)
    assert (gpu.unified, reading.driver) == (True, None)  # its memory is the machine's
    [shown] = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert shown.availability.state == "unknown"


@pytest.mark.parametrize("run", range(5))
def test_the_first_answer_has_all_of_it_every_time(machine, watch, sleeper, run):
    gb10 = row(GPUS[0], count="2", name="NVIDIA GB10", utilization__gpu="0", pci__bus_id="0000000F:01:00.0")
    closed = {"memory__used": "[Insufficient Permissions]", "memory__total": "[Insufficient Permissions]"}
    mig = row(GPUS[1], count="2", index="1", name="NVIDIA H100", mig__mode__current="Enabled", **closed)
    listing = f"GPU 1: NVIDIA H100 (UUID: {GPUS[1]})\n" + "".join(
        f"  MIG 1g.10gb     Device  {index}: (UUID: MIG-aaaa-{index})\n" for index in range(2)
    )
    machine.record(answers(gb10, mig, apps=[f"{WHEN}, {GPUS[0]}, {sleeper.pid}, 19135"], listing=listing))
    reading = first(watch())
    [held, divided] = reading.gpus
    assert held.unified
    assert [(one.pid, one.gpu_uuid, one.memory) for one in reading.processes] == [(sleeper.pid, GPUS[0], 19135 * MIB)]
    assert reading.processes[0].user
    assert reading.processes[0].command.endswith("train.py")
    assert [(one.uuid, one.profile) for one in divided.mig] == [("MIG-aaaa-0", "1g.10gb"), ("MIG-aaaa-1", "1g.10gb")]
    assert (divided.memory_used, divided.unified) == (None, False)
    shown = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert [gpu.availability.state for gpu in shown] == ["held", "unknown"]  # never free: nothing of it can be read


def test_a_lost_gpu_among_others(machine, watch):
    told = {"count": "3", "name": "NVIDIA H100", "memory__used": "5", "memory__total": "81559", "utilization__gpu": "0"}
    rows = [row(GPUS[at], **{**told, "index": str(at), "pci__bus_id": f"00000000:0{at + 1}:00.0"}) for at in range(3)]
    lost = ", ".join("00000000:02:00.0" if field == "pci.bus_id" else "[GPU is lost]" for field in FULL)
    machine.record(answers(rows[0], lost, rows[2]))
    found = first(watch()).gpus
    assert [(gpu.index, gpu.health, gpu.bus_id) for gpu in found] == [
        (0, "ok", "0000:01:00.0"),
        (1, "lost", "0000:02:00.0"),
        (2, "ok", "0000:03:00.0"),
    ]
    assert [gpu.uuid for gpu in found] == [GPUS[0], "unknown-1", GPUS[2]]
