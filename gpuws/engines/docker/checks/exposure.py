"""What leaves the workstation, and what hands the host over: never a green row, whoever wrote the profile."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.plan import Check


def context(evidence: Evidence) -> Iterator[Check]:
    """A directory that does not belong to the profile is sent to the host, and lies in the image afterwards."""
    if evidence.changed:
        yield Check("build", "fail", evidence.changed.message, evidence.changed.remedy)
    if evidence.context:
        text = f"the build sends {evidence.context}, which is not in the profile's folder, to {evidence.host}"
        yield Check("build", "warn", text, "keep what is built from beside the profile; .dockerignore leaves out more")


def namespaces(evidence: Evidence) -> Iterator[Check]:
    """`network_mode: host` has its row among the ports."""
    if evidence.profile.ipc == "host":
        text = f"ipc: host: it reads and writes the shared memory of every program on {evidence.host}"
        yield Check("ipc", "warn", text, "leave ipc out, and set shm_size")
