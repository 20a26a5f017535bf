"""Jupyter servers of a host or a workspace, and their kernels with the notebook each belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

KernelAct = Literal["interrupt", "restart", "shutdown"]
"""What Jupyter's API does to a kernel."""


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """`token` is a secret: kept out of repr, logs and argv. `address`: where alone it listens; "": on loopback, or on
    all addresses. `socket`: the path of the unix socket on which it listens instead of `port`.

    `secure`: it speaks TLS. `password`: it lets in by a password. `recorded`: False where its process is all that is
    known of it: it wrote no record, or one that may not be read. `hub`: where people log in, if it belongs to a
    JupyterHub. `landing`: the path below `base_url` that it shows first."""

    port: int
    base_url: str = "/"
    token: str = field(default="", repr=False)
    root_dir: str | None = None
    pid: int | None = None
    address: str = ""
    socket: str = ""
    secure: bool = False
    password: bool = False
    recorded: bool = True
    hub: str | None = None
    landing: str = "lab"

    @property
    def lets_me_in(self) -> bool:
        """It can be asked: its token is known, or it asks for none."""
        return bool(self.token) or (self.recorded and not self.password and not self.hub)

    @property
    def where(self) -> str:
        """As a person names it."""
        return f"port {self.port}" if self.port else f"socket {self.socket}"

    @property
    def reached_at(self) -> tuple[str, int]:
        """What tells apart the servers of one place."""
        return self.socket or self.address, self.port


@dataclass(frozen=True, slots=True)
class Notebook:
    """`path`: as the server names it. `container`: the name of the one it runs in; None: on the host. `spec`: the name
    of its kernel's specification, as `python3`; `connections`: browser pages and other clients that listen to it."""

    kernel: str  # its id, which its process has in its command line
    path: str
    port: int | None  # of its server; None: it listens on a socket
    container: str | None = None
    state: str | None = None  # idle | busy | starting | dead
    last_activity: float | None = None  # epoch seconds
    spec: str | None = None
    connections: int | None = None


def file_of(notebook: Notebook) -> str:
    """The path of the file that is open; "" of a console, or a kernel that nothing was opened for."""
    return notebook.path if "." in notebook.path.rsplit("/", 1)[-1] and " (no " not in notebook.path else ""


def url_of(server: str, path: str) -> str:
    """What opens the notebook `path` of a server whose landing page, JupyterLab's or the classic notebook's, is at the
    URL `server`. The page itself where it is neither."""
    parts = urlsplit(server)
    for page, inner in (("/lab", "/lab/tree/"), ("/tree", "/notebooks/")):
        if path and parts.path.rstrip("/").endswith(page):
            above = parts.path.rstrip("/").removesuffix(page)
            return urlunsplit(parts._replace(path=f"{above}{inner}{quote(path)}"))
    return server
