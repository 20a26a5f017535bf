"""Images of the hosts and of the workspaces, built once; a tag carries a hash of all that goes into its image."""

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.lab import debian, packages, shell
from tests.lab.engine import docker
from tests.lab.hosts import HOSTS, Host
from tests.lab.paths import HERE, cache_dir
from tests.lab.report import say

BASE_PACKAGES = "python3,tmux,procps,less,ca-certificates"
RELEASES = ("bookworm", "trixie")
WORKSPACE_RELEASE = "bookworm"
WORKSPACE_PYTHON = "3.11"
NVML = "libnvidia-ml.so.1"
WORKSPACE = "gpuws-lab/workspace:latest"
"""The image of the workspaces, as the hosts' engines know it."""
INPUTS_LABEL = "gpuws-lab.inputs"
"""The label of the workspace image that tells which inputs it was built from."""


def build_all() -> None:
    """Build what is not there, side by side where nothing is waited for."""
    have = set(docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split())
    wanted = {host_tag(host) for host in HOSTS.values()} | {workspace_tag()}
    if wanted <= have:
        return
    with ThreadPoolExecutor() as pool:
        library = pool.submit(compile_nvml, cache_dir() / "nvml" / NVML)
        wheels = pool.submit(_download_wheels)
        bases = {release: pool.submit(_import_base, release, have) for release in RELEASES}
        builds = [
            pool.submit(_build_host, host, bases[host.release], library) for host in _without(have, HOSTS.values())
        ]
        if workspace_tag() not in have:
            builds.append(pool.submit(_build_workspace, bases[WORKSPACE_RELEASE], wheels))
        for build in builds:
            build.result()
    _forget_older(have - wanted - set(map(base_tag, bases)))


def base_tag(release: str) -> str:
    """A minimal Debian with Python and tmux."""
    return f"gpuws-lab/base-{release}:{_hash(release, BASE_PACKAGES)}"


@cache
def host_tag(host: Host) -> str:
    """The image of a host."""
    written = [repr(host), people_script(host), json.dumps(cdi_spec(host))]
    return f"gpuws-lab/host-{host.name}:{_hash(base_tag(host.release), *written, *_contents('host', 'nvml'))}"


@cache
def workspace_tag() -> str:
    """The image of the workspaces, as the lab's own engine knows it."""
    return f"gpuws-lab/workspace:{_hash(base_tag(WORKSPACE_RELEASE), *_contents('workspace', 'host/root/etc/skel'))}"


def people_script(host: Host) -> str:
    """A shell script that makes the logins of a host."""
    lines = []
    for person in host.people:
        groups = "-G docker " if person.docker else ""
        lines.append(f"useradd -m -s /bin/bash -u {person.uid} {groups}{person.login}\n")
    return "".join(lines)


def cdi_spec(host: Host) -> dict[str, object]:
    """GPUs by index and by UUID, in the form of nvidia-ctk; a device only sets a variable, for there is none to add."""
    devices = [
        {"name": name, "containerEdits": {"env": [f"GPUWS_LAB_GPU_{index}={uuid}"]}}
        for index, uuid in enumerate(host.uuids)
        for name in (str(index), uuid)
    ]
    return {
        "cdiVersion": "0.5.0",
        "kind": "nvidia.com/gpu",
        "devices": devices,
        "containerEdits": {"env": ["NVIDIA_VISIBLE_DEVICES=void"]},
    }


def _without(have: set[str], hosts: Iterable[Host]) -> list[Host]:
    return [host for host in hosts if host_tag(host) not in have]


def _import_base(release: str, have: set[str]) -> None:
    tag = base_tag(release)
    if tag not in have:
        file = debian.tree(release, BASE_PACKAGES, tag.rpartition(":")[2])
        docker("import", "--change", "ENV LANG=C.UTF-8", file, tag)


def _build_host(host: Host, base: Future[None], library: Future[Path]) -> None:
    base.result()
    say(f"building {host.name}")
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        root = context / "root"
        shutil.copy(HERE / "host/Dockerfile", context)
        layers = [HERE / "host/root", HERE / "host" / host.release]
        layers += [HERE / "host" / host.gpu_road] if host.gpu_road else []
        for layer in filter(Path.exists, layers):
            shutil.copytree(layer, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        _put(root / "etc/gpuws-lab/people", people_script(host))
        if host.gpu_road == "cdi":
            _put(root / "etc/cdi/nvidia.yaml", json.dumps(cdi_spec(host), indent=1))
        if host.gpu_count:
            _put(root / "usr/lib/gpuws-lab/.keep", "")
            shutil.copy(library.result(), root / "usr/lib/gpuws-lab")
            _put(root / "etc/ld.so.conf.d/gpuws-lab.conf", "/usr/lib/gpuws-lab\n")
        _docker_build(host_tag(host), context, BASE=base_tag(host.release), PACKAGES=" ".join(host.packages))


def _build_workspace(base: Future[None], wheels: Future[Path]) -> None:
    base.result()
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        shutil.copy(HERE / "workspace/Dockerfile", context)
        shutil.copy(HERE / "host/root/etc/skel/work/train.py", context)
        shutil.copytree(wheels.result(), context / "wheels")
        say("building the workspace image")
        _docker_build(
            workspace_tag(), context, "--label", f"{INPUTS_LABEL}={workspace_tag()}", BASE=base_tag(WORKSPACE_RELEASE)
        )
    docker("tag", workspace_tag(), WORKSPACE)


def _docker_build(tag: str, context: Path, *options: str, **build_args: str) -> None:
    given = {**debian.proxy(), **build_args}
    words = [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
    docker("build", "--network", "host", "--tag", tag, *options, *words, context, timeout=1200)


def compile_nvml(target: Path, *definitions: str) -> Path:
    """The simulated library; plain C11, so that one built here loads with an older C library there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = ["-std=c11", "-D_DEFAULT_SOURCE", "-O1", "-Wall", "-Wextra", "-Wno-unused-variable", "-Werror"]
    flags += ["-fPIC", "-shared", "-fvisibility=hidden", "-pthread", f"-Wl,-soname,{NVML}"]
    shell.run(["gcc", *flags, *definitions, "-o", target, *sorted((HERE / "nvml").glob("*.c"))])
    return target


def _download_wheels() -> Path:
    """JupyterLab's wheels for the workspace's Python, fetched here: pip is set up on this machine, not in a build."""
    requirements = HERE / "workspace/requirements.txt"
    target = cache_dir() / "wheels" / _hash(WORKSPACE_PYTHON, requirements.read_text())
    if target.exists():
        return target
    say("downloading JupyterLab")
    machine = platform.machine()
    options = ["--only-binary=:all:", "--implementation=cp", f"--python-version={WORKSPACE_PYTHON}"]
    options += [f"--platform=manylinux{version}_{machine}" for version in ("_2_34", "_2_28", "_2_17", "2014")]
    shutil.rmtree(target.parent, ignore_errors=True)
    partial = target.with_suffix(".partial")
    partial.mkdir(parents=True)
    shell.run([packages.python_with_pip(), "-m", "pip", "download", "-q", "-d", partial, *options, "-r", requirements])
    shutil.copy(requirements, partial)
    return partial.rename(target)


def _forget_older(tags: set[str]) -> None:
    """Images of former inputs; one that a container still uses stays."""
    for tag in tags:
        if tag.startswith("gpuws-lab/") and tag != WORKSPACE:
            docker("image", "rm", tag, check=False)


def _contents(*names: str) -> list[str]:
    """Name, mode and text of every file below these folders."""
    files = sorted(
        path for name in names for path in (HERE / name).rglob("*") if path.is_file() and path.suffix != ".pyc"
    )
    return [f"{path.relative_to(HERE)} {path.stat().st_mode & 0o111:o} {path.read_text()}" for path in files]


def _hash(*inputs: str) -> str:
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:12]


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
