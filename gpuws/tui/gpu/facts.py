"""What a GPU is and how it is wired."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.alarms import same_bus
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import GpuLink
from gpuws.model.gpu.xid import called, said
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.alerts import fault_role
from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, clean, joined
from gpuws.tui.toolkit.sections import fact

_FAR = ("NVLINK", "PIX", "PXB", "PHB", "NODE", "SYS")


def identity(snapshot: HostSnapshot, gpu: Gpu) -> Iterator[Line]:
    """UUID, bus, driver, health and the faults that are known, or why none can be."""
    yield fact("model", clean(gpu.name))
    yield fact("uuid", clean(gpu.uuid))
    place = joined([clean(gpu.bus_id), None if gpu.numa_node is None else f"NUMA node {gpu.numa_node}"])
    yield fact("bus", place)
    driver = joined(
        [clean(snapshot.driver), snapshot.cuda and f"CUDA {clean(snapshot.cuda)}", snapshot.telemetry and "read by "
         + snapshot.telemetry]
    )  # fmt: skip
    yield fact("driver", driver)
    if gpu.persistence is not None:
        kept = "on" if gpu.persistence else f"{LOOK} off: the driver is loaded anew for each program"
        yield fact("persistence", kept, "text" if gpu.persistence else "warn")
    yield fact("health", gpu.health.replace("-", " "), "ok" if gpu.health == "ok" else "error")
    for xid in snapshot.xids or ():
        if same_bus(xid.bus_id, gpu.bus_id):
            yield fact(called(xid), joined([units.timestamp(xid.at), clean(said(xid))]), fault_role(xid))
    if snapshot.faults is not None and snapshot.faults.why:
        yield fact("faults", f"can't be read here: {clean(snapshot.faults.why)}", "muted")


def wiring(gpu: Gpu) -> Iterator[Line]:
    """ECC and PCIe; nothing before it was looked at."""
    detail = gpu.detail
    if detail is None:
        return
    if detail.ecc_corrected is not None or detail.ecc_uncorrected is not None:
        bad = bool(detail.ecc_uncorrected)
        text = f"{_number(detail.ecc_corrected)} corrected · {_number(detail.ecc_uncorrected)} uncorrected"
        yield fact("ECC", text, "error" if bad else "text")
    speed = _pair("gen", detail.pcie_generation, detail.pcie_generation_max)
    lanes = _pair("x", detail.pcie_width, detail.pcie_width_max, "")
    if speed or lanes:
        yield fact("PCIe", joined([speed, lanes]))
    if detail.pcie_received is not None or detail.pcie_sent is not None:
        yield fact("", f"↓ {units.size(detail.pcie_received)}/s ↑ {units.size(detail.pcie_sent)}/s")


def links(snapshot: HostSnapshot, gpu: Gpu) -> Iterator[Line]:
    """Its neighbours, the nearest first: one line for each way there is."""
    indices = {each.uuid: each.index for each in snapshot.gpus}
    groups: dict[tuple[str, int | None], list[GpuLink]] = {}
    for link in gpu.links:
        groups.setdefault((link.kind, link.lanes), []).append(link)
    for (kind, lanes), found in sorted(groups.items(), key=lambda item: (_FAR.index(item[0][0]), -(item[0][1] or 0))):
        peers = sorted(indices[link.peer] for link in found if link.peer in indices)
        name = f"{kind} ×{lanes}" if lanes else kind
        yield fact(name, "GPU " + ", ".join(map(str, peers)) if peers else "a GPU that is not shown")


def _number(value: int | None) -> str:
    return units.DASH if value is None else str(value)


def _pair(name: str, value: int | None, most: int | None, gap: str = " ") -> str | None:
    if value is None:
        return None
    return f"{name}{gap}{value}" + (f" of {most}" if most is not None and most != value else "")
