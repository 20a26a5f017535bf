"""Kernels with what they hold, as `gpuws kernels --json` prints them, and what became of an act on some. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp
from gpuws.present.documents.base import hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.errors import GpuwsError
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.ownership.kernels import Kernel
    from gpuws.present.documents.fields.kernels import ActedKernelRow, KernelRow, KernelsDocument


def kernels(snapshots: Sequence[HostSnapshot], found: Iterable[Kernel], now: float) -> KernelsDocument:
    return {"hosts": hosts(snapshots, now), "kernels": [_kernel(one) for one in found]}


def acted(kernel: Kernel, command: str, *, done: bool, error: GpuwsError | None) -> ActedKernelRow:
    return {
        "host": kernel.host,
        "container": kernel.container,
        "notebook": kernel.notebook.path if kernel.notebook else None,
        "kernel": kernel.id,
        "command": command,
        "done": done,
        "error": str(error) if error else None,
    }


def _kernel(one: Kernel) -> KernelRow:
    book = one.notebook
    return {
        "host": one.host,
        "container": one.container,
        "notebook": book.path if book else None,
        "kernel": one.id,
        "spec": book.spec if book else None,
        "port": book.port if book else None,
        "state": book.state if book else None,
        "last_activity": timestamp(book.last_activity) if book else None,
        "idle_since": timestamp(one.idle_since),
        "connections": book.connections if book else None,
        "gpu_memory_bytes": one.memory,
        "gpus": list(one.gpus),
        "owner": one.owner,
        "mine": one.mine,
    }
