"""What leaves the workstation, and what hands the host over: never a green row, whoever wrote the profile."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.placement.plan import Check


def context(evidence: Evidence) -> Iterator[Check]:
    """A directory that does not belong to the profile is sent to the host, and lies in the image afterwards."""
    if evidence.changed:
        yield Check("build", "fail", evidence.changed.message, evidence.changed.remedy)
    yield from evidence.building
    if evidence.context:
        text = f"the build sends {evidence.context}, which is not in the profile's folder, to {evidence.host}"
        yield Check("build", "warn", text, "keep what is built from beside the profile; .dockerignore leaves out more")


def namespaces(evidence: Evidence) -> Iterator[Check]:
    """`network_mode: host` has its row among the ports."""
    if evidence.profile.ipc == "host":
        text = f"ipc: host: it reads and writes the shared memory of every program on {evidence.host}"
        yield Check("ipc", "warn", text, "leave ipc out, and set shm_size")
    if evidence.profile.pid == "host":
        text = f"pid: host: it sees every program on {evidence.host} and its arguments, and ends those of its user"
        yield Check("pid", "warn", text, "leave pid out: gpuws shows the host's processes by itself")
    elif evidence.profile.pid:
        yield _processes_of(evidence, evidence.profile.pid.removeprefix("container:"))


def users(evidence: Evidence) -> Iterator[Check]:
    if evidence.profile.userns_mode == "host":
        text = f"userns_mode: host: users inside are those of {evidence.host}, where the engine may keep them apart"
        yield Check("userns_mode", "warn", text, "leave userns_mode out")


def _processes_of(evidence: Evidence, name: str) -> Check:
    other = next((one for one in evidence.others if one.name == name or one.id.startswith(name)), None)
    if other is None:
        text = f"pid: {evidence.host} has no container {name}"
        return Check("pid", "fail", text, f"see: gpuws ps {evidence.host}")
    if other.mine:
        return Check("pid", "ok", f"pid: it sees the processes of {name}, which is yours")
    text = f"pid: it sees, and may end, the processes of {name}, which is not yours"
    return Check("pid", "warn", text, "share the processes of a container of yours, or leave pid out")
