"""What can be done with programs of a host, and what not."""

from __future__ import annotations

from gpuws.model.workspace.engine import Caps

_NONE = "programs of a host"
CAPS = Caps(
    images=f"{_NONE} have no image",
    recipes=f"{_NONE} can't be read back into a profile",
    dial=f"{_NONE} have no engine that other programs could ask",
    storage=f"{_NONE} have no volumes: their files are the host's",
    files=f"{_NONE} have no files of their own: name the host",
    inspection=f"{_NONE} are not measured as one: see its processes",
    pause=f"{_NONE} are not held still",
    rename=f"{_NONE} keep the name that they were given",
)
HELD = frozenset(
    (
        *("command", "gpus", "mem_limit", "cpus", "working_dir", "environment", "env_file", "tmux", "ports"),
        *("activate", "labels", "init", "user", "stop_grace_period"),
    )
)
"""Keys of a profile that count."""
