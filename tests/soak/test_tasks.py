"""Kill -9 of the shell that watches, of the keeper, of sshd, of dockerd in the middle of a task: what is said then and
afterwards is the truth, nothing is there twice, and nothing is left over."""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.gpuws import Gpuws, configured
from tests.engines.docker.registry import Registry, offered
from tests.keeper.process import User
from tests.keeper.serving import until
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(180)]
HOST = "alpha"
BASE = "gpuws-lab/workspace:latest"
PROFILE = f"image: {BASE}\npull_policy: never\ngpus: 1\nmem_limit: 512m\ntmux: {{session: main}}\n"
HELD = r"""
import socket, sys
mine = socket.socket(socket.AF_UNIX)
mine.bind("\0gpuws-launch")
mine.listen(128)
print("held", flush=True)
sys.stdin.read()
"""
"""Nobody creates a container meanwhile."""
SOON = 60.0


def engine(*words):
    """The host's own docker, as root there: what it says."""
    return faults.run(HOST, ["docker", *words]).stdout.decode().split()


def kill(name, sign="KILL"):
    """The host's dockerd, or its containerd."""
    pids = [str(one.pid) for one in faults.processes(HOST) if one.args.startswith(f"{name} ")]
    faults.run(HOST, ["sh", "-c", f"kill -{sign} {' '.join(pids)}"])


@dataclass
class Bench:
    """A user, what is done, and the way to hold it in its middle. `words`: the command; `go`: lets it go on."""

    ada: Gpuws
    lab: object
    name: str
    words: tuple[str, ...] = ()
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    go: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    registry: Registry | None = None
    offer: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def tasks(self):
        return self.ada.json("tasks")["tasks"]

    def hold(self, phase):
        getattr(self, phase)()

    def pull(self):
        registry = self.registry = self.stack.enter_context(contextlib.closing(_Started()))
        registry.put("big", self.name, ((self.name, 3 << 20),))
        self.reach()
        registry.gate.clear()
        self.go.callback(registry.gate.set)
        self.words = ("images", "pull", f"{registry.address}/big:{self.name}", "-H", HOST)

    def reach(self):
        """Again where sshd was killed, which ended the way."""
        if self.registry is not None:
            with contextlib.suppress(OSError):
                self.offer.close()
            self.offer.enter_context(offered(self.lab, self.registry, HOST))

    def build(self):
        folder = self.ada.home / "context"
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo {self.name} && sleep 6 && echo finished\n")
        self.words = ("images", "build", str(folder), "-t", f"soak/{self.name}:1", "-H", HOST)

    def create(self):
        """Somebody else's launch keeps it waiting."""
        argv = ["ssh", "-F", str(self.lab.ssh_config), HOST, shlex.join(["python3", "-c", HELD])]
        ssh = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.stack.callback(ssh.wait)
        self.stack.callback(ssh.kill)
        assert ssh.stdout.readline() == "held\n"
        self.go.callback(ssh.kill)
        self.words = ("launch", "small", "-H", HOST, "--name", self.name)

    start = create

    def reached(self, phase):
        """The task is in the middle of it."""
        if phase == "start":  # containers can be made then, and not be started
            self.until_stage("creating")
            kill("containerd", "STOP")
            self.stack.callback(kill, "containerd", "CONT")
            self.go.close()
            self.go.callback(kill, "containerd", "CONT")
        self.until_stage(STAGES[phase])
        if self.registry:
            assert self.registry.half.wait(SOON)

    def until_stage(self, stage):
        until(lambda: any(task["stage"] == stage for task in self.tasks()), f"{stage}: {self.tasks()}", SOON)


class _Started(Registry):
    def __init__(self):
        super().__init__()
        self.start()

    def close(self):
        self.stop()


STAGES = {"pull": "pulling", "build": "building", "create": "creating", "start": "starting"}


@pytest.fixture(scope="module", autouse=True)
def as_before(lab):
    yield
    faults.reset(HOST)


@pytest.fixture
def bench(lab):
    home = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    text = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    made = Bench(configured(home, text, [("small", PROFILE)]), lab, f"t{uuid.uuid4().hex[:10]}")
    yield made
    with contextlib.suppress(OSError):
        made.offer.close()
    made.stack.close()
    User(home).end()
    shutil.rmtree(home)
    faults.start_sshd(HOST)
    faults.start_engine(HOST)
    for one in made_of(made.name):
        faults.run(HOST, ["docker", "rm", "-f", one], check=False)
    for image in engine("images", "--format", "{{.Repository}}:{{.Tag}}"):
        if made.name in image:
            faults.run(HOST, ["docker", "rmi", "-f", image], check=False)


def made_of(name):
    """Ids of containers of that name, or that a task made."""
    return engine("ps", "-aq", "--no-trunc", "--filter", f"name={name}")


def fail(victim, bench, shell):
    if victim == "shell":
        shell.kill()
    elif victim == "keeper":
        os.kill(User(bench.ada.home).one(), signal.SIGKILL)  # the shell starts the next one at once
    elif victim == "sshd":
        faults.kill_sshd(HOST)
        faults.start_sshd(HOST)
        bench.reach()
    else:
        kill("dockerd")


def mend(victim):
    if victim == "dockerd":
        faults.run(HOST, ["rm", "-f", "/var/run/docker.pid"])
        until(lambda: not [one for one in faults.processes(HOST) if one.args.startswith("dockerd ")], "its end")
        faults.start_engine(HOST)


CELLS = [
    *(("keeper", phase) for phase in STAGES),
    *(("sshd", "build"), ("sshd", "start"), ("dockerd", "pull"), ("dockerd", "start"), ("shell", "create")),
]
"""Of four victims in four phases those that tell most."""


@pytest.mark.parametrize(("victim", "phase"), CELLS)
def test_what_is_said_is_the_truth(bench, victim, phase):
    bench.hold(phase)
    shell = bench.ada.popen(*bench.words)
    bench.reached(phase)
    fail(victim, bench, shell)
    if victim != "dockerd":
        bench.go.close()
    mend(victim)
    bench.go.close()
    _, err = shell.communicate(timeout=SOON)
    until(lambda: all(task["state"] != "running" for task in bench.tasks()), bench.tasks, SOON)
    (task,) = bench.tasks()
    there = [json.loads(faults.run(HOST, ["docker", "inspect", one]).stdout)[0] for one in made_of(bench.name)]
    images = [one for one in engine("images", "--format", "{{.Repository}}:{{.Tag}}") if bench.name in one]
    states = [one["State"]["Status"] for one in there]
    assert len(there) <= 1
    if phase in ("pull", "build"):
        assert not there
        assert bool(images) == (task["state"] == "done")
    elif task["state"] == "done":
        assert states == ["running"]
    elif states:
        assert "made and" in task["error"] or victim == "dockerd", task
    if victim == "shell":
        assert (shell.returncode, task["state"]) == (-signal.SIGKILL, "done")
    if victim in ("keeper", "sshd") and phase in ("pull", "build"):
        assert (shell.returncode, task["state"]) == (0, "done"), err
