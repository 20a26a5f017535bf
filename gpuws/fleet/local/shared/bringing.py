"""Data that a clone brings along: looked for when it is planned, streamed before it begins, taken back where it does
not begin."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.model.errors import GpuwsError, Refused, TargetError
from gpuws.model.ownership.identity import FROM_LABEL, OWNER_LABEL
from gpuws.model.task import LABEL
from gpuws.model.workspace.storage import Mount, Renumber

if TYPE_CHECKING:
    from gpuws.engines.base import Fill, Storage
    from gpuws.fleet.local.shared.hosts import Hosts
    from gpuws.model.placement.plan import ContainerSpec, Plan, Report
    from gpuws.model.profile.profile import Profile
    from gpuws.model.workspace.workspace import Ref

KEPT = (OWNER_LABEL, FROM_LABEL, "gpuws.created", LABEL)
"""Labels that a volume has of the workspace that it is made for."""
MARK = "gpuws.copy"
"""Its own: nobody else's volume of that name has it."""
LOOK_TIMEOUT = 10.0
# Arguments: directories. A line each: whether something lies in it.
_FILLED = 'for path; do if [ -n "$(ls -A -- "$path" 2>/dev/null | head -n 1)" ]; then echo yes; else echo no; fi; done'


def wanted(hosts: Hosts, ref: Ref, host: str, paths: Sequence[str]) -> tuple[Mount, ...]:
    """What of the workspace lies at these places inside of it."""
    if not paths:
        return ()
    if ref.host == host:
        raise Refused(f"it is on {host} already: a clone there has the same volumes", "choose another host")
    found = {one.path: one for one in present(hosts.find(ref.host).engine(ref.id).storage).mounts(ref.id)}
    if missing := [path for path in paths if path not in found]:
        raise TargetError(f"nothing from outside lies at {missing[0]}", "see gpuws inspect")
    return tuple(found[path] for path in paths)


def made_there(profile: Profile, data: Sequence[Mount]) -> Profile:
    """Directories that are brought along are made where they are missing."""
    binds = {one.path for one in data if one.kind == "bind"}
    volumes = tuple(replace(one, check="create") if one.target in binds else one for one in profile.volumes)
    return replace(profile, volumes=volumes)


def placed(hosts: Hosts, spec: ContainerSpec, host: str, data: Sequence[Mount]) -> tuple[Mount, ...]:
    """With what each is on `host`, and whether something is there already."""
    if not data:
        return ()
    volumes = {one.target: one for one in spec.profile.volumes}
    known = {one.name for one in present(hosts.find(host).engine().storage).volumes()}
    found = []
    for one in data:
        there = volumes.get(one.path)
        if there is not None and there.read_only:
            raise Refused(
                f"{one.path} is mounted to read only: nothing can be brought into it there",
                f"copy {one.source} by hand, or leave it out",
            )
        to = there.source or "" if there is not None else ""
        found.append(replace(one, to=to, there=one.kind == "volume" and to in known))
    filled = _filled(hosts, host, [one.to for one in found if one.kind == "bind"])
    return tuple(replace(one, there=filled.get(one.to, False)) if one.kind == "bind" else one for one in found)


def _filled(hosts: Hosts, host: str, directories: Sequence[str]) -> Mapping[str, bool]:
    if not directories:
        return {}
    done = hosts.find(host).link().run(["sh", "-c", _FILLED, "sh", *directories], timeout=LOOK_TIMEOUT)
    lines = done.stdout.decode(errors="replace").split()
    return {path: line == "yes" for path, line in zip(directories, lines, strict=False)}


@contextmanager
def brought(hosts: Hosts, plan: Plan, report: Report, cancel: threading.Event) -> Iterator[Fill | None]:
    """What brings the data of the plan into the workspace that is made meanwhile; None where it has none. Where that
    fails volumes go again that were made for it, and only those."""
    like = plan.asked.like if plan.asked else None
    if not plan.data or like is None:
        yield None
        return
    source = present(hosts.find(like.host).engine(like.id).storage)
    target = present(hosts.writable(plan.host).engine().storage)
    owners = _renumbered(hosts, like.host, plan)
    made: list[str] = []
    try:
        for one in plan.data:
            if one.kind == "volume" and one.to and not one.there:
                _make(target, one.to, plan)
                made.append(one.to)
        yield lambda workspace_id: source.send(like.id, plan.data, target, workspace_id, owners, report, cancel)
    except BaseException as error:
        left = [name for name in made if not _removed(target, name)]
        if left and isinstance(error, GpuwsError):
            error.remedy = f"of it may be left on {plan.host}: {', '.join(left)}; see gpuws volumes ls {plan.host}"
        raise


def _make(target: Storage, name: str, plan: Plan) -> None:
    labels = {key: plan.spec.labels[key] for key in KEPT if key in plan.spec.labels}
    if not target.make_volume(name, {**labels, MARK: secrets.token_hex(8)}):
        raise Refused(f"{plan.host} has a volume {name} since it was planned", "plan again")


def _removed(target: Storage, name: str) -> bool:
    """One that a workspace uses all the same stays: that one ran."""
    with suppress(GpuwsError):
        target.remove_volume(name)
        return True
    return False


def _renumbered(hosts: Hosts, source: str, plan: Plan) -> Renumber:
    """Where it runs as me, my files are mine there, too; in any other the numbers are its image's."""
    here, there = hosts.site(source).facts, hosts.site(plan.host).facts
    if (plan.spec.user or "").partition(":")[0] != str(there.uid):
        return Renumber()
    return Renumber({here.uid: there.uid}, {here.gid: there.gid})
