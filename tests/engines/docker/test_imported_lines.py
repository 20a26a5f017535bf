"""A `docker run` line and the profile that is read of it make the same container, or a line says what is lost.

Random lines, by a real docker program on the tests' own engine; then the recipes of public documents."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuws.config.imports.run.line import read_run_lines
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.engines.docker.existing.gpus import VISIBLE
from gpuws.engines.docker.launch.environment import CACHES
from gpuws.engines.docker.options.table import OPTIONS
from gpuws.engines.docker.options.unsupported import UNSUPPORTED
from gpuws.model.linux import signal
from gpuws.model.placement.plan import Want
from gpuws.model.profile.imported import Imported
from tests.engines.docker.conftest import IMAGE, Bench, Site
from tests.engines.docker.test_equivalence import Target, comparable, created, runner, taken

pytestmark = pytest.mark.lab

RECIPES = Path(__file__).parents[2] / "config/imports/recipes"
ENVIRON = {"PATH": "/bin", "TOKEN": "hunter2", "FROM_HERE": "here", "HF_TOKEN": "<secret>", "DISPLAY": ":0"}
ADDED = ("CUDA_DEVICE_ORDER", VISIBLE, "USER", "LOGNAME", "HOME", *CACHES["cache"])
"""Variables that gpuws adds to every container, or to one with such a volume or user."""
REFUSED: list[str] = []
"""Lines that docker itself refuses."""
ALSO = {
    "HostConfig.MaskedPaths": "--security-opt", "HostConfig.ReadonlyPaths": "--security-opt",
    "ExposedPorts": "--p", "HostConfig.PortBindings": "--p", "HostConfig.PublishAllPorts": "-P",
}  # fmt: skip
"""Where in `inspect` flags are found that the tables do not name."""
WORDS = (
    "-it", "--rm", "--init", "--init=false", "-e A=1 -e 'B=two words'", "-e TOKEN=hunter2", "-e FROM_HERE",
    "-e C=", "--gpus all", "--gpus 2", """--gpus '"device=0,1"'""", "--gpus all,capabilities=utility",
    "-v /tmp:/mnt", "-v named:/data:ro", "-v /anonymous", "-v /tmp:/z:z",
    "--mount type=bind,source=/tmp,target=/m,readonly", "--mount type=tmpfs,target=/t", "--tmpfs /run:size=1m",
    "-p 18000:80", "-p 127.0.0.1:18001:81", "-p 18002:53/udp", "-p 18010-18012:90-92", "-p 82", "-P",
    "--expose 7000", "-m 64m", "-m 64m --memory-swap 128m", "-m 64m --memory-swap=-1",
    "--memory-reservation 32m", "--cpus 0.5", "--cpu-shares 512", "--cpuset-cpus 0", "--cpuset-mems 0",
    "--pids-limit 100", "--shm-size 128m", "--ipc host", "--ipc private", "--pid host", "--uts host",
    "--userns host", "--network host", "--network none", "--hostname box", "--domainname lab",
    "--dns 192.0.2.1", "--dns-search lab.example", "--dns-opt ndots:2", "--add-host db:192.0.2.7",
    "--restart always", "--restart on-failure:3", "--stop-signal INT", "--stop-timeout 5",
    "--health-cmd true --health-interval 5s --health-retries 2", "--no-healthcheck",
    "--ulimit nofile=100:200 --ulimit core=0", "--privileged", "--cap-add SYS_PTRACE --cap-add NET_ADMIN",
    "--cap-drop ALL", "--security-opt no-new-privileges", "--security-opt seccomp=unconfined",
    "--security-opt systempaths=unconfined", "-u 1000:100", "-u nobody", "-u root", "--group-add 27",
    "-w /work", "--device /dev/fuse", "--device-cgroup-rule 'c 81:* rmw'", "--read-only", "--log-driver local",
    "--log-opt max-size=1m", "-l team=vision", "--entrypoint sh", "--entrypoint ''",
    "--sysctl net.core.somaxconn=1024", "--oom-score-adj 100", "--cgroup-parent /x", "--runtime runc",
    "--pull never", "-q",
)  # fmt: skip
COMMANDS = ("sleep 5", "sh -c 'echo $HOME ${HOME} | cat'", "\"a b\" --c='$d'")


@pytest.fixture(scope="module")
def here(bench: Bench) -> Target:
    return bench.engine, bench.site, runner(f"unix://{bench.daemon.socket}")


def both(target: Target, line: str) -> list[str]:
    """What differs without a word. Nothing where docker itself refuses the line."""
    engine, site, docker = target
    done = docker(["create", *expanded(line, site)], ENVIRON)
    if done.returncode:
        REFUSED.append(f"{line}: {done.stderr}")
        return []
    theirs = taken(engine, done.stdout.strip().splitlines()[-1])
    (found,) = read_run_lines(line, "", "pasted")
    profile = ProfileStore([]).load(
        "", replace(site.host, vars={"PWD": site.facts.home}), environ=ENVIRON, text=found.text
    )
    ours = created(engine, engine.plan(profile, Want(environ=ENVIRON), site))
    if isinstance(ours, Exception):
        return [f"only gpuws was refused: {ours}"]
    one, other = told(ours, site), told(theirs, site)
    paths = [path for path in sorted({*one, *other}) if one.get(path) != other.get(path)]
    return [f"{path}: {one.get(path)!r}, by docker {other.get(path)!r}" for path in paths if not said(path, found)]


def expanded(line: str, site: Site) -> list[str]:
    """The words behind `docker run`, by a shell that stands in my home there."""
    words = 'words() { printf "%s\\0" "$@"; }; words ' + line.removeprefix("docker run")
    env = {**ENVIRON, "HOME": site.facts.home, "token": "<secret>"}
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=True, cwd=site.facts.home, env=env)
    return done.stdout.split("\0")[:-1]


def told(inspected: dict[str, Any], site: Site) -> dict[str, Any]:
    """What was asked for, by its path, in one way where docker has several; less what gpuws adds to all."""
    parts = comparable(inspected)
    config, host = parts["Config"], parts["HostConfig"]
    config["Env"] = [one for one in config.get("Env", []) if not one.startswith(tuple(f"{name}=" for name in ADDED))]
    labels = {name: text for name, text in config.pop("Labels", {}).items() if not name.startswith("gpuws.")}
    rotates = {"max-size": "20m", "max-file": "5"}
    if host.get("LogConfig", {}).get("Config") == rotates:
        host["LogConfig"] = {"Type": "json-file", "Config": {}}
    config.pop("Volumes", None)
    config["StopSignal"] = signal(config.get("StopSignal", "TERM"))
    mounts = sorted((one["Type"], one["Source"] if one["Type"] == "bind" else "", one["Destination"], one["RW"])
                    for one in inspected["Mounts"])  # fmt: skip
    if host.get("NetworkMode") == "host":
        host.pop("PortBindings", None)  # there is nothing to publish there, and docker says so
    for key in ("Binds", "Mounts"):
        host.pop(key, None)
    for bound in host.get("PortBindings", {}).values():
        bound[:] = [{**one, "HostIp": one["HostIp"] or "0.0.0.0"} for one in bound]
    requests = host.pop("DeviceRequests", [])
    gpus = sorted({uuid for one in requests for uuid in uuids(one, site)})
    user = {"root": "0:0"}.get(config.pop("User", ""), inspected["Config"]["User"])
    found = {**config, **{f"HostConfig.{key}": value for key, value in host.items()}}
    found |= {"HostConfig.Mounts": mounts, "HostConfig.DeviceRequests": gpus, "User": user, "Labels": labels}
    return {key: sorted(value, key=str) if isinstance(value, list) and key != "Run" else value
            for key, value in found.items() if value not in (None, [], {}, "", False, 0)}  # fmt: skip


def uuids(request: Mapping[str, Any], site: Site) -> list[str]:
    """A count is docker's first ones there, and ours those that are free: as many."""
    known = {str(gpu.index): gpu.uuid for gpu in site.gpus}
    if request["DeviceIDs"]:
        return [known.get(one, one) for one in request["DeviceIDs"]]
    return [*known.values()] if request["Count"] == -1 else [*known.values()][: request["Count"]]


def said(path: str, found: Imported) -> bool:
    flags = {each.path: each.flag for each in (*OPTIONS, *UNSUPPORTED)}
    flag = ALSO.get(path) or flags.get(path, "?")
    return any(flag in one.what or one.what.startswith(f"-{flag[2:3]}") for one in found.lost)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(st.sampled_from(WORDS), max_size=6, unique=True), command=st.sampled_from(COMMANDS))
def test_a_random_line(words: list[str], command: str, here: Target) -> None:
    assert both(here, " ".join(["docker run", *words, IMAGE, command])) == []


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.run")), ids=lambda path: path.name)
def test_a_recipe(recipe: Path, here: Target) -> None:
    """Where docker would make a directory of what is not there, as root, gpuws refuses it: here all is there."""
    for name in ("data", "sim/cache", ".cache/huggingface"):
        Path(here[1].facts.home, name).mkdir(parents=True, exist_ok=True)
    text = re.sub(r"\b(?:lab|example)/\w+:[\w.]+", IMAGE, recipe.read_text().split("  #")[0].strip())
    text = re.sub(r"-v (?:/sys/class|/shared|/usr/share|/tmp)[^:]*:", "-v /tmp:", text)
    text = re.sub(r"--runtime[ =]nvidia ", "", text).replace("--shm-size=500g", "--shm-size=1g")  # of other engines
    text += " sleep 5" if text.endswith(IMAGE) else ""  # this image has no command
    refused = len(REFUSED)
    assert both(here, text) == []
    assert REFUSED[refused:] == []
