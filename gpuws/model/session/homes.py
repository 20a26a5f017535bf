"""Sessions of workspaces whose programs are the host's: it tells of them among its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace


def at_home(sessions: Iterable[Session], workspaces: Iterable[Workspace]) -> tuple[Session, ...]:
    """Those of a workspace's own tmux server, whose socket lies in a directory that ends with its id, go by its name
    there; inside it that server is the usual one."""
    names = {one.id: one.name for one in workspaces if one.on_host}
    return tuple(_moved(one, names) for one in sessions) if names else tuple(sessions)


def _moved(session: Session, names: dict[str, str]) -> Session:
    parts = session.socket.split("/")
    found = next((name for id_, name in names.items() if any(part.endswith(id_) for part in parts)), None)
    if found is None or session.container is not None:
        return session
    return replace(session, container=found, name=session.own_name, server="", socket="")
