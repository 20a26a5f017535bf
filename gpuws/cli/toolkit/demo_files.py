"""The files of the demo: a configuration as its users would have one, in a directory that goes with this program."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpuws.config.paths import Paths
from gpuws.fleet.demo.lab.machines import MACHINES, ME
from gpuws.model.host.host import LOCAL

if TYPE_CHECKING:
    from gpuws.model.host.ran import Means

ALIASES = ("hotel", "gpu-01", "gpu-02")
"""In its SSH configuration, and not yet in its hosts.yaml."""


@functools.cache
def demo_paths() -> Paths:
    """Commands may read and write there as they do in a home: nothing of it outlives this program."""
    root = Path(tempfile.mkdtemp(prefix="gpuws-demo-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    paths = Paths(root / "config", root / "state", root / "run")
    paths.config_dir.mkdir()
    ssh_config = root / "ssh_config"
    ssh_config.write_text("".join(f"Host {name}\n  HostName {name}.lab.example\n" for name in ALIASES))
    machines = [one for one in MACHINES if one.name != LOCAL]
    lines = [f"  {m.name}: {{address: {ME}@{m.name}.lab.example, tags: [{', '.join(m.tags)}]}}" for m in machines]
    paths.hosts_file.write_text("\n".join(["hosts:", *lines, f"ssh_config: {ssh_config}", ""]))
    paths.config_file.write_text(f"me: [{ME}]\n")
    return paths


def write_demo_log(path: Path) -> None:
    """What gpuws would have done on each of its machines in the last minutes."""
    from gpuws.model.host.ran import Ran, line_of

    now, lines = time.time(), []
    for machine in MACHINES:
        user = ME if machine.name != LOCAL else ""

        def at(ago: float, means: Means, what: str, host: str = machine.name, user: str = user, **more: Any) -> None:
            lines.append(Ran(now - ago, host, user, means, what, **more))

        if user:
            at(610, "login", f"{machine.name}.lab.example:22", seconds=0.31)
        at(609, "command", "sh -c 'import sys,zlib' gpuws-probe", run=machine.name, begun=True)
        at(609, "forward", "/var/run/docker.sock", seconds=0.02)
        at(608, "request", "GET /version", status=200, seconds=0.01)
        at(608, "request", "GET /containers/json", status=200, seconds=0.02)
        at(577, "request", "GET /containers/json", status=200, seconds=0.02, times=18, until=now - 20)
        at(95, "terminal", "tmux -u new-session -A -s main", status=0, seconds=41.2)
        at(40, "command", "hostname", status=0, seconds=0.04)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line_of(ran)}\n" for ran in lines))
