"""What fills the disks of a host's engine, and whose it is. Sizes in bytes; None: nobody could tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from gpuws.model.ownership.identity import Me
    from gpuws.model.workspace.workspace import Workspace

Kind = Literal["images", "containers", "logs", "volumes", "cache"]
MINE = "\0mine"
_ANONYMOUS = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Volume:
    """`used_by`: the containers that mount it, those that do not run included. `owner`: by its label, else the one
    person whose containers use it; `origin`: what its label says of where it was made."""

    host: str
    name: str
    size: int | None = None
    used_by: tuple[str, ...] = ()
    owner: str | None = None
    origin: str | None = None
    mine: bool = False
    created: float | None = None  # epoch seconds
    driver: str = "local"

    @property
    def loose(self) -> bool:
        """No container uses it, not even one that stopped."""
        return not self.used_by

    @property
    def anonymous(self) -> bool:
        """The engine named it: it was made for one container, and nobody will ask for it by its name."""
        return bool(_ANONYMOUS.match(self.name))

    @property
    def short(self) -> str:
        return self.name[:12] if self.anonymous else self.name


@dataclass(frozen=True, slots=True)
class Mount:
    """Data of a workspace. `source`: the volume's name, or a directory of its host; `path`: where it is inside.

    Of one that is to be brought to another host, `to`: what it is there; `there`: something of that name is there
    already, and files of the same name in it will be written over."""

    kind: Literal["volume", "bind"]
    source: str
    path: str
    writable: bool = True
    to: str = ""
    there: bool = False

    @property
    def named(self) -> bool:
        """Somebody asks for it by its name."""
        return self.kind == "volume" and not _ANONYMOUS.match(self.source)

    @property
    def short(self) -> str:
        return self.source if self.kind == "bind" or self.named else self.source[:12]


@dataclass(frozen=True, slots=True)
class Renumber:
    """Whose files are whose on another host: uids and gids that I have there instead of those that I have here."""

    users: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContainerDisk:
    """`layer`: what was written inside, outside of volumes. `log`: what it printed, as far as the engine keeps it."""

    id: str
    name: str
    layer: int | None = None
    log: int | None = None
    owner: str | None = None
    mine: bool = False
    running: bool = False


@dataclass(frozen=True, slots=True)
class ImageDisk:
    """`unique`: of `size`, what no other image shares: so much goes with it. `users`: how many containers use it."""

    id: str
    name: str
    size: int | None = None
    unique: int | None = None
    users: int = 0


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """`at`: when it was read, epoch seconds. `root`: the directory where the engine keeps it all. `images_size`: of all
    images together, shared layers once. `cache_loose`: of the build cache, what no build uses now. `no_logs`: why the
    size of logs is not known."""

    host: str
    at: float
    root: str = ""
    images: tuple[ImageDisk, ...] = ()
    images_size: int | None = None
    containers: tuple[ContainerDisk, ...] = ()
    volumes: tuple[Volume, ...] = ()
    cache: int | None = None
    cache_loose: int | None = None
    no_logs: str = ""

    def size(self, kind: Kind) -> int | None:
        if kind == "images":
            return self.images_size
        if kind == "cache":
            return self.cache
        return total(self._sizes(kind))

    def loose(self, kind: Kind) -> int | None:
        """What nobody uses: of images that no container uses what they share with no other, volumes that no container
        uses, of the build cache what no build uses. Layers and logs stay with their containers."""
        if kind == "images":
            return total(image.unique for image in self.images if not image.users)
        if kind == "cache":
            return self.cache_loose
        return total(one.size for one in self.volumes if one.loose) if kind == "volumes" else None

    def count(self, kind: Kind) -> int | None:
        found = {"images": self.images, "containers": self.containers, "volumes": self.volumes, "logs": self.containers}
        return len(found[kind]) if kind in found else None

    def _sizes(self, kind: Kind) -> Iterable[int | None]:
        if kind == "volumes":
            return [one.size for one in self.volumes]
        return [one.log if kind == "logs" else one.layer for one in self.containers]


@dataclass(frozen=True, slots=True)
class Share:
    """What of a host's disk is one person's; `owner` None: nobody's name stands on it. Images are nobody's."""

    owner: str | None
    mine: bool
    containers: int | None
    logs: int | None
    volumes: int | None

    @property
    def sum(self) -> int | None:
        return total((self.containers, self.logs, self.volumes))


def shares(usage: DiskUsage) -> tuple[Share, ...]:
    """The largest first, what is nobody's last."""
    things: tuple[ContainerDisk | Volume, ...] = (*usage.containers, *usage.volumes)
    names: dict[str, str | None] = {}
    for one in things:
        names.setdefault(_who(one), one.owner)
    found = []
    for person, name in names.items():
        held = [one for one in usage.containers if _who(one) == person]
        volumes = [one.size for one in usage.volumes if _who(one) == person]
        layers, logs = [one.layer for one in held], [one.log for one in held]
        found.append(Share(name, person == MINE, total(layers), total(logs), total(volumes)))
    return tuple(sorted(found, key=lambda one: (one.owner is None, -(one.sum or 0))))


def _who(one: ContainerDisk | Volume) -> str:
    """All that is mine is one person's, whatever I am called."""
    return MINE if one.mine else one.owner or ""


def whose(usage: DiskUsage, workspaces: Iterable[Workspace], me: Me) -> DiskUsage:
    """With the owners that only who knows the host can tell."""
    known = {one.id: one for one in workspaces}
    by_name = {one.name: one for one in known.values()}
    containers = tuple(
        replace(one, owner=known[one.id].owner, mine=known[one.id].mine) if one.id in known else one
        for one in usage.containers
    )
    return replace(usage, containers=containers, volumes=tuple(_whose(one, by_name, me) for one in usage.volumes))


def _whose(volume: Volume, workspaces: Mapping[str, Workspace], me: Me) -> Volume:
    """By its label; without one, the person whose all its containers are."""
    if volume.owner is not None:
        return replace(volume, mine=me.wrote(volume.owner, volume.origin))
    users = [workspaces.get(name) for name in volume.used_by]
    owners = {one.owner if one else None for one in users}
    mine = bool(users) and all(one is not None and one.mine for one in users)
    return replace(volume, owner=next(iter(owners)) if len(owners) == 1 else None, mine=mine)


def chosen(mounts: Iterable[Mount], *, volumes: bool, binds: bool, words: Collection[str]) -> tuple[Mount, ...]:
    """What is to be brought along: named volumes, directories, and what is named by its source or its place inside.
    `UsageError` where a word names nothing."""
    found = list(mounts)
    for word in words:
        if not any(word in (one.source, one.short, one.path) for one in found):
            have = ", ".join(one.path for one in found) or "nothing"
            raise UsageError(f"it has no volume and no directory {word}", f"outside of it lie {have}")
    return tuple(
        one
        for one in found
        if (volumes and one.named) or (binds and one.kind == "bind") or {one.source, one.short, one.path} & set(words)
    )


def total(sizes: Iterable[int | None]) -> int | None:
    """Of what is known; None where something is there and nothing of it is known."""
    found = list(sizes)
    known = [size for size in found if size is not None]
    return sum(known) if known or not found else None


def find_volume(volumes: Collection[Volume], word: str) -> list[Volume]:
    """By its name; one that the engine named by the beginning of it, too."""
    exact = [one for one in volumes if one.name == word]
    return exact or [one for one in volumes if one.anonymous and len(word) >= 4 and one.name.startswith(word)]
