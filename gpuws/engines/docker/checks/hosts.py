"""The host and its engine."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.launch.gpu_mode import PODMAN_HEEDS_CDI, Mode
from gpuws.model.gpu.cuda import Version
from gpuws.model.placement.plan import Check

SAFE_TOOLKIT: Version = (1, 17, 8)
KNOWN_HOLES: tuple[tuple[Version, str], ...] = (
    ((1, 16, 2), "CVE-2024-0132"),
    ((1, 17, 4), "CVE-2025-23359"),
    (SAFE_TOOLKIT, "CVE-2025-23266"),
)
"""The first release of NVIDIA's toolkit without each: through all of them a container takes the host over."""


def host(evidence: Evidence) -> Iterator[Check]:
    name = evidence.host
    if evidence.site.host.readonly:
        yield Check("host", "fail", f"{name} is read-only", "choose another host, or change hosts.yaml")
    else:
        login, owner = evidence.site.facts.login, evidence.site.owner
        yield Check("host", "ok", f"{name}, as {login}" + ("" if owner == login else f", labelled as {owner}'s"))


def engine(evidence: Evidence) -> Iterator[Check]:
    yield engine_of(evidence.host, evidence.server, evidence.mode, wanted=bool(evidence.devices))


def engine_of(host: str, server: Server, mode: Mode, *, wanted: bool) -> Check:
    """`wanted`: containers there are to have GPUs."""
    if wanted and mode.name is None and server.is_podman:
        yes = server.release >= PODMAN_HEEDS_CDI
        why = "it has no CDI specification of them" if yes else "its API takes none before Podman 5.4"
        remedy = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml" if yes else "an upgrade of podman"
        return Check(
            "engine",
            "fail",
            f"Podman {server.version} on {host} can't hand out GPUs: {why}",
            f"ask its admin for: {remedy}",
        )
    if wanted and mode.name is None:
        remedy = "ask its admin to install nvidia-container-toolkit and restart Docker"
        return Check("engine", "fail", f"Docker on {host} can't hand out GPUs", remedy)
    how = {"cdi": "GPUs through CDI", "hook": "GPUs through NVIDIA's hook"}.get(mode.name or "", "no GPUs")
    return Check("engine", "ok", f"{server.name} {server.version}, API {server.api}, {how}")


def toolkit(evidence: Evidence) -> Iterator[Check]:
    """NVIDIA's container toolkit of the host, where GPUs are asked for."""
    if evidence.devices:
        yield from toolkit_of(evidence.host, evidence.mode)


def toolkit_of(host: str, mode: Mode) -> Iterator[Check]:
    if mode.name is None:
        return
    text = mode.toolkit
    have = tuple(int(part) for part in text.split(".")) if text else None
    if have is None and mode.name == "cdi":
        return  # specifications may be of another program, or of one inside a container: nothing to ask there
    if have is None:
        detail = f"the version of NVIDIA's container toolkit on {host} can't be told"
        yield Check("toolkit", "warn", detail, "see `nvidia-ctk --version` there: below 1.17.8 it has known holes")
        return
    holes = [name for fixed, name in KNOWN_HOLES if have < fixed]
    if holes:
        detail = f"NVIDIA's container toolkit {text} lets a container take the host over: {', '.join(holes)}"
        yield Check("toolkit", "warn", detail, "ask its admin to upgrade nvidia-container-toolkit to 1.17.8 or later")
    else:
        yield Check("toolkit", "ok", f"NVIDIA's container toolkit {text}")


def cgroup(evidence: Evidence) -> Iterator[Check]:
    if evidence.devices:
        yield from cgroup_of(evidence.host, evidence.mode)


def cgroup_of(host: str, mode: Mode) -> Iterator[Check]:
    """With the hook, systemd does not know of the GPUs it let in, and takes them away when it reloads."""
    if mode.name != "hook" or mode.cgroup_driver is None:
        return
    if mode.cgroup_driver == "systemd":
        detail = f"GPUs get lost in running containers when systemd of {host} reloads (`Unknown Error`)"
        remedy = "ask its admin for CDI, or for native.cgroupdriver=cgroupfs; a restart of the container fixes it"
        yield Check("cgroup", "warn", detail, remedy)
    else:
        yield Check("cgroup", "ok", f"cgroup driver {mode.cgroup_driver}")


def lock(evidence: Evidence) -> Iterator[Check]:
    """Two launches in the same moment: without Python on the host nothing keeps them apart."""
    if not evidence.devices or all(device.shared for device in evidence.devices):
        return
    if evidence.site.facts.python is None and evidence.site.host.python is None:
        detail = f"{evidence.host} has no python3: a launch of somebody else in this very moment may take the same GPUs"
        yield Check("lock", "warn", detail, "look at `gpuws gpus` afterwards")
