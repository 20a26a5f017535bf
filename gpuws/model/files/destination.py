"""Under which name a copy comes to lie, as cp, scp and docker cp have it. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.errors import UsageError
from gpuws.model.files.files import Seen
from gpuws.model.text import plain


@dataclass(frozen=True, slots=True)
class Copy:
    """`source` comes to lie at the absolute path `final`; where that is a directory already, what lies in the source
    comes into it. `stage_in`: the directory in which it arrives, on the same disk."""

    source: Seen
    final: bytes
    stage_in: bytes

    @property
    def name(self) -> bytes:
        """What it is called where it comes from."""
        return posixpath.basename(self.source.path)


def copies(sources: Sequence[tuple[Seen, bool]], target: Seen, above: Seen, *, slash: bool, word: str) -> list[Copy]:
    """Where each of `sources` comes to lie. Each with whether its contents alone are meant.

    `target`: what lies at the destination, `above`: at the directory that it would be in; `slash`: it was written as a
    directory; `word`: as it was typed. UsageError where a name can't be given."""
    if not target.directory:
        return [_as_named(sources, target, above, slash=slash, word=word)]
    made = [_into(source, target.path, contents=contents) for source, contents in sources]
    names = [one.final for one in made if one.final != target.path]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(
            f"two of them would be {shown(twice)}: one would be written over by the other", "copy them one by one"
        )
    return made


def _into(source: Seen, directory: bytes, *, contents: bool) -> Copy:
    name = posixpath.basename(source.path)
    if contents or not name:  # `/` has no name to go by
        return Copy(source, directory, directory)
    return Copy(source, posixpath.join(directory, name), directory)


def _as_named(sources: Sequence[tuple[Seen, bool]], target: Seen, above: Seen, *, slash: bool, word: str) -> Copy:
    if len(sources) > 1:
        raise UsageError(f"{plain(word)} is no directory, and several things are copied", "name one that is there")
    (source, _) = sources[0]
    if target.there and source.directory and source.kind == "directory":
        raise UsageError(f"{plain(word)} is a file: a directory can't take its place")
    if slash and source.kind != "directory":
        raise UsageError(f"there is no directory {plain(word)}", "make it first, or leave the slash at the end away")
    if not above.directory:
        raise UsageError(f"{plain(word)}: the directory {shown(above.path)} is not there", "make it first")
    return Copy(source, target.path, above.path)


def shown(path: bytes) -> str:
    """For people."""
    return plain(path.decode(errors="replace"))
