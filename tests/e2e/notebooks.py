"""Jupyter servers in containers of alpha: their kernels as the host sees them, and where a token can be read."""

import contextlib
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.keeper.serving import until
from tests.lab import docker_api, faults, gpus, machines

GPU = 3
"""Nobody of the lab's scene is on it."""
HELD = 60 << 30
"""Bytes that fill it."""
FOLDERS = "/home /tmp /run /var/log /var/tmp /var/run /root /etc /opt /dev/shm /workspace"


@dataclass(frozen=True)
class Server:
    """A Jupyter server that runs in the container `name`."""

    name: str
    token: str

    @property
    def target(self) -> str:
        return f"alpha/{self.name}"


def remove(name: str) -> None:
    docker_api.call("alpha", "DELETE", f"/containers/{name}", query={"force": 1, "v": 1})


def token_of(url: str) -> str:
    (token,) = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["token"]
    assert len(token) == 48
    return token


def logs_of(name: str) -> str:
    return machines.run("alpha", ["sh", "-c", f"docker logs {name} 2>&1"]).stdout.decode(errors="replace")


def inside(name: str, *words: str, user: int = 0, stdin: bytes = b"") -> str:
    """What a program says that the engine runs there."""
    done = machines.run("alpha", ["docker", "exec", "-i", "-u", f"{user}:{user}", name, *words], stdin=stdin)
    return done.stdout.decode(errors="replace")


# From where the server is, as a page of it would: make a notebook's session, and say its kernel.
OPEN = """
import json, sys, urllib.request
body = {"path": sys.argv[1], "name": sys.argv[1], "type": "notebook", "kernel": {"name": "python3"}}
head = {"Authorization": "token " + sys.stdin.read(), "Content-Type": "application/json"}
url = "http://127.0.0.1:8888/api/sessions"
with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), head), timeout=60) as reply:
    print(json.load(reply)["kernel"]["id"])
"""


@dataclass(frozen=True)
class Running:
    """A notebook's kernel; `pid`: as the host counts; `file`: by which clients reach it."""

    id: str
    pid: int
    file: str


def opened(server: Server, notebook: str) -> Running:
    kernel = inside(server.name, "python3", "-c", OPEN, notebook, stdin=server.token.encode()).strip()

    def found():
        return [one for one in machines.processes("alpha") if f"kernel-{kernel}.json" in one.args]

    until(found, "the kernel's process", 30)
    return Running(kernel, found()[0].pid, found()[0].args.rpartition(" ")[2].removeprefix("--f="))


def ended(kernel: Running) -> bool:
    """Whether its process has."""
    return all(one.pid != kernel.pid for one in machines.processes("alpha"))


@contextlib.contextmanager
def holding(kernel: Running) -> Iterator[None]:
    """The driver tells that the kernel's process fills a GPU; to be left when the process has ended."""
    before = gpus.read("alpha").gpus[GPU]
    faults.set_gpus("alpha", {GPU: {"processes": f"{kernel.pid}:{HELD}:0", "memory_used": HELD}})
    try:
        yield
    finally:
        faults.set_gpus("alpha", {GPU: {key: before[key] for key in ("processes", "memory_used")}})


def executed(name: str, since: float) -> bool:
    """Whether any program was executed in it since then, but those of this test."""
    (container,) = machines.run("alpha", ["docker", "inspect", "-f", "{{.Id}}", name]).stdout.decode().split()
    span = ["--since", f"{since:.3f}", "--until", f"{time.time():.3f}"]
    return b"exec_" in machines.run("alpha", ["docker", "events", *span, "--filter", f"container={container}"]).stdout


def as_root(name: str) -> Callable[..., str]:
    """Runs programs in a container."""
    return lambda *words, stdin: inside(name, *words, stdin=stdin)


def as_stranger(name: str) -> Callable[..., str]:
    """The same for a user whom nobody there knows."""
    return lambda *words, stdin: inside(name, *words, user=4242, stdin=stdin)


def as_bob(*words: str, stdin: bytes = b"") -> str:
    """Runs programs on the host."""
    return machines.run("alpha", words, user="bob", stdin=stdin).stdout.decode(errors="replace")


def files_with(token: str, run: Callable[..., str]) -> list[str]:
    """Names of files that hold it, as `run` finds them; the token itself is in no command line."""
    return run("sh", "-c", f"grep -rlsFI -f - -- {FOLDERS}; true", stdin=token.encode()).splitlines()


def on_alpha(script: str) -> str:
    """What a shell of the host's root prints."""
    return machines.run("alpha", ["sh", "-c", f"{script}; true"]).stdout.decode(errors="replace")


def told_on_the_host(name: str) -> Iterator[tuple[str, str]]:
    """What the host and its engine tell of a container: command lines and environments of all processes with it."""
    yield "inspect and labels", json.dumps(docker_api.call("alpha", "GET", f"/containers/{name}/json"))
    yield "docker logs", logs_of(name)
    yield "processes", on_alpha("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null")
    yield "tmux", on_alpha("for it in /tmp/tmux-*/*; do tmux -S $it list-panes -aF '#{pane_start_command}'; done")


def kept_here(home: Path) -> Iterator[tuple[str, str]]:
    """What it leaves behind, and what its processes show to whoever may read them."""
    for path in home.rglob("*"):
        if path.is_file():
            yield str(path), path.read_text(errors="replace")
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                yield str(process / name), (process / name).read_text(errors="replace")
