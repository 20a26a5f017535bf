"""What actions print: a launch, GPUs that were waited for, a notebook that was opened, checkups. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.model.workspace.workspace import Port
from gpuws.present.documents.base import host, hosts
from gpuws.present.documents.listings import port

if TYPE_CHECKING:  # a command starts without the modules of what it does not show
    from gpuws.model.build.want import BuildPlan
    from gpuws.model.errors import GpuwsError
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.placement.plan import Check, Device, Plan
    from gpuws.model.session.tunnel import Tunnel
    from gpuws.model.workspace.verification import Verification
    from gpuws.model.workspace.workspace import Workspace
    from gpuws.present.documents.fields.answers import CopiedDocument
    from gpuws.present.documents.fields.images import BuildRow, BuildsDocument
    from gpuws.present.documents.fields.launch import (
        CheckedHost,
        CheckRow,
        CheckupDocument,
        CheckupRow,
        LaunchDocument,
        VerificationRow,
    )
    from gpuws.present.documents.fields.tunnels import NotebookDocument
    from gpuws.present.documents.fields.waits import FreeDocument
    from gpuws.present.documents.fields.workspaces import ActedDocument, ActedRow


def launch(plan: Plan, made: Workspace | None, verified: Verification | None) -> LaunchDocument:
    """`made` None: nothing was created, or it is not listed yet."""
    return {
        "host": plan.host,
        "name": plan.spec.name,
        "id": made.id if made else None,
        "state": made.status if made else None,
        "gpus": list(plan.spec.gpu_uuids),
        "rejected": [{"gpu": one.label, "reason": one.reason} for one in plan.rejected],
        "ports": [port(each) for each in (made.oci.ports if made else planned_ports(plan))],
        "checks": [check(one) for one in plan.checks],
        "command": plan.command,
        "verification": verification(verified) if verified else None,
    }


def verification(found: Verification) -> VerificationRow:
    return {
        "python": found.python,
        "torch": found.torch,
        "cuda": found.cuda,
        "devices": [
            {
                "index": one.index,
                "name": one.name,
                "memory_bytes": one.memory,
                "seconds": one.seconds,
                "error": one.error or None,
            }
            for one in found.devices
        ],
        "problem": found.problem or None,
        "remedy": found.remedy or None,
    }


def planned_ports(plan: Plan) -> tuple[Port, ...]:
    profile = plan.spec.profile
    ports = [Port(wish.target, wish.host_ip if wish.published else None, wish.published) for wish in profile.ports]
    if profile.jupyter and all(port.target != profile.jupyter.port for port in ports):
        ports.append(Port(profile.jupyter.port))
    return tuple(ports)


def free(host: str, devices: Sequence[Device], waited: float) -> FreeDocument:
    """What `gpuws wait` found."""
    return {
        "host": host,
        "gpus": [one.uuid for one in devices],
        "devices": [
            {"uuid": one.uuid, "index": one.index, "label": one.label, "name": one.name, "memory_bytes": one.memory}
            for one in devices
        ],
        "waited_seconds": round(waited, 1),
    }


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of one of them. `command`: the same as a plain command; `now`: what it is called since."""

    container: Workspace
    command: str
    done: bool = False
    error: GpuwsError | None = None
    now: str = ""


def acted(verb: str, found: Sequence[Acted]) -> ActedDocument:
    rows: list[ActedRow] = [
        {
            "host": one.container.ref.host,
            "id": one.container.id,
            "name": one.now if one.done and one.now else one.container.name,
            "done": one.done,
            "error": str(one.error) if one.error else None,
            "command": one.command,
        }
        for one in found
    ]
    return {"action": verb, "containers": rows}


def jupyter(one: Tunnel) -> NotebookDocument:
    return {"url": one.url, "local_port": one.local_port}


def copied(
    pairs: Sequence[tuple[str, str]], files: int, size: int, resumed: int, seconds: float, *, wrong: int
) -> CopiedDocument:
    """`pairs`: what was copied, and where it lies now."""
    return {
        "copied": [{"source": source, "target": target} for source, target in pairs],
        "files": files,
        "bytes": size,
        "resumed_bytes": resumed,
        "seconds": round(seconds, 1),
        "left_out": wrong,
    }


def checkups(snapshots: Sequence[HostSnapshot], found: Mapping[str, Sequence[Check]], now: float) -> CheckupDocument:
    rows: list[CheckedHost] = [
        {**host(one, now), "checks": [_checked(each) for each in found.get(one.name, ())]} for one in snapshots
    ]
    return {"hosts": rows}


def _checked(one: Check) -> CheckupRow:
    return {**check(one), "mend": one.mend.command if one.mend else None}


def builds(
    snapshots: Sequence[HostSnapshot],
    planned: Sequence[BuildPlan],
    made: Mapping[str, str],
    failed: Mapping[str, GpuwsError],
    now: float,
) -> BuildsDocument:
    """`made`: the image's name, by host."""
    by_host = {plan.host: plan for plan in planned}
    rows = [_build(one.name, by_host.get(one.name), one.name in made, failed.get(one.name)) for one in snapshots]
    return {"hosts": hosts(snapshots, now), "builds": rows}


def _build(name: str, plan: BuildPlan | None, built: bool, error: GpuwsError | None) -> BuildRow:
    return {
        "host": name,
        "image": plan.image if plan else None,
        "built": built,
        "error": str(error) if error else None,
        "context": plan.context if plan else None,
        "context_bytes": plan.size if plan else None,
        "context_files": plan.files if plan else None,
        "checks": [check(one) for one in plan.checks] if plan else [],
        "command": plan.command if plan else None,
    }


def check(one: Check) -> CheckRow:
    return {"name": one.name, "status": one.status, "detail": one.detail, "remedy": one.remedy}
