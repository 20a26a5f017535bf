"""The rows of a preflight: each rule takes the evidence and says ok, warn or fail, with the remedy. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gpuws.engines.docker.checks import container, exposure, gpus, hosts, images, limits, output, reach, rights, stays
from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.placement.plan import Check

Rule = Callable[[Evidence], Iterable[Check]]

BEFORE: tuple[Rule, ...] = (hosts.host, hosts.engine, hosts.toolkit, hosts.cgroup, hosts.lock)
"""What is said before the choice of GPUs."""

AFTER: tuple[Rule, ...] = (
    gpus.environment,
    gpus.driver,
    gpus.memory,
    images.image,
    container.recipe,
    container.name,
    container.user,
    reach.ports,
    reach.jupyter,
    container.persistence,
    limits.memory,
    limits.out_of_memory,
    limits.shared_memory,
    limits.open_files,
    container.restart,
    stays.program,
    container.removal,
    container.secrets,
    exposure.context,
    exposure.namespaces,
    exposure.users,
    rights.privileged,
    rights.capabilities,
    rights.protections,
    rights.devices,
    rights.device_kinds,
    rights.groups,
    reach.names,
    limits.memory_file_systems,
    output.health,
    output.ready,
    output.log,
)


def rows(evidence: Evidence, placement: Iterable[Check], volumes: Iterable[Check]) -> tuple[Check, ...]:
    """All rows, in the order a person reads them: the host, the GPUs, then what is made of them."""
    before = [check for rule in BEFORE for check in rule(evidence)]
    after = [check for rule in AFTER for check in rule(evidence)]
    return (*before, *placement, *after, *volumes)
