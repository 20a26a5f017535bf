"""What is asked before something is done: which one, where a row stands for several, and whether it is meant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from gpuws.model.consent.confirm import Confirmation, Verb, confirmation
from gpuws.model.errors import Refused
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.workspace import PlaceRef, Workspace
from gpuws.tui.base import AppBase
from gpuws.tui.verbs import tell

T = TypeVar("T")


def which(
    app: AppBase, title: str, found: Sequence[T], words: Callable[[T], tuple[str, str]], then: Callable[[T], None]
) -> None:
    """`then` with the one that is chosen; without asking where there is only one. `title`: what is done with it, as far
    as its name. `words`: its name and its detail."""
    if len(found) == 1:
        then(found[0])
        return
    from gpuws.tui.dialogs.choose import ChooseScreen, Option

    options = [Option(*words(one), one) for one in found]
    app.push_screen(ChooseScreen(f"{title} which one?", options), lambda one: then(one) if one is not None else None)


def which_workspace(app: AppBase, title: str, found: Sequence[Workspace], then: Callable[[Workspace], None]) -> None:
    which(
        app,
        title,
        found,
        lambda one: (one.name, f"{one.status} · {one.owner or 'no owner'} · {one.oci.image or one.engine}"),
        then,
    )


def sure(app: AppBase, wanted: Callable[[], Confirmation | None], verb: str, then: Callable[[], None]) -> None:
    """`then` once a person has agreed; at once where nothing is asked, never where it is refused."""
    from gpuws.tui.dialogs.confirm import ConfirmScreen

    try:
        asked = wanted()
    except Refused as error:
        tell(app, error)
        return
    if asked is None:
        then()
    else:
        app.push_screen(ConfirmScreen(asked, verb), lambda yes: then() if yes else None)


def sure_at(app: AppBase, verb: Verb, place: PlaceRef, command: str, then: Callable[[], None]) -> None:
    """`sure`, of what `verb` does to whatever is at `place`."""
    snapshot = app.state.hosts.get(place.host) or HostSnapshot(place.host)
    workspace = next((one for one in snapshot.workspaces if one.id == place.workspace), None)
    if place.workspace is not None and workspace is None:
        app.warn("the container is gone")
        return
    sure(
        app,
        lambda: confirmation(verb, workspace, snapshot, time.time(), command=command),
        verb.capitalize(),
        then,
    )
