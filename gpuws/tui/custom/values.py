"""What of a selection stands in the arguments of a command of my own, or why there is none. Pure."""

from __future__ import annotations

from gpuws.model.consent.facts import holds
from gpuws.model.own_command import OwnCommand, filled, places
from gpuws.tui.selection import Selection, containers, unchangeable
from gpuws.tui.workspaces.words import only


def value(place: str, selection: Selection) -> str:
    """ "" where the selection has none."""
    one = only(selection)
    if place == "host":
        return selection.host
    if place == "workspace":
        return one.name if one is not None else ""
    if place == "pid":
        return str(selection.process.pid) if selection.process is not None else ""
    if selection.gpu is not None:
        return str(selection.gpu.index)
    held = [gpu for gpu in selection.snapshot.gpus if one is not None and holds(one, gpu)]
    return ",".join(str(gpu.index) for gpu in held)


def _missing(place: str, selection: Selection) -> str:
    number = len(containers(selection))
    if place == "workspace" and number > 1:
        return f"one of {number} containers is meant: select it, 2 lists them"
    what = {"workspace": "a container", "pid": "a process", "gpu": "a GPU"}.get(place, f"a {place}")
    return f"{what} must be selected: {{{place}}} stands for it"


def why_not(command: OwnCommand, selection: Selection) -> str:
    """Why it can't be run now; "" when it can. What a command of mine changes nobody knows: a host that is read-only
    refuses all of them."""
    if selection.marked or selection.processes:
        return "it is for one row: esc unmarks"
    for place in places(command.argv):
        found = value(place, selection)
        if not found:
            return _missing(place, selection)
        if found.startswith("-") or not found.isprintable():
            return f"{{{place}}} is {found!r}: it could be taken for an option"
    return unchangeable(selection) if selection.snapshot.readonly else ""


def argv(command: OwnCommand, selection: Selection) -> tuple[str, ...]:
    """Where `why_not` says nothing."""
    return filled(command.argv, {place: value(place, selection) for place in places(command.argv)})
