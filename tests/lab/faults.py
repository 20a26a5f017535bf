"""Handles for tests: break a host, look inside it, put it back as it was."""

from collections.abc import Mapping
from pathlib import Path

from tests.lab import docker_api, gpus, keys, lifecycle, machines, scene
from tests.lab.engine import docker
from tests.lab.hosts import HOSTS
from tests.lab.machines import Process, processes, run
from tests.lab.paths import state_dir

__all__ = [
    "Process",
    "black_hole",
    "drop_connections",
    "kill_sshd",
    "let_through",
    "new_host_key",
    "pause",
    "processes",
    "reset",
    "restore_host_key",
    "run",
    "set_gpus",
    "start_engine",
    "start_sshd",
    "stop_engine",
    "unpause",
]

NETWORK = (("INPUT", "-i"), ("OUTPUT", "-o"))
"""iptables' chains, and how each names the network that a host is reached by."""


def pause(host: str) -> None:
    """Freeze every process of a host: TCP connects, nothing answers."""
    docker("pause", HOSTS[host].container)


def unpause(host: str) -> None:
    """Thaw a paused host; one that is not paused stays as it is."""
    if machines.state(HOSTS[host]) == "paused":
        docker("unpause", HOSTS[host].container)


def black_hole(host: str) -> None:
    """Drop every packet to and from a host: nothing is refused and nothing ends, it is only silent."""
    for chain, way in NETWORK:
        run(host, ["iptables", "-I", chain, way, "eth0", "-j", "DROP"])


def let_through(host: str) -> None:
    """Drop nothing more."""
    for chain, way in NETWORK:
        while not run(host, ["iptables", "-D", chain, way, "eth0", "-j", "DROP"], check=False).returncode:
            continue


def kill_sshd(host: str) -> None:
    """End sshd with every connection; then nothing listens until `start_sshd`."""
    _kill(host, _sshd(host, listener=True), "KILL")
    _end_connections(host)


def drop_connections(host: str) -> None:
    """End every SSH connection; sshd takes new ones."""
    listener = _sshd(host, listener=True)
    _kill(host, listener, "STOP")  # nobody comes back before everybody is gone
    try:
        _end_connections(host)
    finally:
        _kill(host, listener, "CONT")


def start_sshd(host: str) -> None:
    """Start sshd, if it is not there, and wait for it."""
    if not _sshd(host, listener=True):
        run(host, ["/usr/sbin/sshd", "-E", "/var/log/sshd.log"])
    machines.await_sshd(HOSTS[host])


def new_host_key(host: str) -> None:
    """Let sshd answer with a key that known_hosts does not vouch for; connections that are there stay."""
    other = state_dir() / "keys" / f"other_host_{host}_ed25519"
    keys.make_key(other, host)
    _serve(host, other)


def restore_host_key(host: str) -> None:
    """Let sshd answer with the key of known_hosts again."""
    _serve(host, keys.host_key(host))


def stop_engine(host: str) -> None:
    """Stop the host's Docker Engine, and with it its containers."""
    run(host, ["lab-engine", "stop"])


def start_engine(host: str) -> None:
    """Start the host's Docker Engine, if it is not there, and await it; its containers stay stopped until `reset`."""
    if not docker_api.answers(host):
        run(host, ["lab-engine", "start"])
        machines.await_services(HOSTS[host])


def set_gpus(host: str, changes: Mapping[int, Mapping[str, object] | None] | None = None, **header: object) -> None:
    """Change what the simulated NVML of a host says, from its next call on.

    `changes` maps an index to fields (README.md lists them), or to None for a GPU that is gone; `header` holds
    `driver`, `cuda`, `init`, `error`, `hang` of the library itself. Fields that are not named keep their values.
    """
    table = gpus.read(host)
    table.header.update({key: str(value) for key, value in header.items()})
    for index, fields in (changes or {}).items():
        table.gpus[index].update({key: str(value) for key, value in (fields or {}).items()})
    gone = {index for index, fields in (changes or {}).items() if fields is None}
    table.gpus = [gpu for index, gpu in enumerate(table.gpus) if index not in gone]
    gpus.write(host, table)


def reset(host: str) -> None:
    """Put a host back: its container, host key, sshd and engine, the scene and nothing else, the GPUs' figures."""
    machine = HOSTS[host]
    unpause(host)
    if machines.state(machine) == "running":
        restore_host_key(host)
        start_sshd(host)
        if machine.has_engine:
            start_engine(host)
        scene.strip(machine)
    lifecycle.start(machine)


def _serve(host: str, key: Path) -> None:
    """Let sshd, where it runs, read its configuration and keys again; with this key among them."""
    keys.install_host_key(host, key)
    served = machines.served_key(HOSTS[host])
    if served is not None and served != keys.public_part(key):
        _kill(host, _sshd(host, listener=True), "HUP")
        machines.await_sshd(HOSTS[host])


def _sshd(host: str, *, listener: bool) -> list[int]:
    """sshd itself, or the processes of its connections (`sshd:` or, from OpenSSH 9.8 on, `sshd-session:`)."""
    found = [
        process for process in processes(host) if process.args.startswith(("sshd: ", "sshd-session: ", "sshd-auth: "))
    ]
    return [process.pid for process in found if ("[listener]" in process.args) == listener]


def _end_connections(host: str) -> None:
    """Until none is left: a login that has just succeeded forks one more process, which lives on without its parent."""
    while pids := _sshd(host, listener=False):
        _kill(host, pids, "KILL")


def _kill(host: str, pids: list[int], signal: str) -> None:
    if pids:
        run(host, ["sh", "-c", f"kill -{signal} {' '.join(map(str, pids))}"], check=False)
