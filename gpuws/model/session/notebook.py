"""Jupyter servers of a host or a workspace, and their kernels with the notebook each belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KernelAct = Literal["interrupt", "restart", "shutdown"]
"""What Jupyter's API does to a kernel."""


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """`token` is a secret: kept out of repr, logs and argv."""

    port: int
    base_url: str = "/"
    token: str = field(default="", repr=False)
    root_dir: str | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Notebook:
    """`path`: as the server names it. `container`: the name of the one it runs in; None: on the host. `spec`: the name
    of its kernel's specification, as `python3`; `connections`: browser pages and other clients that listen to it."""

    kernel: str  # its id, which its process has in its command line
    path: str
    port: int  # of its server
    container: str | None = None
    state: str | None = None  # idle | busy | starting | dead
    last_activity: float | None = None  # epoch seconds
    spec: str | None = None
    connections: int | None = None
