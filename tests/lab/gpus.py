"""The text file that a simulated NVML reads: `key = value` lines, and again after a `[gpu]` line for each GPU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.lab.hosts import MIB, Host
from tests.lab.paths import host_dir

FILE = "gpus.txt"
DRIVER = {"driver": "580.95.05", "nvml": "13.580.95.05", "cuda": "13000"}
BASELINE = 4 * MIB
"""What the driver says is used on an idle GPU."""
CONTEXT = 520 * MIB
"""What a CUDA context takes beside a process's own memory."""

XID, UNCORRECTED = 0x8, 0x2
"""Of NVML's types of events."""

Fields = dict[str, str]


@dataclass(slots=True)
class Table:
    """The file: what holds for the library, and every GPU's fields."""

    header: Fields = field(default_factory=dict)
    gpus: list[Fields] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Use:
    """A process on a GPU; memory in bytes, sm in percent."""

    gpu: int
    pid: int
    memory: int
    sm: int


def of_scene(host: Host, uses: Sequence[Use]) -> Table:
    """The GPUs of a host with these processes on them."""
    gpus = [_gpu(host, index, [use for use in uses if use.gpu == index]) for index in range(host.gpu_count)]
    return Table(dict(DRIVER), gpus)


def read(name: str) -> Table:
    """The file of a host as it is."""
    table = Table()
    for line in (host_dir(name) / FILE).read_text().splitlines():
        if line.startswith("[gpu"):
            table.gpus.append({})
        elif "=" in line:
            key, _, value = line.partition("=")
            (table.gpus[-1] if table.gpus else table.header)[key.strip()] = value.strip()
    return table


def write(name: str, table: Table) -> None:
    """Put the file in place in one step; the library sees it at its next call."""
    file = host_dir(name) / FILE
    wanted = text(table)
    if file.exists() and file.read_text() == wanted:
        return
    partial = file.with_suffix(".partial")
    partial.write_text(wanted)
    partial.chmod(0o644)
    partial.replace(file)


def _gpu(host: Host, index: int, uses: Sequence[Use]) -> Fields:
    assert host.gpu_model is not None
    model, busy = host.gpu_model, min(100, sum(use.sm for use in uses))
    power = model.power_idle + (model.power_limit - model.power_idle) * busy * 9 // 1000
    values = {
        "uuid": host.uuids[index],
        "name": model.name,
        "memory_total": model.memory_total,
        "memory_reserved": model.memory_reserved,
        "memory_used": BASELINE + sum(use.memory + CONTEXT for use in uses),
        "utilization": busy,
        "memory_utilization": busy * 6 // 10,
        "temperature": 31 + index % 4 + busy * 35 // 100,
        "power": power * 1000,
        "power_limit": model.power_limit * 1000,
        "clock": 1980 if busy else 345,
        "clock_max": 1980,
        "clock_memory": 2619,
        "clock_memory_max": 2619,
        "throttle": 0 if busy else 1,
        "performance_state": 0,
        "persistence": 1,
        "event_types": XID | UNCORRECTED,
        "violation_power": 0,
        "violation_thermal": 0,
        "pcie_generation": 4 if busy else 1,
        "pcie_generation_max": 4,
        "pcie_width": 16,
        "pcie_width_max": 16,
        "pcie_received": busy * 1200,
        "pcie_sent": busy * 300,
        "nvlinks": "switch:12",
        "numa": 0 if index < host.gpu_count // 2 else 1,
        "processes": ", ".join(f"{use.pid}:{use.memory}:{use.sm}" for use in uses),
    }
    return {key: str(value) for key, value in values.items()}


def text(table: Table) -> str:
    """The file with this in it."""
    lines = _lines(table.header)
    for index, gpu in enumerate(table.gpus):
        lines += ["", f"[gpu {index}]", *_lines(gpu)]
    return "\n".join(lines) + "\n"


def _lines(fields: Mapping[str, str]) -> list[str]:
    return [f"{key} = {value}" for key, value in fields.items()]
