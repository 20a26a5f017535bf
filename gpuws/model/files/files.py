"""What is told of files, and asked of a place that has them. Paths are bytes: names of files are no text. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "directory", "link", "other", "missing"]


@dataclass(frozen=True, slots=True)
class Road:
    """How files of a place are reached. "tar": by the tar that is there, as whoever I am there. "engine": by the engine
    from outside, where the place runs no programs, or not for me.

    `gnu`: that tar is GNU's: it tells fractions of seconds and holes, and leaves out what it is told to. `user`: the
    user in a container that was asked for. `owner`: uid and gid of what is written by the engine."""

    kind: Literal["tar", "engine"]
    gnu: bool = False
    user: str | None = None
    owner: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies at an absolute `path`. `leads`: what a link leads to, "missing" where to nothing. `size` in bytes,
    `modified` in epoch seconds, None where it was not told."""

    path: bytes
    kind: Kind
    leads: Kind | None = None
    size: int | None = None
    modified: int | None = None

    @property
    def directory(self) -> bool:
        """As programs see it that follow links."""
        return "directory" in (self.kind, self.leads)

    @property
    def there(self) -> bool:
        return self.kind != "missing"


@dataclass(frozen=True, slots=True)
class Looked:
    """`seen`: of each path that was asked for what it matches, at least one: what is missing is told as such."""

    road: Road
    seen: tuple[tuple[Seen, ...], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read of `directory`, absolute, through `road`.

    "tree": a tar of the files and directories `names` in it; the process' input is a list of paths below it, one a
    line, that are left out. The engine gives one name, and leaves nothing out. "list": a line for each regular file
    below `names`, as `model.files.listing` reads it. "rest": what stands in the file `names[0]` from `offset` on.
    "size": how many KiB `names` take up, as a number.

    `plain`: whoever reads the tar knows no extensions of POSIX."""

    road: Road
    kind: Literal["tree", "list", "rest", "size"]
    directory: bytes
    names: tuple[bytes, ...]
    offset: int = 0
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """What is to be done in `directory`, absolute, through `road`. Files arrive in the directory `stage` in it, which
    nobody else may enter, and come to their names when they are whole.

    "tree": the process' input is a tar for the stage; by the engine, which has no stage, for `directory` itself.
    "append": its input goes behind the file `names[0]` of the stage, which gets `mode` and `modified` at its end.
    "list": as of `Reading`, of the stage. "finish": `names[0]` of the stage comes to `names[1]`, and so on by pairs;
    then the stage is gone. "drop": it is gone with all that is in it."""

    road: Road
    kind: Literal["tree", "append", "list", "finish", "drop"]
    directory: bytes
    stage: bytes
    names: tuple[bytes, ...] = ()
    mode: int = 0o600
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A regular file: `links` to it, permissions, bytes, epoch seconds."""

    links: int
    mode: int
    size: int
    modified: int


Listing = Mapping[bytes, Listed]
"""By paths without `./` in front."""


def listing(text: bytes) -> dict[bytes, Listed]:
    """`LINKS MODE SIZE SECONDS ./PATH` a line; what does not read so is left out, and is copied once more then."""
    found: dict[bytes, Listed] = {}
    for line in text.split(b"\n"):
        words = line.split(b" ", 4)
        if len(words) == 5 and all(word.isdigit() for word in words[:4]):
            path = posixpath.normpath(words[4])
            found[path] = Listed(int(words[0]), int(words[1], 8) & 0o777, int(words[2]), int(words[3]))
    return found


def whole(source: Listing, arrived: Listing) -> frozenset[bytes]:
    """What need not be sent again: it has its size and its time, which a file gets when it is written to its end."""
    return frozenset(
        path
        for path, one in arrived.items()
        if one.links == 1 and (there := source.get(path)) and (there.size, there.modified) == (one.size, one.modified)
    )
