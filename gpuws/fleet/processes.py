"""Processes and kernels as the GPUs of a host show them, for who wants to end one."""

from __future__ import annotations

from gpuws.model.errors import Refused, TargetError
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.host.snapshot import HostSnapshot


def find_process(snapshot: HostSnapshot, pid: int) -> GpuProcess:
    """TargetError where no GPU of the host shows it."""
    for gpu in snapshot.gpus:
        for process in gpu.processes:
            if process.pid == pid:
                return process
    raise TargetError(f"no process {pid} holds a GPU of {snapshot.name}", "it may have ended just now")


def not_mine(host: str, process: GpuProcess) -> Refused:
    """What the system says to who may not signal it."""
    whose = process.user or "somebody else"
    return Refused(f"process {process.pid} on {host} is not yours: no permission", f"it belongs to {whose}: ask them")


def no_token(host: str, kernel: str) -> Refused:
    """No server that would do what is asked with it tells of the kernel."""
    return Refused(
        f"no Jupyter server on {host} whose token is at hand has the kernel {kernel[:8]}",
        "it ended, an editor runs it, or its holder must do it: gpuws kernels message writes to them",
    )
