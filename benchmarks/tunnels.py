"""What goes through tunnels, to what goes through `ssh -L`, on the lab: bytes a second of a download, and the time from
connecting to the first byte of an answer; to a host, to a container, and into one whose server listens on its own
loopback alone. The keeper holds gpuws' links. Runs are interleaved; medians are compared.

    python -m benchmarks.tunnels [RUNS]
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.startup import GPUWS
from tests.lab import docker_api
from tests.lab.fixture import up

HOST = "alpha"
PORT = 7099
DOWNLOAD = 192 << 20  # bytes
OPENED = 60  # connections a run, of which the median counts
PATIENCE = 30.0  # seconds
SERVER = """
import os, socket, struct, sys, threading
def serve(sock):
    left = struct.unpack(">Q", sock.recv(8, socket.MSG_WAITALL))[0]
    data = bytes(1 << 20)
    while left:
        left -= sock.send(data[:left])
    sock.close()
if sys.argv[3:]:  # it ends with its input
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
with socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=100) as listener:
    print("ready", flush=True)
    while True:
        threading.Thread(target=serve, args=listener.accept()[:1]).start()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """Local ports that lead to the same server; the bounds are those of the ratios."""

    name: str
    ours: int
    base: int
    slowest: float
    latest: float


def taken(port: int, size: int) -> float:
    """Seconds from connecting until so many bytes have come."""
    buffer = bytearray(1 << 18)
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(struct.pack(">Q", size))
        while size:
            got = sock.recv_into(buffer)
            if not got:
                raise SystemExit(f"port {port}: the connection ended early")
            size -= got
    return time.perf_counter() - began


def download(port: int) -> float:
    """Bytes a second."""
    return DOWNLOAD / taken(port, DOWNLOAD)


def opened(port: int) -> float:
    """Seconds, in the median."""
    return statistics.median(taken(port, 1) for _ in range(OPENED))


def measure(what: Callable[[int], float], case: Case, runs: int) -> tuple[float, float]:
    what(case.ours), what(case.base)
    pairs = [(what(case.ours), what(case.base)) for _ in range(runs)]
    return statistics.median(ours for ours, _ in pairs), statistics.median(base for _, base in pairs)


@contextmanager
def serving(name: str, listens: str) -> Iterator[str]:
    """A container with such a server; its address."""
    docker_api.call(HOST, "DELETE", f"/containers/{name}", query={"force": "1"})
    body = {"Image": "gpuws-lab/workspace:latest", "Cmd": ["python3", "-c", SERVER, listens, str(PORT)]}
    made = docker_api.call(HOST, "POST", "/containers/create", query={"name": name}, body=body)
    docker_api.call(HOST, "POST", f"/containers/{made['Id']}/start")
    try:
        told = docker_api.call(HOST, "GET", f"/containers/{made['Id']}/json")
        yield str(told["NetworkSettings"]["IPAddress"])
    finally:
        docker_api.call(HOST, "DELETE", f"/containers/{name}", query={"force": "1"})


def local(target: str) -> int:
    """The port of a tunnel that the keeper holds."""
    subprocess.run([GPUWS, "tunnel", target, "--keep", "--yes"], check=True, stdout=subprocess.DEVNULL)
    told = json.loads(subprocess.run([GPUWS, "tunnels", "--json"], check=True, capture_output=True).stdout)
    return next(int(one["local_port"]) for one in told["tunnels"] if one["target"] == target)


def free() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def main(runs: int) -> int:
    lab = up()
    ssh = ["ssh", "-F", str(lab.ssh_config), "-o", "LogLevel=ERROR"]
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        os.environ.update(XDG_RUNTIME_DIR=home, XDG_STATE_HOME=f"{home}/state", GPUWS_CONFIG_DIR=str(lab.config_dir))
        stack.callback(subprocess.run, [GPUWS, "keeper", "stop"], check=False, stdout=subprocess.DEVNULL)
        there = subprocess.Popen(
            [*ssh, HOST, f"python3 -c '{SERVER}' 127.0.0.1 {PORT} watched"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert there.stdin is not None
        stack.callback(there.stdin.close)
        assert there.stdout is not None
        there.stdout.readline()
        address = stack.enter_context(serving("measured", "0.0.0.0"))
        stack.enter_context(serving("measured-inside", "127.0.0.1"))
        ports = free(), free()
        led = [f"-L127.0.0.1:{port}:{where}:{PORT}" for port, where in zip(ports, ("127.0.0.1", address), strict=True)]
        stack.callback(subprocess.Popen([*ssh, "-N", *led, HOST]).terminate)
        time.sleep(1.0)
        cases = (
            Case("host", local(f"{HOST}:{PORT}"), ports[0], 0.8, 2.0),
            Case("container", local(f"{HOST}/measured:{PORT}"), ports[1], 0.8, 2.0),
            Case("by a relay inside", local(f"{HOST}/measured-inside:{PORT}"), ports[1], 0.7, 5.0),
        )
        return report(cases, runs)


def report(cases: tuple[Case, ...], runs: int) -> int:
    within = True
    for case in cases:
        ours, base = measure(download, case, runs)
        fits = ours / base >= case.slowest
        print(
            f"{case.name}: {ours / 1e6:.0f} MB/s, ssh -L {base / 1e6:.0f}, ratio {ours / base:.2f} "
            f"(at least {case.slowest}) {'ok' if fits else 'TOO SLOW'}",
            flush=True,
        )
        late, early = measure(opened, case, runs)
        soon = late / early <= case.latest
        print(
            f"{case.name}: opened in {late * 1000:.2f} ms, ssh -L {early * 1000:.2f}, ratio {late / early:.2f} "
            f"(at most {case.latest}) {'ok' if soon else 'TOO SLOW'}",
            flush=True,
        )
        within = within and fits and soon
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
