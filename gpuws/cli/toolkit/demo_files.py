"""The files of the demo: a configuration as its users would have one, in a directory that goes with this program."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from gpuws.config.paths import Paths
from gpuws.fleet.demo.lab.machines import MACHINES, ME
from gpuws.model.host.host import LOCAL

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
