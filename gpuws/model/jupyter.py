"""Jupyter servers found on a host or in a container."""

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
