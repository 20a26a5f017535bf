"""The printed `docker run` line makes the very container that gpuws makes: for random profiles, on both engines.

The docker program is a real one of version 26 or later; it reaches the lab's host through SSH."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuws.cli.inside.with_engine import engine_socket
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.engines.docker.launch.launch import _create
from gpuws.link.connect.connector import Connector
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Plan, Want
from gpuws.model.profile.profile import (
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)
from tests.engines.docker.cli import docker_program
from tests.engines.docker.conftest import IMAGE, Bench, Site

pytestmark = pytest.mark.lab

CLI_ONLY = {
    "AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce",  # what a terminal would need
    "ConsoleSize",  # the size of the terminal that it was typed in
}  # fmt: skip
NOTHING = (None, [], {}, "", False, 0)
DIRECTORIES = ("plain", "spa ce", "with, comma", 'quo"te', "ünï", "dollar $HOME", "-dash", "back\\slash")

Docker = Callable[[list[str], Mapping[str, str]], subprocess.CompletedProcess[str]]
Target = tuple[DockerEngine, Site, Docker]


@dataclass(frozen=True)
class Random:
    """A profile, the environment of whoever launches it, and the lines of its env_file."""

    profile: Profile
    environ: Mapping[str, str]
    lines: tuple[str, ...]


text = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
word = st.text(st.sampled_from("abcXYZ019_-./:=,'\"$ \\\t\né"), min_size=1, max_size=12)
variable = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
size = st.integers(6 << 20, 4 << 30) | st.sampled_from([8 << 20, 1 << 30, 3 << 29])


@st.composite
def limits(draw: st.DrawFn) -> dict[str, Any]:
    memory = draw(st.none() | size)
    return {
        "mem_limit": memory,
        "memswap_limit": draw(st.none() | st.just(-1) | st.integers(memory, 8 << 30)) if memory else None,
        "cpus": draw(st.none() | st.floats(0.01, 2.0).map(lambda value: round(value, 9))),
        "pids_limit": draw(st.none() | st.integers(1, 100_000)),
        "shm_size": draw(st.none() | size),
        "ipc": draw(st.sampled_from([None, "private", "host", "shareable"])),
        "ulimits": tuple(draw(st.lists(ulimit(), max_size=3, unique_by=lambda one: one.name))),
        "restart": draw(st.sampled_from(["no", "always", "unless-stopped", "on-failure", "on-failure:3"])),
        "init": draw(st.booleans()),
        "mem_reservation": draw(st.none() | st.just(6 << 20)),
        "oom_score_adj": draw(st.sampled_from([0, 0, 500])),
        "cpu_shares": draw(st.none() | st.integers(2, 4096)),
        "cpuset": draw(st.sampled_from([None, "0", "0-1"])),
        "sysctls": draw(st.sampled_from([{}, {}, {"net.core.somaxconn": "1024"}])),
        "stop_grace_period": draw(st.none() | st.floats(0, 300)),
    }


def some(*values: str, most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


@st.composite
def rights(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "tty": draw(st.booleans()),
        "stdin_open": draw(st.booleans()),
        "privileged": draw(st.sampled_from([False, False, True])),
        "pid": draw(st.sampled_from([None, None, "host"])),
        "uts": draw(st.sampled_from([None, None, "host"])),
        "userns_mode": draw(st.sampled_from([None, "host"])),
        "dns_search": draw(some("lab.example", "example")),
        "dns_opt": draw(some("ndots:2", "rotate")),
        "device_cgroup_rules": draw(some("c 81:* rmw", "a *:* rwm")),
        "read_only": draw(st.booleans()),
        "hostname": draw(st.sampled_from([None, None, "box", "box.lab"])),
        "dns": draw(some("192.0.2.53", "2001:db8::53")),
        "extra_hosts": draw(some("db:192.0.2.7", "db:192.0.2.8", "gate:host-gateway", "six:2001:db8::1")),
        "cap_add": draw(some("ALL", "SYS_ADMIN", "SYS_PTRACE", "IPC_LOCK")),
        "cap_drop": draw(some("ALL", "MKNOD", "NET_RAW")),
        "security_opt": draw(
            some("no-new-privileges", "seccomp=unconfined", "apparmor=unconfined", "label=disable", "label=type:x_t")
        ),
        "group_add": draw(some("0", "27", "4321", "users")),
        "tmpfs": draw(some("/run", "/mem ory:size=1m,mode=1777", "/exec:exec")),
        "devices": tuple(draw(st.lists(device(), max_size=2, unique_by=lambda one: one.target))),
        "stop_signal": draw(st.sampled_from([None, "SIGINT", "SIGRTMIN+3", "9"])),
        "healthcheck": draw(healthcheck()),
        "logging": draw(
            st.sampled_from(
                [None, None, Logging(), Logging("json-file", {"max-size": "1m", "labels": "a,b"}), Logging("none"),
                 Logging("local", {"max-size": "2m"}), Logging("syslog", {"tag": "{{.Name}}/x y"})]
            )
        ),
    }  # fmt: skip


def device() -> st.SearchStrategy[HostDevice]:
    sources, targets = st.sampled_from(["/dev/fuse", "/dev/x y", "/dev/net/tun"]), st.sampled_from(["/dev/fuse", "/x"])
    return st.builds(HostDevice, sources, targets, st.sampled_from(["rwm", "r", "rw"]))


def healthcheck() -> st.SearchStrategy[Healthcheck | None]:
    tests = [None, ("CMD-SHELL", 'curl -f "$URL" || exit 1'), ("CMD", "test", "-e", "a b")]
    times = st.none() | st.floats(0.001, 1000) | st.sampled_from([1.0, 0.5, 90.0])
    checks = st.builds(Healthcheck, st.sampled_from(tests), times, times, st.none() | st.integers(1, 9), times)
    return st.none() | st.just(Healthcheck(("NONE",))) | checks


@st.composite
def ulimit(draw: st.DrawFn) -> Ulimit:
    soft = draw(st.integers(0, 1 << 20) | st.just(-1))
    hard = -1 if soft == -1 else draw(st.integers(soft, 1 << 21))
    return Ulimit(draw(st.sampled_from(["nofile", "stack", "core", "nproc", "memlock"])), soft, hard)


@st.composite
def volume(draw: st.DrawFn) -> Volume:
    target = "/" + draw(st.from_regex(r"[a-z]{1,6}(/[a-z ,]{1,4}[a-z])?", fullmatch=True))
    kind = draw(st.sampled_from(["bind", "volume", "tmpfs"]))
    source = {"bind": st.sampled_from(DIRECTORIES).map("~/{}".format), "volume": st.just("gpuws-eq"),
              "tmpfs": st.none()}[kind]  # fmt: skip
    return Volume(target, draw(source), kind, draw(st.booleans()))  # type: ignore[arg-type]


@st.composite
def ports(draw: st.DrawFn) -> tuple[PortWish, ...]:
    return tuple(
        draw(
            st.lists(
                st.builds(
                    PortWish,
                    st.integers(1, 65535),
                    st.none() | st.integers(20000, 65535),
                    st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "::"]),
                ),
                max_size=3,
                unique_by=lambda one: one.published or -one.target,
            )
        )
    )


@st.composite
def randoms(draw: st.DrawFn) -> Random:
    taken = draw(st.lists(variable, max_size=3, unique=True))
    environment = {**draw(st.dictionaries(variable, text, max_size=4)), **dict.fromkeys(taken)}
    file = draw(st.lists(env_line(), max_size=3))
    profile = Profile(
        draw(st.from_regex(r"[a-z][a-z0-9 .-]{0,8}", fullmatch=True)),
        image="IMAGE",
        command=draw(st.none() | st.lists(word, min_size=1, max_size=3).map(tuple)),
        entrypoint=draw(st.none() | st.lists(word, min_size=1, max_size=3).map(tuple)),
        gpus=draw(st.sampled_from([GpuWish(), GpuWish(count=1), GpuWish(count=2), GpuWish(indices=(3, 1))])),
        gpu_memory=draw(st.none() | st.just(GpuMemoryCap(40 << 30, "warn", "jax"))),
        user=draw(st.sampled_from(["host", "root", "image", "1234", "1234:5", "nobody", "nobody:users"])),
        working_dir=draw(st.none() | st.sampled_from(["/", "/data", "/with space, and comma"])),
        network_mode=draw(st.sampled_from([None, None, "none", "host", "bridge"])),
        volumes=tuple(draw(st.lists(volume(), max_size=4, unique_by=lambda one: one.target))),
        ports=draw(ports()),
        environment=environment,
        jupyter=draw(st.none() | st.builds(JupyterWish, st.integers(1, 65535), st.booleans())),
        tmux=draw(st.none() | st.just(TmuxWish("my session"))),
        labels=draw(st.dictionaries(st.from_regex(r"[a-z][a-z.]{0,9}", fullmatch=True), text, max_size=3)),
        **draw(limits()),
        **(draw(rights()) if draw(st.booleans()) else {}),
    )
    environ = {name: draw(text) for name in taken if draw(st.booleans())}
    return Random(profile, environ, tuple(file))


@st.composite
def env_line(draw: st.DrawFn) -> str:
    name = draw(variable)
    values = ["plain", "two words", "'quoted'", '"double # quoted"', "a=b", "x # comment", "", "$HOME", "ünï"]
    return draw(st.sampled_from([f"{name}={draw(st.sampled_from(values))}", name, "# a comment", f"export {name}=1"]))


@pytest.fixture(scope="module")
def here(bench: Bench) -> Target:
    """The tests' own engine: 20.10, NVIDIA's hook."""
    site = replace(bench.site, facts=replace(bench.site.facts, gids=(4, 1000, 27)))
    for name in DIRECTORIES:
        Path(site.facts.home, name).mkdir(exist_ok=True)
    return bench.engine, site, runner(f"unix://{bench.daemon.socket}")


@pytest.fixture(scope="module")
def bravo(lab: Any) -> Iterator[Target]:
    """The lab's engine 26.1 with CDI, reached by the docker program as `gpuws with` lets it."""
    host, connector = Host("bravo", ssh_config=str(lab.ssh_config)), Connector()
    link = connector.connect(host, lambda question: None)
    engine = connect_engine(host, link, {})
    told = link.run(["sh", "-c", "mkdir -p ~/equal && cd ~/equal && mkdir -p -- \"$@\"; id -u; id -g; pwd", "sh",
                     *DIRECTORIES]).stdout.decode().split()  # fmt: skip
    facts = HostFacts("alice", int(told[0]), int(told[1]), (), told[2], "bravo", gids=(int(told[1]), 27))
    gpus = tuple(
        Gpu(index, uuid, "H100", memory_used=0, memory_total=80 << 30)
        for index, uuid in enumerate(lab.hosts["bravo"].uuids)
    )
    with tempfile.TemporaryDirectory() as directory:
        try:
            with engine_socket(Path(directory), engine.dial.connect) as path:
                yield engine, Site(host, facts, gpus, "alice", "desk"), runner(f"unix://{path}")
        finally:
            link.run(["rm", "-r", "--", facts.home])
            connector.close()


def runner(docker_host: str) -> Docker:
    program = docker_program()

    def run(words: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_HOST": docker_host, **environ}
        return subprocess.run([program, *words], capture_output=True, text=True, timeout=60, env=env, check=False)

    return run


def comparable(inspected: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, but for names, ids, times and what only a terminal's program sets."""
    config = {key: value for key, value in inspected["Config"].items() if key not in CLI_ONLY}
    if inspected["Id"].startswith(config["Hostname"]):
        del config["Hostname"]
    if (check := config.get("Healthcheck")) and check.get("Test", [""])[
        0
    ] == "CMD":  # no option says it without a shell
        config["Healthcheck"] = {**check, "Test": ["CMD-SHELL", shlex.join(check["Test"][1:])]}
    config["Env"] = sorted(config["Env"] or [])
    config["Run"] = [*(config.pop("Entrypoint") or []), *(config.pop("Cmd") or [])]  # --entrypoint takes one word
    host = {key: value for key, value in inspected["HostConfig"].items() if key not in CLI_ONLY}
    host["Mounts"] = sorted(json.dumps(mount, sort_keys=True) for mount in host.get("Mounts") or [])
    host["Ulimits"] = sorted(host["Ulimits"] or [], key=lambda one: one["Name"])
    host["DeviceRequests"] = [{**one, "Options": one["Options"] or {}} for one in host["DeviceRequests"] or []]
    if host["DeviceRequests"] and host["DeviceRequests"][0]["Driver"] == "cdi":
        ids = [one for request in host["DeviceRequests"] for one in request["DeviceIDs"]]
        host["DeviceRequests"] = ["cdi", *ids]
    mounts = sorted(f"{one['Type']} {one.get('Name', one['Source'])} {one['Destination']} {one['RW']}"
                    for one in inspected["Mounts"])  # fmt: skip
    return {
        "Config": {key: value for key, value in config.items() if value not in NOTHING},
        "HostConfig": {key: value for key, value in host.items() if value not in NOTHING},
        "top": {"Mounts": mounts, **{key: inspected[key] for key in ("Image", "Path", "Args")}},
    }


def both(target: Target, one: Random, image: str, directory: Path) -> None:
    engine, site, docker = target
    file = directory / "secrets.env"
    file.write_text("".join(f"{line}\n" for line in one.lines))
    file.chmod(0o600)
    profile = replace(one.profile, image=image, env_file=(str(file),) if one.lines else ())
    plan = engine.plan(profile, Want(environ={"PATH": "/bin", **one.environ}), site)
    secret = {name: plan.spec.environment[name] for name in plan.spec.secret_names - plan.spec.filed_names}
    for value in secret.values():
        assert len(value) < 20 or value not in plan.command
    words = shlex.split(plan.command)
    assert words[:3] == ["docker", "run", "-d"]
    ours = created(engine, plan)
    done = docker(["create", *words[3:]], {**one.environ, **secret})
    if isinstance(ours, GpuwsError):
        assert done.returncode, f"only gpuws was refused: {ours}"
        return
    assert done.returncode == 0, done.stderr
    theirs = taken(engine, done.stdout.strip().splitlines()[-1])
    assert differences(comparable(ours), comparable(theirs)) == []


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        f"{part}.{key}: {ours[part].get(key)!r}, by docker {theirs[part].get(key)!r}"
        for part in ours
        for key in sorted({*ours[part], *theirs[part]})
        if ours[part].get(key) != theirs[part].get(key)
    ]


def created(engine: DockerEngine, plan: Plan) -> dict[str, Any] | GpuwsError:
    try:
        return taken(engine, _create(engine._client, plan.spec))
    except GpuwsError as error:
        return error


def taken(engine: DockerEngine, identity: str) -> dict[str, Any]:
    """What a container is, and away with it."""
    try:
        return engine.inspect(identity)
    finally:
        engine._client.call("DELETE", f"/containers/{identity}", query={"force": True, "v": True})


RELAXED = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@RELAXED
@given(one=randoms())
def test_with_the_hook(one: Random, here: Target) -> None:
    with tempfile.TemporaryDirectory() as directory:
        both(here, one, IMAGE, Path(directory))


@pytest.mark.soak
@pytest.mark.timeout(300)
@RELAXED
@given(one=randoms())
def test_with_cdi_over_ssh(one: Random, bravo: Target) -> None:
    with tempfile.TemporaryDirectory() as directory:
        both(bravo, one, "gpuws-lab/workspace:latest", Path(directory))
