"""Whether containers of mine may still open the GPUs that they were given: asked inside, where alone it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gpuws.engines.base import Engine
from gpuws.engines.parallel import each
from gpuws.model.checkup.facts import Shut
from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.workspace import Workspace

TIMEOUT = 5.0  # seconds
MOST = 16
"""Containers, at one checkup."""
AT_ONCE = 4
REFUSED = "Operation not permitted"
"""Of the rules for devices; the rights of a file say `Permission denied`."""

_SCRIPT = r"""
LC_ALL=C
export LC_ALL
for device in /dev/nvidiactl /dev/nvidia[0-9]*; do
  [ -c "$device" ] && { said=$( (: <"$device") 2>&1 ) || echo "shut $device $said"; }
done
true
"""


def shut(engine: Engine, workspaces: Iterable[Workspace]) -> tuple[Shut, ...]:
    """Nothing is done in other people's containers; one without a shell tells nothing."""
    mine = [one for one in workspaces if one.mine and one.gpus and one.enterable and one.state == "running"]
    mine = [one for one in mine if not one.on_host]
    found = each(lambda one: _first(engine, one), mine[:MOST], AT_ONCE)
    return tuple(one for one in found if one is not None)


def _first(engine: Engine, workspace: Workspace) -> Shut | None:
    try:
        done = engine.place(workspace.id).run(["sh", "-c", _SCRIPT], timeout=TIMEOUT)
    except GpuwsError:
        return None
    device = refused(done.stdout.decode(errors="replace"))
    return Shut(workspace.typed, device) if device else None


def refused(text: str) -> str | None:
    found = re.search(rf"^shut (/dev/nvidia(?:ctl|\d{{1,3}})) .*{REFUSED}$", text, re.MULTILINE)
    return found[1] if found else None
