"""Configurations of many hosts: aliases of the lab's, and hosts that take a connection and never say a word."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LAB_HOSTS = ("alpha", "bravo", "charlie")


def lab_directory() -> Path:
    """The lab's state; see tests/lab."""
    from tests.lab.paths import state_dir

    return state_dir()


def write_inventory(directory: Path, aliases: int, hung: int = 0, port: int = 0) -> tuple[str, ...]:
    """hosts.yaml and an ssh_config with `aliases` names for the lab's hosts and `hung` for `port` of this machine.

    Returns the aliases."""
    lab = (lab_directory() / "ssh_config").read_text()
    names = tuple(f"{LAB_HOSTS[index % 3]}-{index:03d}" for index in range(aliases))
    entries = [_entry(lab, name.partition("-")[0], name) for name in names]
    entries += [f"Host hung-{index:03d}\n  HostName 127.0.0.1\n  Port {port}\n" for index in range(hung)]
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "ssh_config"
    config.write_text("\n".join([*entries, lab[lab.index("Host *") :]]))
    hosts = "".join(f"  {name}: {{}}\n" for name in (*names, *(f"hung-{index:03d}" for index in range(hung))))
    (directory / "hosts.yaml").write_text(f"hosts:\n{hosts}local: false\nssh_config: '{config}'\n")
    return names


def _entry(config: str, host: str, alias: str) -> str:
    """The block of `host`, under another name."""
    block = config[config.index(f"Host {host}\n") :]
    return block[: block.index("\n\n")].replace(f"Host {host}", f"Host {alias}", 1) + "\n"


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        yield listener.getsockname()[1]


def environment(directory: Path, *, keeper: bool) -> dict[str, str]:
    """gpuws' own directories below `directory`; nothing of the user's is read or written."""
    runtime = directory / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GPUWS_", "XDG_", "SSH_"))}
    return kept | {
        "HOME": str(directory),
        "GPUWS_CONFIG_DIR": str(directory),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_STATE_HOME": str(directory / "state"),
        "GPUWS_KEEPER": "1" if keeper else "0",
    }


def reachable(names: Sequence[str], listing: dict[str, list[dict[str, Any]]]) -> int:
    """How many of `names` have numbers in `gpuws gpus --json`, which has a machine once, with its other names."""
    rows = [host for host in listing["hosts"] if host["state"] == "up" and host["memory_total_bytes"] is not None]
    return len({name for host in rows for name in (host["name"], *host.get("aliases", ()))} & set(names))
