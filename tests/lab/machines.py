"""Host containers: starting them, looking at them, running things inside."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.lab import docker_api, images, keys, shell
from tests.lab.engine import docker, docker_argv
from tests.lab.hosts import HOSTS, SSH_PORT, Host
from tests.lab.paths import HERE, host_dir
from tests.lab.report import say

SPEC_LABEL = "gpuws-lab.spec"
# What is left of --privileged where the machine itself lacks some capability; enough for an engine inside.
RIGHTS = (
    "--cap-add=SYS_ADMIN",
    "--cap-add=NET_ADMIN",
    "--cap-add=SYS_PTRACE",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
)


@dataclass(frozen=True, slots=True)
class Process:
    """A process as `ps` on the host shows it; `user` is a number where the host knows no name."""

    pid: int
    user: str
    args: str


def state(host: Host) -> str:
    """`running`, `paused`, `exited`, …; `missing`: no container; `outdated`: one of other inputs."""
    said = docker("inspect", "--type=container", host.container, check=False)
    found = json.loads(said) if said else []
    if not found:
        return "missing"
    if found[0]["Config"]["Labels"].get(SPEC_LABEL) != _spec(host):
        return "outdated"
    return str(found[0]["State"]["Status"])


def start(host: Host) -> None:
    """Have the host up: its container of these very inputs, running, with sshd and its engine answering."""
    now = state(host)
    if now == "paused":
        docker("unpause", host.container)
    elif now != "running" or not is_up(host):
        _create(host)
        await_services(host)


def await_services(host: Host) -> None:
    """Wait until sshd and the engine, where there is one, answer."""
    if host.has_engine:
        what = f"Docker Engine of {host.name} (its log: /var/log/dockerd.log there)"
        shell.wait_until(lambda: docker_api.answers(host.name), what, timeout=30)
    await_sshd(host)


def await_sshd(host: Host) -> None:
    """Wait until sshd answers with the key that it was given."""
    given = keys.public_part(keys.installed_host_key(host.name))
    what = f"sshd of {host.name} (its log: /var/log/sshd.log there)"
    shell.wait_until(lambda: served_key(host) == given, what, timeout=30)


def is_up(host: Host) -> bool:
    """Whether sshd answers with the key of known_hosts and the engine, where there is one, answers."""
    own_key = served_key(host) == keys.public_part(keys.host_key(host.name))
    return own_key and (not host.has_engine or docker_api.answers(host.name))


def served_key(host: Host) -> str | None:
    """Type and key that sshd answers with; None when it does not answer."""
    argv = ["ssh-keyscan", "-T", "3", "-t", "ed25519", "-p", str(SSH_PORT), host.address]
    words = shell.run(argv, check=False).stdout.decode(errors="replace").split()
    return " ".join(words[1:3]) or None


def load_workspace_image(host: Host) -> None:
    """Give the host's engine the workspace image when it has none, or one of other inputs."""
    found = docker_api.call(host.name, "GET", f"/images/{images.WORKSPACE}/json")
    if found and (found["Config"].get("Labels") or {}).get(images.INPUTS_LABEL) == images.workspace_tag():
        return
    say(f"loading the workspace image into {host.name}")
    with subprocess.Popen(
        docker_argv("save", images.WORKSPACE), stdout=subprocess.PIPE, env=shell.environment()
    ) as save:
        assert save.stdout is not None
        docker_api.call(host.name, "POST", "/images/load", stream=save.stdout, timeout=300)


def remove(host: Host) -> None:
    """Remove the container of a host and all that its engine held."""
    docker("rm", "-f", host.container, check=False)
    docker("volume", "rm", "-f", host.container)


def remove_all() -> None:
    """Remove the containers of all hosts, those of an older table too; the volumes of their engines stay."""
    found = docker("ps", "-aq", "--filter", f"label={SPEC_LABEL}").split()
    if found:
        docker("rm", "-f", *found)


def run(
    name: str, argv: Sequence[str], *, user: str | None = None, stdin: bytes = b"", check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Run a program inside a host, past sshd; as root, or as one of its people in that home directory."""
    host = HOSTS[name]
    who = ["--user", user, "--workdir", f"/home/{user}"] if user else []
    words = docker_argv("exec", "-i", *who, host.container, *argv)
    return shell.run(words, stdin=stdin, check=check, timeout=120)


def processes(name: str) -> list[Process]:
    """Every process of a host, those in its containers included, less the one that looks."""
    listing = run(name, ["ps", "-ewwo", "pid=,user:32=,args="]).stdout.decode(errors="replace")
    rows = (line.split(None, 2) for line in listing.splitlines())
    found = [Process(int(pid), user, args) for pid, user, args in (row for row in rows if len(row) == 3)]
    return [process for process in found if not process.args.startswith("ps -ewwo pid=")]


def is_cgroup_v2() -> bool:
    """Whether this machine has the unified hierarchy."""
    return Path("/sys/fs/cgroup/cgroup.controllers").exists()


def _create(host: Host) -> None:
    say(f"starting {host.name}")
    docker("rm", "-f", host.container, check=False)
    docker_api.socket_path(host.name).unlink(missing_ok=True)
    docker("run", "--detach", *_run_options(host), images.host_tag(host))


def _run_options(host: Host) -> list[str]:
    return [
        f"--name={host.container}",
        f"--hostname={host.name}",
        f"--label={SPEC_LABEL}={_spec(host)}",
        *RIGHTS,
        *_cgroup_options(host),
        f"--volume={host.container}:/var/lib/docker",
        f"--volume={host_dir(host.name)}:/run/gpuws-lab",
        "--dns=127.0.0.1",  # a name that is not known is refused at once
        f"--publish={host.address}:{SSH_PORT}:22",
    ]


def _cgroup_options(host: Host) -> list[str]:
    """Shared with the machine on cgroup v1 only: on v2 a host moves processes, which must not be the machine's."""
    return ["--cgroupns=private" if host.own_cgroup_namespace or is_cgroup_v2() else "--cgroupns=host"]


def _spec(host: Host) -> str:
    """A hash of all that makes the container and its scene; one with another is made anew."""
    inputs = [images.host_tag(host), repr(host), repr(_cgroup_options(host)), str(host_dir(host.name))]
    inputs += [(HERE / name).read_text() for name in ("machines.py", "scene.py")]
    return sha256("\0".join(inputs).encode()).hexdigest()[:12]
