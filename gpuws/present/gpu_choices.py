"""A host's GPUs as a picture to choose from: who lives on each, why one is rejected, which lie near one another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.slot import Slot
from gpuws.model.gpu.topology import NEARNESS, nearness
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.placement.plan import Plan
from gpuws.present import holders
from gpuws.present.figures import model
from gpuws.present.glyphs import TICKED, UNTICKED
from gpuws.present.line import Line, Span, clean, joined


@dataclass(frozen=True, slots=True)
class Cell(Slot):
    """`reason`: why the plan did not take it, "" where it had no reason."""

    ticked: bool = False
    reason: str = ""

    @property
    def mine(self) -> bool:
        return any(holder.mine for holder in (self.mig or self.gpu).held_by)


def picture(gpus: Sequence[Gpu], ticked: Collection[str], plan: Plan | None) -> tuple[Cell, ...]:
    """Instances stand for a divided GPU. `plan`: of this host, None where there is none."""
    reasons = {one.label: one.reason for one in plan.rejected if one.needed} if plan else {}
    found = []
    for gpu in gpus:
        for mig in gpu.mig_instances or (None,):
            cell = Cell(gpu, mig, (mig or gpu).uuid in ticked)
            reason = reasons.get(cell.label, "")
            found.append(Cell(gpu, mig, cell.ticked, reason if cell.free else ""))
    return tuple(found)


def cell_line(cell: Cell, *, near: bool = False) -> Line:
    """`☑ 2 free`: who lives there, so that one knows whom one joins. `near`: linked to the one under the cursor."""
    box = Span(TICKED, "key") if cell.ticked else Span(UNTICKED, "muted")
    kind = f"{clean(cell.mig.profile, 12)} " if cell.mig and cell.mig.profile else ""
    return (box, Span(f" {cell.label} ", "key" if near else "strong"), Span(kind, "muted"), _said(cell))


def _said(cell: Cell) -> Span:
    role = holders.role(cell.place)
    if cell.reason:
        return Span(f"free, {clean(cell.reason, 60)}", "muted")
    return Span(clean(_tenancy(cell), 60), role)


def about(cell: Cell, cells: Sequence[Cell]) -> Line:
    """All that matters of the one under the cursor."""
    memory = (cell.mig or cell.gpu).memory_total
    node = cell.gpu.numa_node
    links = linked(cell, cells)
    facts = [
        f"GPU {cell.label}",
        f"{model(cell.gpu.name)}{f' {clean(cell.mig.profile, 20)}' if cell.mig and cell.mig.profile else ''}",
        units.size(memory),
        None if node is None else f"NUMA {node}",
        f"NVLink {_named(links, cells)}" if links else None,
        clean(_tenancy(cell), 120),
        f"not taken: {clean(cell.reason, 120)}" if cell.reason else None,
    ]
    return (Span(joined(facts), "muted"),)


def linked(cell: Cell, cells: Sequence[Cell]) -> frozenset[str]:
    """UUIDs of the GPUs that NVLink joins to this one."""
    best = NEARNESS["NVLINK"]
    return frozenset(
        other.gpu.uuid
        for other in cells
        if other.gpu.uuid != cell.gpu.uuid and nearness(cell.gpu, other.gpu)[0] == best
    )


def _named(uuids: frozenset[str], cells: Sequence[Cell]) -> str:
    others = sorted({cell.gpu.index for cell in cells if cell.gpu.uuid in uuids})
    everybody = len({cell.gpu.uuid for cell in cells}) - 1
    return "to all others" if len(others) == everybody > 1 else ", ".join(str(index) for index in others)


def _tenancy(cell: Cell) -> str:
    return tenancy(cell.place)
