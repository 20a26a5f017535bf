"""What others launch with `docker compose`, imported and launched: both containers as the engine tells of them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gpuws import COMMAND, Gpuws, copied, users
from tests.lab import docker_api, machines
from tests.lab.compose import docker_config
from tests.lab.report import LabError

pytestmark = [pytest.mark.lab, pytest.mark.skipif(not shutil.which("docker"), reason="there is no docker program here")]

RECIPES = Path(__file__).parents[1] / "config/imports/recipes"
HOST = "alpha"
WORKSPACE = "gpuws-lab/workspace:latest"
ENVIRON = {"TOKEN": "mine", "HF_TOKEN": "mine"}
SMALLER = {'cpus: "8"': 'cpus: "1"', "cpus: 6.0": "cpus: 1.5"}
"""The lab's hosts have two CPUs."""
RUNC = "services: {lab: {runtime: runc}}"
"""The lab's engine has no runtime of NVIDIA's, only its hook: laid over in Compose's way."""

Inspected = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """Both ways to one project: a directory that is here and, for binds, on the host."""

    gpuws: Gpuws
    folder: Path

    def run(self, *words: str) -> str:
        environ = {**self.gpuws.env, **ENVIRON}
        done = subprocess.run(
            words, env=environ, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def docker(self, *words: str) -> str:
        """A real docker program on the host's engine. `~` is the login's home there."""
        there = ["env", "HOME=/home/alice", f"DOCKER_CONFIG={docker_config()}", "docker", *words]
        return self.run(COMMAND, "with", HOST, "--", *there)

    def composed(self, file: str) -> dict[str, Inspected]:
        """What Compose makes, by service."""
        override = ["-f", "runc.yaml"] if "lab:" in (self.folder / file).read_text() else []
        files = ["compose", "-f", file, *override]
        self.docker(*files, "create", "--pull", "never")
        ids = self.docker(*files, "ps", "-aq").split()
        found = [docker_api.call(HOST, "GET", f"/containers/{one}/json") for one in ids]
        self.docker(*files, "rm", "-f")
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def imported(self, file: str) -> dict[str, Inspected]:
        """What the shown `docker run` line of each profile makes, by service."""
        self.run(COMMAND, "profiles", "import", file, "--save", "it")
        found = {}
        for path in sorted(self.gpuws.config.glob("profiles/it*.yaml")):
            plan = json.loads(self.run(COMMAND, "launch", path.stem, "-H", HOST, "--dry-run", "--force", "--json"))
            words = shlex.split(plan["command"])
            assert words[:3] == ["docker", "run", "-d"]
            found[path.stem.removeprefix("it").removeprefix("-")] = self.created(*words[3:])
        return found

    def created(self, *words: str) -> Inspected:
        """What the engine tells of a container that docker's own program makes."""
        made = self.docker("create", *words).strip()
        told: Inspected = docker_api.call(HOST, "GET", f"/containers/{made}/json")
        docker_api.call(HOST, "DELETE", f"/containers/{made}", query={"force": 1, "v": 1})
        return told


@pytest.fixture
def side(lab) -> Iterator[Side]:
    """With a runtime directory whose name is short enough for sockets."""
    try:
        docker_config()
    except LabError as error:
        pytest.skip(f"no docker compose: {error}")
    home, top = (Path(tempfile.mkdtemp(prefix=letter, dir="/tmp")) for letter in "ip")
    there = top / "proj"
    there.mkdir()
    (there / ".env").write_text("FROM_FILE=1\n")
    (there / "runc.yaml").write_text(RUNC)
    script = 'cd "$1" && mkdir analysis b c d && touch hf_token && chown -R alice .'
    machines.run(HOST, ["mkdir", "-p", str(there)])
    machines.run(HOST, ["runuser", "-u", "alice", "--", "mkdir", "-p", "/home/alice/.cache/huggingface"])
    machines.run(HOST, ["sh", "-c", script, "sh", str(there)])
    yield Side(copied(home, lab.config_dir), there)
    users.pop().stop_keeper()
    for network in docker_api.call(HOST, "GET", "/networks"):
        if network["Name"].startswith("proj_"):
            docker_api.call(HOST, "DELETE", f"/networks/{network['Id']}")
    for volume in docker_api.call(HOST, "GET", "/volumes")["Volumes"]:
        if volume["Name"].startswith("proj_"):
            docker_api.call(HOST, "DELETE", f"/volumes/{volume['Name']}")
    machines.run(HOST, ["rm", "-rf", str(top)])
    shutil.rmtree(home)
    shutil.rmtree(top)


@pytest.fixture
def images(lab) -> Iterator[None]:
    """The recipes' images are the lab's own, by other names."""
    names = sorted(
        {name for file in RECIPES.glob("*.compose.yaml") for name in re.findall(r"example/\w+", file.read_text())}
    )
    tags = [f"{name}:{tag}" for name in names for tag in ("latest", "gpu", "main")]
    for name in tags:
        repo, _, tag = name.partition(":")
        docker_api.call(HOST, "POST", f"/images/{WORKSPACE}/tag", query={"repo": repo, "tag": tag})
    yield
    for name in tags:
        docker_api.call(HOST, "DELETE", f"/images/{name}")


def meant(inspected: Inspected) -> Inspected:
    """What a recipe means to set, whichever way it was said."""
    config, host = inspected["Config"], inspected["HostConfig"]
    name = inspected["Id"][:12]
    mounts = {
        one["Destination"]: (one["Type"], one.get("Name") or one["Source"], one["RW"])
        for one in inspected["Mounts"]
        if one["Type"] != "tmpfs"
    }
    memory = {
        *(host.get("Tmpfs") or ()),
        *(one["Destination"] for one in inspected["Mounts"] if one["Type"] == "tmpfs"),
    }
    same = {key: value for key, value in host.items() if key not in SAID_ELSEWHERE}
    restart = host["RestartPolicy"]
    return {
        **{f"Config.{key}": value for key, value in config.items() if key not in ("Labels", "Hostname", "Env")},
        **{f"HostConfig.{key}": value or None for key, value in same.items()},
        "Config.Hostname": "" if config["Hostname"] == name else config["Hostname"],
        "Config.User": {"root": "0:0"}.get(config["User"], config["User"]),
        "Config.Env": sorted(one for one in config["Env"] if not ADDED.fullmatch(one)),
        "HostConfig.RestartPolicy": (restart["Name"] or "no", restart["MaximumRetryCount"]),
        "Config.Labels": {key: text for key, text in config["Labels"].items() if not key.startswith(OWN_LABELS)},
        "Mounts": mounts,
        "Tmpfs": sorted(memory),
        "HostConfig.Ulimits": sorted(host["Ulimits"] or (), key=lambda limit: limit["Name"]),
        "Ports": {port: _published(rows) for port, rows in (host["PortBindings"] or {}).items()},
        "GPUs": bool(host.get("DeviceRequests")),
    }


def _published(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Nothing said of the address means all of them."""
    return [(row["HostIp"] or "0.0.0.0", row["HostPort"]) for row in rows]


OWN_LABELS = ("com.docker.compose.", "gpuws.")
ADDED = re.compile("CUDA_DEVICE_ORDER=PCI_BUS_ID|NVIDIA_VISIBLE_DEVICES=void|HF_HOME=/root/.cache/huggingface")
"""What every launch says: the order of GPUs, that there are none, and where a mounted cache lies."""
SAID_ELSEWHERE = frozenset(
    {"Binds", "Mounts", "Tmpfs", "PortBindings", "DeviceRequests", "NetworkMode", "LogConfig", "VolumesFrom"}
)
"""Mounts and ports are compared as they come out. On purpose gpuws takes no network of Compose's; logs rotate where
nothing is said of them, and it takes GPUs by UUID."""


def differences(one: Inspected, other: Inspected) -> dict[str, tuple[Any, Any]]:
    left, right = meant(one), meant(other)
    return {key: (left.get(key), right.get(key)) for key in left | right if left.get(key) != right.get(key)}


RECIPE_DIFFERENCES: dict[str, dict[str, set[str]]] = {
    "anchors": {"": set()},
    "serve": {"": set()},
    "stack": {"": {"Ports", "GPUs", "Config.ExposedPorts"}},
    "two-services": {"models": set(), "web": set()},
}
"""By recipe and service, what differs: a UDP port and its exposure, which no profile says; the GPUs of a runtime that
the lab's engine does not have."""


@pytest.mark.parametrize(
    "name", [one if one == "two-services" else pytest.param(one, marks=pytest.mark.soak) for one in RECIPE_DIFFERENCES]
)
def test_an_import_makes_what_compose_makes(side, images, name):
    text = (RECIPES / f"{name}.compose.yaml").read_text()
    for whole, part in SMALLER.items():
        text = text.replace(whole, part)
    (side.folder / "compose.yaml").write_text(text)
    composed, imported = side.composed("compose.yaml"), side.imported("compose.yaml")
    assert len(composed) == len(imported) == len(RECIPE_DIFFERENCES[name])
    for service, allowed in RECIPE_DIFFERENCES[name].items():
        original = composed[service] if service else next(iter(composed.values()))
        found = differences(original, imported[service])
        assert found.keys() == allowed, found


DEVCONTAINER = """{
  // as its editor runs it, but for the program that keeps it running
  "name": "it",
  "image": "%s",
  "runArgs": ["--gpus=all", "--ipc=host", "--shm-size=1g", "--cap-add=SYS_PTRACE"],
  "hostRequirements": {"gpu": "optional"},
  "mounts": ["source=${localWorkspaceFolder}/analysis,target=/data,type=bind"],
  "containerEnv": {"HF_HOME": "/data/hf"},
  "forwardPorts": [8888],
}
"""


@pytest.mark.soak
def test_a_devcontainer_makes_what_its_editor_makes(side):
    """The words of the reference implementation's own `docker run`: it is not at hand in a package of Debian."""
    (side.folder / "devcontainer.json").write_text(DEVCONTAINER % WORKSPACE)
    (imported,) = side.imported("devcontainer.json").values()
    binds = {"/workspaces/proj": str(side.folder), "/data": f"{side.folder}/analysis"}
    mounts = [f"--mount=type=bind,source={source},target={target}" for target, source in binds.items()]
    words = ("-e", "HF_HOME=/data/hf", "-w", "/workspaces/proj", "--entrypoint", "sleep")
    limits = ("--gpus=all", "--ipc=host", "--shm-size=1g", "--cap-add=SYS_PTRACE")
    original = side.created(*limits, *mounts, *words, WORKSPACE, "infinity")
    found = differences(original, imported)
    assert found == {"Config.ExposedPorts": (None, {"8888/tcp": {}})}, "a port to be forwarded is a tunnel's target"
