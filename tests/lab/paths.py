"""Where the lab keeps things. Nothing is written in the repository."""

import os
from pathlib import Path

from tests.lab.report import LabError

HERE = Path(__file__).parent
LONGEST_SOCKET = "engine/exec/containerd/containerd-debug.sock"
UNIX_SOCKET_LIMIT = 107  # sun_path of unix(7), less its closing zero


def cache_dir() -> Path:
    """What is slow to make and outlives `down`: base trees, wheels, the engine's images and volumes."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "gpuws-lab"


def state_dir() -> Path:
    """What a running lab consists of: sockets, keys, ssh_config, the configuration for gpuws."""
    chosen = os.environ.get("GPUWS_LAB_DIR")
    state = Path(chosen).absolute() if chosen else cache_dir() / "run"
    if len(os.fsencode(state / LONGEST_SOCKET)) > UNIX_SOCKET_LIMIT:
        raise LabError(f"{state} is too long for unix sockets in it: set GPUWS_LAB_DIR to a shorter directory")
    return state


def host_dir(name: str) -> Path:
    """A directory that the lab and the host both see, there as /run/gpuws-lab."""
    return state_dir() / "hosts" / name


def config_dir() -> Path:
    """A configuration of gpuws that knows the lab's hosts."""
    return state_dir() / "config"


def ssh_config() -> Path:
    """OpenSSH configuration with an alias for every host and user of the lab."""
    return state_dir() / "ssh_config"
