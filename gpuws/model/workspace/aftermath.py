"""What became of an action whose answer was lost, told by what is there afterwards; never a guess. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model.session.notebook import JupyterServer, KernelAct
from gpuws.model.session.session import Session
from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.workspace import Workspace

Outcome = Literal["done", "not done", "not known"]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`fact`: what is seen, which follows "it"; "" where it was done."""

    outcome: Outcome
    fact: str = ""


DONE = Aftermath("done")
_GONE = Aftermath("not done", "is gone")
_ENDED = Aftermath("not done", "has ended")
_RUNS = Aftermath("not done", "still runs")


def of_action(action: Action, before: Workspace | None, after: Workspace | None) -> Aftermath:
    """`before`: as it was listed when the action was asked for, None where no list was kept then. `after`: as it is
    now, None where it is gone."""
    if action == "remove":
        return DONE if after is None else Aftermath("not done", "is still there")
    if after is None:
        return DONE if action in ("stop", "kill") else _GONE
    if action == "start":
        return DONE if after.alive else Aftermath("not known", "does not run: it was not started, or ended since")
    if action in ("pause", "unpause"):
        paused = after.allows("unpause")
        if not after.alive:
            return _ENDED
        if paused == (action == "pause"):
            return DONE
        return Aftermath("not done", "is still paused" if paused else "is not paused")
    if not after.alive:
        return DONE if action in ("stop", "kill") else Aftermath("not done", "does not run now")
    return _begun(before, after)


def _begun(before: Workspace | None, after: Workspace) -> Aftermath:
    """It was to end, and runs: whether it did, and was begun again, its start tells."""
    if before is None or before.started is None or after.started is None:
        return Aftermath("not known", "runs: whether it did before is not known")
    return _RUNS if before.started == after.started else DONE


def of_renaming(name: str, after: Workspace | None) -> Aftermath:
    if after is None:
        return _GONE
    return DONE if after.name == name else Aftermath("not done", f"is still called {after.typed}")


def of_killing(before: Session, after: Sequence[Session]) -> Aftermath:
    """`after`: the sessions that are there now."""
    return DONE if _same(before, after) is None else _RUNS


def of_calling(before: Session, name: str, after: Sequence[Session]) -> Aftermath:
    """Of a session that was to be called `name`."""
    now = _same(before, after)
    if now is None:
        return _ENDED
    return DONE if now.own_name == name else Aftermath("not done", "is still called that")


def of_making(name: str, before: Sequence[Session] | None, after: Sequence[Session]) -> Aftermath:
    """Of a session that was to be made. `before`: as they were listed then, None where no list was kept."""

    def there(listed: Sequence[Session]) -> bool:
        return any(one.name == name and not one.socket and one.program == "tmux" for one in listed)

    if not there(after):
        return Aftermath("not done", "is not there")
    if before is None or there(before):
        return Aftermath("not known", "is there: whether it was before is not known")
    return DONE


def of_detaching(before: Session, after: Sequence[Session]) -> Aftermath:
    """Everybody was to be out of it: who came since is no sign that nobody left."""
    now = _same(before, after)
    if now is None or not now.attached:
        return DONE
    known = {(one.terminal, one.since) for one in before.clients}
    if not before.clients or not now.clients:
        return Aftermath("not known", "is looked at: by whom is not told")
    stayed = [one.terminal for one in now.clients if (one.terminal, one.since) in known]
    return Aftermath("not done", f"is still on {', '.join(map(plain, stayed))}") if stayed else DONE


def of_serving(before: JupyterServer, after: Sequence[JupyterServer]) -> Aftermath:
    """Of a Jupyter server that was to end."""
    return _RUNS if before.pid in {one.pid for one in after} else DONE


def of_kernel(act: KernelAct, *, there: bool, state: str | None = None, anew: bool | None = None) -> Aftermath:
    """`there`, `state`: as its server tells of it now. `anew`: its process began since; None: that is not known.

    Nothing tells an interrupted cell from one that ended."""
    if act == "shutdown":
        return _RUNS if there else DONE
    if not there:
        return _GONE
    if act == "interrupt":
        return Aftermath("not known", f"is {state or 'there'} now")
    if anew is None:
        return Aftermath("not known", "runs: whether it began anew is not known")
    return DONE if anew else Aftermath("not done", "runs as it did before")


def of_removing(image: str, after: Sequence[Image]) -> Aftermath:
    """Of an image by its id, or of a name of one."""
    known = {image, f"{image}:latest", f"sha256:{image}"}
    there = any(known.intersection((one.id, one.short_id, *one.names, *one.digests)) for one in after)
    return Aftermath("not done", "is still there") if there else DONE


def of_pruning(after: Sequence[Image]) -> Aftermath:
    """Of removing all images that nothing uses: an engine that is left in the midst of it stops."""
    left = sum(one.loose for one in after)
    return Aftermath("not done", f"left {count(left, 'image')}") if left else DONE


def _same(one: Session, listed: Sequence[Session]) -> Session | None:
    """tmux gives an id to one session while its server lives; the next server begins at `$0` again."""
    key = (one.program, one.socket, one.id, one.created)
    return next((each for each in listed if (each.program, each.socket, each.id, each.created) == key), None)
