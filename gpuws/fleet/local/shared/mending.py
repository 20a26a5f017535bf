"""Mends of the doctor's rows carried out: only what is still so, and still mine."""

from __future__ import annotations

import shlex
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.background.verbs import mark
from gpuws.fleet.local.host.checkup import claimed
from gpuws.model import units
from gpuws.model.checkup.left import hidden
from gpuws.model.errors import GpuwsError, HostError, Refused, TargetError, Unanswered
from gpuws.model.host.naming import labelled
from gpuws.probe.leftovers import leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from gpuws.fleet.local.host.supervisor import Supervisor
    from gpuws.model.checkup.facts import Leftovers
    from gpuws.model.checkup.mend import Mend, MendKind
    from gpuws.model.workspace.workspace import Workspace

TIMEOUT = 10.0  # seconds
LOOK = "gpuws doctor looks again"

# Arguments: a process and its start. Looks and ends in one go, since a number may be another's by now.
_END = r"""
read -r stat 2>/dev/null <"/proc/$1/stat" || exit 0
began=$2 pid=$1
set -- ${stat##*)}
shift 19
[ "$1" = "$began" ] || exit 0
kill -TERM "$pid" || exit 1
tries=0
while read -r stat 2>/dev/null <"/proc/$pid/stat"; do
  set -- ${stat##*)}
  [ "$1" = Z ] && exit 0
  tries=$((tries + 1))
  [ "$tries" -gt 50 ] && exit 3
  sleep 0.1
done
exit 0
"""
_LINGER = "command -v loginctl >/dev/null 2>&1 || exit 127; exec loginctl enable-linger"


def carry_out(supervisor: Supervisor, mend: Mend) -> str:
    """What was done. The host may be changed: whoever calls has seen to that."""
    try:
        said = _BY_KIND[mend.kind](supervisor, mend)
        if mend.workspaces:
            with suppress(GpuwsError):
                supervisor.list_again(time.monotonic())  # who looks at its row again sees what became of it
        return said
    except Unanswered:
        raise
    except HostError as error:
        raise Unanswered(f"{error.message}: it may have been done", LOOK) from error
    finally:
        supervisor.refresh()


def _restart(supervisor: Supervisor, mend: Mend) -> str:
    (one,) = _mine(supervisor, mend)
    supervisor.engine(one.id).act(one.id, "restart")
    return f"restarted {labelled(supervisor.host.name, one.typed)}"


def _remove_ended(supervisor: Supervisor, mend: Mend) -> str:
    found = _mine(supervisor, mend)
    if any(one.state != "exited" for one in found):
        raise Refused("one of these runs by now", LOOK)
    for one in found:
        supervisor.engine(one.id).act(one.id, "remove")
    return f"removed {', '.join(one.typed for one in found)}"


def _move_port(supervisor: Supervisor, mend: Mend) -> str:
    (one,) = _mine(supervisor, mend)
    if one.alive:
        raise Refused(f"{one.typed} runs by now", LOOK)
    recipes, ports = present(supervisor.engine(one.id).recipes), {mend.port: mend.instead}
    recipes.recreate(one.id, lambda _: None, threading.Event(), mark(), ports)
    return f"{labelled(supervisor.host.name, one.typed)} has port {mend.instead} instead of {mend.port}"


def _own(supervisor: Supervisor, mend: Mend) -> str:
    """The directory was looked at as me, without following a link; who made the container sees to the same."""
    (one,), (path,) = _mine(supervisor, mend), mend.paths
    facts, found = supervisor.snapshot.facts, claimed(supervisor)
    if facts is None or found is None or path not in {owned.path for owned in found.owned}:
        raise Refused(f"there are no files of root's in {path}, or it is not yours", LOOK)
    present(supervisor.engine(one.id).storage).own(path, one.oci.image, facts.uid, facts.gid)
    return f"what root had in {path} belongs to {facts.login}"


def _end(supervisor: Supervisor, mend: Mend) -> str:
    snapshot, found = supervisor.snapshot, _left(supervisor)
    mine = {*found.began, *((one.pid, one.began) for one in hidden(found, snapshot))} if found is not None else set()
    if (mend.pid, mend.began) not in mine:
        raise Refused(f"process {mend.pid} has ended, or is another one by now", LOOK)
    done = supervisor.link().run(["sh", "-c", _END, "gpuws-mend", str(mend.pid), str(mend.began)], timeout=TIMEOUT)
    if done.status:
        still = f"process {mend.pid} was told to end and still runs" if done.status == 3 else "it may not be ended"
        raise GpuwsError(f"{supervisor.host.name}: {still}", f"kill -KILL {mend.pid}, if it is meant")
    return f"process {mend.pid} has ended"


def _remove_shm(supervisor: Supervisor, mend: Mend) -> str:
    found = _left(supervisor)
    sizes = dict(found.shm) if found is not None else {}
    paths = [path for path in mend.paths if path in sizes]
    if not paths:
        raise Refused("these files are gone, or a program has them open by now", LOOK)
    done = supervisor.link().run(["rm", "-f", "--", *paths], timeout=TIMEOUT)
    if done.status:
        raise GpuwsError(f"not all of it could be removed: {done.stderr.decode(errors='replace')[:200]}", LOOK)
    return f"removed {units.count(len(paths), 'file')}, {units.size(sum(sizes[path] for path in paths))}"


def _left(supervisor: Supervisor) -> Leftovers | None:
    """What my login left: it is mine only where nobody else uses it."""
    if supervisor.snapshot.me.shared:
        raise Refused("several people use this login: what it left may be somebody else's", LOOK)
    return leftovers(supervisor.link())


def _linger(supervisor: Supervisor, mend: Mend) -> str:  # noqa: ARG001 - it is about nothing but who I am
    done = supervisor.link().run(["sh", "-c", _LINGER], timeout=TIMEOUT)
    if done.status:
        said = done.stderr.decode(errors="replace").strip()[:200]
        login = supervisor.snapshot.facts.login if supervisor.snapshot.facts else "LOGIN"
        admin = f"ask its admin: sudo loginctl enable-linger {shlex.quote(login)}"
        raise GpuwsError(f"logind refused it: {said or 'loginctl is not there'}", admin)
    return "what you run there outlives your logins"


def _mine(supervisor: Supervisor, mend: Mend) -> list[Workspace]:
    """As its engine lists them."""
    listed = {one.id: one for one in supervisor.snapshot.workspaces}
    found = [listed[each] for each in mend.workspaces if each in listed]
    if len(found) < len(mend.workspaces) or not found:
        raise TargetError(f"a container that this is about is gone from {supervisor.host.name}", LOOK)
    if foreign := [one.typed for one in found if not one.mine]:
        raise Refused(f"{', '.join(foreign)} is not yours", LOOK)
    return found


_BY_KIND: dict[MendKind, Callable[[Supervisor, Mend], str]] = {
    "restart": _restart,
    "ended": _remove_ended,
    "port": _move_port,
    "own": _own,
    "end": _end,
    "shm": _remove_shm,
    "linger": _linger,
}
