"""tmux sessions of the simulated lab: their windows, and what changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpuws.model.session.session import Session
from gpuws.model.session.window import Client, Pane, Window


def session(
    name: str,
    tmux_id: str,
    commands: Sequence[str],
    created: float,
    written: float,
    *,
    container: str | None = None,
    attached: int = 0,
    mark: str | None = None,
    bell: bool = False,
) -> Session:
    """A window for each of `commands`, the first one in front. Epoch seconds. `bell`: it rang in the last one."""
    number = int(tmux_id[1:]) * 10
    return Session(
        name,
        len(commands),
        attached,
        created,
        written,
        commands[0],
        container,
        layout=tuple(
            Window(
                f"@{number + index}",
                index,
                command,
                active=index == 0,
                bell=bell and index == len(commands) - 1,
                activity=written - 60 * index,
                panes=(Pane(f"%{number + index}", command=command, active=True),),
            )
            for index, command in enumerate(commands)
        ),
        clients=tuple(Client(f"/dev/pts/{index}", 120, 40, created, written) for index in range(attached)),
        mark=mark,
        id=tmux_id,
    )


def written(one: Session, at: float) -> Session:
    """Something was written in its window in front."""
    return replace(one, activity=at, layout=tuple(replace(w, activity=at) if w.active else w for w in one.layout))


def running(one: Session, command: str) -> Session:
    """Its window in front runs something else."""
    pane = Pane(one.pane.id if one.pane else "%0", command=command, active=True)
    layout = (replace(w, name=command, panes=(pane,)) if w.active else w for w in one.layout)
    return replace(one, command=command, layout=tuple(layout))
