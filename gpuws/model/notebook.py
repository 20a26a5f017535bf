"""Jupyter kernels with the notebook each belongs to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notebook:
    """`path`: as the server names it. `container`: the name of the one it runs in; None: on the host."""

    kernel: str  # its id, which its process has in its command line
    path: str
    port: int  # of its server
    container: str | None = None
    state: str | None = None  # idle | busy | starting | dead
    last_activity: float | None = None  # epoch seconds
