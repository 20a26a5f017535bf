"""Who I am on a host, and what is mine there (INTERFACE §1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.model.gpu.gpu import Holder
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.model.gpu.reading import HostFacts
    from gpuws.model.host.host import Host
    from gpuws.model.settings import Settings

OWNER_LABEL = "gpuws.owner"
FROM_LABEL = "gpuws.from"
# Where a tool says which directory it started a container from: Compose, and editors' development containers.
STARTED_FROM = ("com.docker.compose.project.working_dir", "devcontainer.local_folder")
_HOME = re.compile(r"(?:/[\w.-]+)?/(?:home|Users)/([^/]+)")
_ROOT = "root"


@dataclass(frozen=True, slots=True)
class Me:
    """Who I am on one host.

    `owner` is what I write on what I make there: my login there, by which everybody there knows me, where it is one
    person's; where several people use it (`shared`) the first of `me`, else my login here. `names` are me wherever
    they are written. `here`, my login on this workstation and the one on the host, may be others' elsewhere or as
    well: they are me only beside the name of this workstation."""

    owner: str
    names: frozenset[str] = frozenset()
    shared: bool = False
    here: frozenset[str] = frozenset()
    workstation: str = ""

    @property
    def mark(self) -> str:
        """Written on a tmux session that I make, which has no label: `OWNER@WORKSTATION`."""
        return f"{self.owner}@{self.workstation}"

    def wrote(self, owner: str | None, workstation: str | None) -> bool:
        """Whether an owner label is mine, with what says where it was written."""
        return owner in self.names or (owner in self.here and bool(workstation) and workstation == self.workstation)

    def made(self, container: Workspace) -> bool:
        """Only a label tells: who mounts my home, or whose I mount, says nothing of who may end it."""
        return container.owner_is_label and self.wrote(container.owner, container.labels.get(FROM_LABEL))

    def runs(self, user: str | None) -> bool:
        """Whether a process outside containers is mine, by its login."""
        return not self.shared and user in self.names

    def began(self, session: Session) -> bool:
        """Whether a tmux session of my login's server is mine: by its mark, without one by the login."""
        return self.wrote(*session.written) if session.mark else not self.shared

    def is_holder(self, holder: Holder) -> bool:
        """Whether a sum counts it as mine: also by its name alone, as of a container that mounts my home."""
        return holder.mine or holder.user in self.names

    def whose(self, sessions: Iterable[Session], containers: Iterable[Workspace]) -> tuple[Session, ...]:
        """The sessions with whose they are; one in a container is whose the container is."""
        mine = {container.name for container in containers if container.mine}
        return tuple(replace(one, mine=one.container in mine if one.container else self.began(one)) for one in sessions)


NOBODY = Me("")
"""Of a host that has told nothing yet."""


def me_on(
    host: Host,
    settings: Settings,
    facts: HostFacts | None = None,
    containers: Iterable[Workspace] = (),
    sessions: Iterable[Session] = (),
) -> Me:
    """Who I am on `host`, from what it has told so far.

    A login is not one person's where it is root's, where hosts.yaml says `shared_login`, or where what was made
    through it shows another owner than me: a mark on one of its tmux sessions, or the label of a container that
    gpuws made as that login (its uid and USER say so). `gpuws.from` alone shows nothing, as one person may have two
    workstations; so people who all call themselves by the login stay one until `shared_login` says otherwise."""
    login = facts.login if facts else host.user
    named = frozenset(settings.me)
    person = settings.me[0] if settings.me else settings.login
    here = frozenset({settings.login} if login is None else {settings.login, login})
    if login is None:
        return Me(person, named, False, here, settings.workstation)
    alone = Me(login, named | {login}, False, here, settings.workstation)
    several = login == _ROOT or host.shared_login or (facts is not None and facts.uid == 0)
    if several or _others(alone, facts, containers, sessions):
        return Me(person, named, True, here, settings.workstation)
    return alone


def _others(me: Me, facts: HostFacts | None, containers: Iterable[Workspace], sessions: Iterable[Session]) -> bool:
    """Whether somebody else made something through my login."""
    made = any(_as_login(one, facts) and one.owner_is_label and not me.made(one) for one in containers)
    return made or any(session.mark and not me.began(session) for session in sessions)


def _as_login(container: Workspace, facts: HostFacts | None) -> bool:
    """Whether gpuws made it as this login. The uid alone is written into many a profile: 1000:1000."""
    uid = (container.oci.user or "").partition(":")[0]
    return (
        facts is not None
        and FROM_LABEL in container.labels
        and (uid, container.oci.login) == (str(facts.uid), facts.login)
    )


def container_owner(labels: Mapping[str, str], mounts: Collection[str]) -> tuple[str | None, bool]:
    """The owner of a container and whether our label says so.

    Without it: whose home directory it mounts, else from whose it was started, where that is one person's."""
    if label := labels.get(OWNER_LABEL):
        return label, True
    started_from = [labels[key] for key in STARTED_FROM if key in labels]
    return _only(mounts) or _only(started_from), False


def _only(folders: Collection[str]) -> str | None:
    homes = {match[1] for folder in folders if (match := _HOME.match(folder))}
    return homes.pop() if len(homes) == 1 else None
