"""Jupyter servers of a host or a workspace, and their kernels with the notebook each belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    """`path`: as the server names it. `container`: the name of the one it runs in; None: on the host."""

    kernel: str  # its id, which its process has in its command line
    path: str
    port: int  # of its server
    container: str | None = None
    state: str | None = None  # idle | busy | starting | dead
    last_activity: float | None = None  # epoch seconds
