"""How a file is named on the command line, as scp and docker cp have it: a path here, or TARGET:PATH. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gpuws.model.errors import UsageError
from gpuws.model.host.naming import at_colon
from gpuws.model.workspace.workspace import PlaceRef

HERE = ("/", "./", "../", "~")
"""How a path of this machine may begin: then a colon in it is part of a name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """`target` None: on this machine. `path` is a pattern where it is read, "" a host's home."""

    word: str
    target: str | None
    path: str

    @property
    def contents(self) -> bool:
        """What lies in the directory is meant, without the directory itself."""
        return self.path in (".", "./") or self.path.endswith(("/.", "/./"))

    @property
    def slash(self) -> bool:
        """It can only be a directory."""
        return self.path.endswith("/") or self.contents or self.path in ("..", "~")

    @property
    def raw(self) -> bytes:
        return os.fsencode(self.path)


@dataclass(frozen=True, slots=True)
class Located:
    """A path, and the place that it is in; None: this machine, where it is absolute or begins with `~`."""

    spot: Spot
    place: PlaceRef | None = None


def need_path(spot: Spot, *, workspace: bool) -> None:
    """UsageError where a workspace is named and nothing in it: unlike a host, it has no home to mean."""
    if workspace and not spot.path:
        raise UsageError(f"{spot.word} names no path in the container", f"write it from / on: {spot.word}/tmp")


def parse_spot(word: str) -> Spot:
    """The first colon parts them. UsageError where nothing is named."""
    if not word:
        raise UsageError("an empty word names no file", "write a path, or TARGET:PATH")
    if "\0" in word:
        raise UsageError("a path can't hold a NUL")
    target, colon, path = at_colon(word)
    if not colon or word.startswith(HERE) or word in (".", ".."):
        return Spot(word, None, word)
    if not target:
        raise UsageError(f"{word!r} names no target before its colon", f"a file here? write ./{word}")
    return Spot(word, target, path)
