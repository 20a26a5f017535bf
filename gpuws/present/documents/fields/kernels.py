"""What the documents of kernels hold."""

from __future__ import annotations

from typing import TypedDict

from gpuws.present.documents.fields.base import HostRow, Time


class KernelRow(TypedDict):
    """A Jupyter kernel."""

    host: str
    container: str | None
    """null: it runs on the host itself."""
    notebook: str | None
    """Its path, as its server names it; of one without a notebook its specification. null: no server whose token is at
    hand tells of it."""
    kernel: str
    """Its id."""
    spec: str | None
    """Its specification, `python3`."""
    port: int | None
    """Of its server."""
    state: str | None
    """`idle`, `busy`, `starting`, `restarting`, `autorestarting`, `dead`."""
    last_activity: Time | None
    idle_since: Time | None
    """null: it works, or that can't be told."""
    connections: int | None
    """Pages and other clients that listen to it."""
    gpu_memory_bytes: int | None
    """Of all GPUs that are seen; 0: no process of it is on one."""
    gpus: list[int]
    """Their indexes."""
    owner: str | None
    mine: bool


class KernelsDocument(TypedDict):
    """Kernels of my Jupyter servers, of those whose tokens are at hand, and those that hold a GPU."""

    hosts: list[HostRow]
    kernels: list[KernelRow]


class ActedKernelRow(TypedDict):
    """What was to be done to a kernel."""

    host: str
    container: str | None
    notebook: str | None
    kernel: str
    command: str
    done: bool
    """false with an error, and with `--dry-run`."""
    error: str | None


class ActedKernelsDocument(TypedDict):
    """What became of kernels that were interrupted, restarted or shut down."""

    kernels: list[ActedKernelRow]
