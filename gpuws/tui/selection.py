"""What is selected, and what it stands for. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.consent.facts import holds
from gpuws.model.gpu.gpu import Gpu, GpuProcess, MigInstance
from gpuws.model.gpu.slot import Slot
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import Kernel
from gpuws.model.session.session import Session
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Selection:
    """A host, and what of it the cursor is on. `mig`: an instance of `gpu`; `kernel`: with the notebook it serves.

    `marked`, `processes`, `slots`, `kernels`: containers, processes, GPUs or kernels marked for one act on all of them;
    containers and kernels may be of several hosts where a list is of all of them."""

    snapshot: HostSnapshot
    gpu: Gpu | None = None
    mig: MigInstance | None = None
    container: Workspace | None = None
    session: Session | None = None
    process: GpuProcess | None = None
    kernel: Kernel | None = None
    tunnel: Tunnel | None = None
    marked: tuple[Workspace, ...] = ()
    processes: tuple[GpuProcess, ...] = ()
    slots: tuple[Slot, ...] = ()
    kernels: tuple[Kernel, ...] = ()

    @property
    def host(self) -> str:
        return self.snapshot.name


def containers(selection: Selection) -> tuple[Workspace, ...]:
    """The containers a key may mean; none for a session of the host, all of the host for its own row."""
    snapshot = selection.snapshot
    if selection.marked:
        return selection.marked
    if selection.container is not None:
        return (selection.container,)
    if selection.session is not None:
        return tuple(c for c in snapshot.workspaces if c.name == selection.session.container)
    if selection.process is not None:
        return tuple(c for c in snapshot.workspaces if c.name == selection.process.container)
    if selection.kernel is not None:
        return tuple(c for c in snapshot.workspaces if c.name == selection.kernel.container)
    if selection.tunnel is not None:
        return tuple(c for c in snapshot.workspaces if c.place == selection.tunnel.place)
    if selection.mig is not None:
        names = {holder.name for holder in selection.mig.held_by if holder.kind != "process"}
        return tuple(c for c in snapshot.workspaces if c.name in names)
    if selection.gpu is not None:
        return tuple(c for c in snapshot.workspaces if holds(c, selection.gpu))
    return snapshot.workspaces


def launch_slots(selection: Selection) -> tuple[Slot, ...]:
    """The GPUs that a launch would be for: those that are marked, else the one the cursor is on. A divided one stands
    for none of its instances."""
    if selection.slots:
        return selection.slots
    chosen = (selection.container, selection.session, selection.process, selection.kernel, selection.tunnel)
    gpu = selection.gpu
    if gpu is None or any(each is not None for each in chosen) or (gpu.mig_instances and selection.mig is None):
        return ()
    return (Slot(gpu, selection.mig),)


def whole_host(selection: Selection) -> bool:
    """The host's own row, or a GPU nobody holds."""
    chosen = (selection.container, selection.session, selection.process, selection.kernel, selection.tunnel)
    if any(each is not None for each in chosen) or selection.marked:
        return False
    place = selection.mig or selection.gpu
    return place is None or not place.held_by


def unreachable(snapshot: HostSnapshot) -> str:
    """Why nothing can be done there now; "" when all is well."""
    if snapshot.state in (HostState.UP, HostState.STALE):
        return ""
    return snapshot.error or f"{snapshot.name} is {snapshot.state.value}"


def unchangeable(selection: Selection) -> str:
    """Why nothing may be changed there; "" when it may."""
    snapshot = selection.snapshot
    return unreachable(snapshot) or (f"{snapshot.name} is read-only" if snapshot.readonly else "")


def engine_missing(selection: Selection) -> str:
    """Why nothing can be asked of its engine; "" where that can be."""
    engine = selection.snapshot.engine
    return (engine.error or "") if engine else ""
