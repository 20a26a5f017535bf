"""What containers of mine want of a host and can't have: ports that others took, files that are root's, room."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from gpuws.model import units
from gpuws.model.checkup import mending
from gpuws.model.checkup.facts import Exam
from gpuws.model.consent.prune import to_prune
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Port, Workspace

LAST = 65535
SHOWN = 4


def wanted(snapshot: HostSnapshot) -> list[tuple[Workspace, Port]]:
    """Ports of the host that containers of mine take when they are started again."""
    return [
        (one, port)
        for one in snapshot.workspaces
        if one.mine and one.state in ("exited", "starting")
        for port in one.oci.ports
        if port.published is not None
    ]


def binds(snapshot: HostSnapshot) -> list[tuple[Workspace, str]]:
    """Directories and files of the host that containers of mine have mounted, each once."""
    found = {path: one for one in snapshot.workspaces if one.mine for path in one.oci.mounts}
    return [(one, path) for path, one in found.items()]


def taken(exam: Exam) -> Iterator[Check]:
    """Starting it fails. A container says more of whose the port is than the program that listens for it, root's; many
    engines have none."""
    if exam.claims is None:
        return
    snapshot, listening = exam.snapshot, exam.claims.listening
    for workspace, port in wanted(snapshot):
        number = port.published
        if number is None:
            continue
        holder = next((one for one in snapshot.workspaces if one.alive and _publishes(one, number)), None)
        if holder is None and number not in listening:
            continue
        by = f"{holder.typed}, {whose(holder)}" if holder else _program(listening[number])
        label = labelled(snapshot.name, workspace.typed)
        detail = f"port {number}, which {workspace.typed}, yours, wants, is taken by {by}"
        gone = {*listening, *(one.published for each in snapshot.workspaces for one in each.oci.ports)}
        instead = next((one for one in range(number + 1, LAST + 1) if one not in gone), LAST + 1)
        mend = mending.moved(workspace, port, instead, snapshot) if instead <= LAST else None
        remedy = f"{shlex.join(['gpuws', 'start', label])} once it is free, or another port in its profile"
        yield Check("port_taken", "warn", detail, remedy, mend)


def _publishes(workspace: Workspace, port: int) -> bool:
    return any(one.published == port for one in workspace.oci.ports)


def whose(workspace: Workspace) -> str:
    """In a sentence."""
    return "yours" if workspace.mine else f"{workspace.owner}'s" if workspace.owner else "nobody's by its labels"


def _program(login: str) -> str:
    return f"a program of {plain(login, 40)}" if login else "a program that nobody can be told of"


def roots(exam: Exam) -> Iterator[Check]:
    """A container that ran as root wrote them: I can't change them, nor often remove them."""
    for one in exam.claims.owned if exam.claims is not None else ():
        many = f"{'at least ' if one.more else ''}{units.count(one.count, 'file')}"
        detail = f"{many} of root's in {one.path}, yours, which {one.workspace} has mounted: {one.example}"
        remedy = (
            f"sudo chown -hR --from=root {_me(exam)} {shlex.quote(one.path)}; user: host in its profile from now on"
        )
        workspaces = (each for each in exam.snapshot.workspaces if each.typed == one.workspace)
        mends = (mending.owned(one.path, each, exam.snapshot) for each in workspaces)
        yield Check("root_files", "warn", plain(detail), remedy, next(mends, None))


def _me(exam: Exam) -> str:
    facts = exam.snapshot.facts
    return facts.login if facts else "LOGIN"


def ended(exam: Exam, engine: Sequence[Check]) -> Iterator[Check]:
    """Said only where the disk of images and containers is nearly full: what has ended still has its files there."""
    if not any(row.name == "images" and row.status != "ok" for row in engine):
        return
    found = to_prune(exam.snapshot)
    if not found:
        return
    names = ", ".join(one.typed for one in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    verb = "has ended and keeps its" if len(found) == 1 else "have ended and keep their"
    detail = f"{units.count(len(found), 'container')} of yours {verb} files on that disk: {names}{more}"
    remedy = shlex.join(["gpuws", "prune", exam.snapshot.name])
    yield Check("ended_left", "warn", detail, remedy, mending.removed(found, exam.snapshot))
