"""What a build is made from: the files of its directory and its Dockerfile, as a tar that is made while it is sent."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from gpuws.config.paths import real_path
from gpuws.engines.docker.build.walk import BLOCK, Entry, entries, ignore_of, text
from gpuws.model.build.dockerfile import without_frontend
from gpuws.model.build.dockerignore import NAME
from gpuws.model.consent.trust import digest
from gpuws.model.errors import Refused, UsageError
from gpuws.model.profile.profile import Build, Profile

PIECE = 256 << 10
END = bytes(2 * BLOCK)
DOCKERFILE = "Dockerfile"
INLINE = "Dockerfile.gpuws"
"""What a Dockerfile that lies not in the context is called there; left out of what COPY sees."""


@dataclass(frozen=True)
class Context:
    """What would be sent, read just now. `dockerfile`: its name in the tar, `said`: its text.

    `root`: None where nothing but the Dockerfile is sent. `ignored_by`: the name of the file that leaves things out."""

    root: Path | None
    dockerfile: str
    said: str
    entries: tuple[Entry, ...]
    ignored_by: str = ""

    @cached_property
    def length(self) -> int:
        """Bytes of the tar."""
        return sum(entry.length for entry in self.entries) + len(END)

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(entry.info.size for entry in self.entries)

    @property
    def files(self) -> int:
        return sum(not entry.info.isdir() for entry in self.entries)

    def largest(self, count: int) -> list[tuple[str, int]]:
        """What of its first level takes most, in bytes."""
        found: dict[str, int] = {}
        for entry in self.entries:
            name = entry.info.name.partition("/")[0]
            found[name] = found.get(name, 0) + entry.info.size
        return sorted(found.items(), key=lambda one: -one[1])[:count]

    def pieces(self) -> Iterator[bytes]:
        """The tar, in pieces that are worth sending. UsageError where a file became shorter meanwhile."""
        waiting = bytearray()
        for part in self._parts():
            waiting += part
            if len(waiting) >= PIECE:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting + END)

    def _parts(self) -> Iterator[bytes]:
        for entry in self.entries:
            yield entry.header()
            if entry.path is None:
                yield entry.data
            elif entry.info.isreg():
                yield from _contents(entry.path, entry.info.size)
            yield bytes(-entry.info.size % BLOCK)


def _contents(path: Path, size: int) -> Iterator[bytes]:
    """As many bytes as the header promised: what was written behind them since is not sent."""
    left = size
    try:
        with path.open("rb") as file:
            while left and (data := file.read(min(PIECE, left))):
                left -= len(data)
                yield data
    except OSError as error:
        raise UsageError(f"{path} can't be read any more: {error.strerror}", "build again") from error
    if left:
        raise UsageError(f"{path} became shorter while it was sent", "build again once nobody writes there")


def read(build: Build) -> Context:
    """UsageError where there is nothing to build from, or it can't be read."""
    if build.context is None:
        if build.dockerfile_inline is None:
            raise UsageError("a build without context needs dockerfile_inline")
        said = without_frontend(build.dockerfile_inline)
        return Context(None, DOCKERFILE, said, (text(DOCKERFILE, said.encode()),))
    root = Path(build.context)
    if not root.is_dir():
        raise UsageError(f"the build context {root} is not a directory here")
    if build.dockerfile_inline is not None:
        return _with_text(root, without_frontend(build.dockerfile_inline))
    name = build.dockerfile or DOCKERFILE
    if not (root / name).is_file():
        raise UsageError(f"there is no {name} in the build context {root}")
    name = Path(name).as_posix()
    ignore, by = ignore_of(root, name)
    said = without_frontend(_text(root / name).decode(errors="surrogateescape"))
    sent = said.encode(errors="surrogateescape")
    found = tuple(one.with_data(sent) if one.info.name == name else one for one in entries(root, ignore, by))
    return Context(root, name, said.encode(errors="replace").decode(), found, by)


def dockerfile_of(build: Build) -> str | None:
    """Its text, without a look at what else is sent; None where it can't be read: the build will say so."""
    if build.dockerfile_inline is not None or build.context is None:
        return build.dockerfile_inline
    try:
        return Path(build.context, build.dockerfile or DOCKERFILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _with_text(root: Path, said: str) -> Context:
    """A Dockerfile of the profile's own beside the files; docker takes it away before it looks at them."""
    ignore, by = ignore_of(root, DOCKERFILE)
    before = _text(root / by) if by else b".dockerignore"
    files = [one for one in entries(root, ignore, by) if one.info.name not in (NAME, INLINE)]
    added = (text(NAME, before + f"\n{INLINE}\n".encode()), text(INLINE, said.encode()))
    return Context(root, INLINE, said, (*files, *added), by)


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error


@contextmanager
def packed(build: Build) -> Iterator[tuple[Context, Callable[[], Iterator[bytes]]]]:
    """The context, and what gives its tar.

    Refused where a shared profile has it sent and it is not what was accepted: of that a copy is made on the disk,
    which is looked at, and then sent."""
    context = read(build)
    if build.accepted is None:
        yield context, context.pieces
        return
    with _copied(context) as pack:
        if digest(_listed(pack)) != build.accepted.digest:
            raise Refused(
                f"the build context {build.context} is not what you accepted", f"gpuws trust {build.accepted.file}"
            )
        yield context, lambda: iter(lambda: pack.read(PIECE), b"")


def listed(build: Build) -> tuple[str, ...]:
    """What a build sends, a line a file: name, kind, mode, digest. UsageError where it can't be packed."""
    with _copied(read(build)) as pack:
        return _listed(pack)


@contextmanager
def _copied(context: Context) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as pack:
        for piece in context.pieces():
            pack.write(piece)
        pack.seek(0)
        yield pack


def _listed(pack: IO[bytes]) -> tuple[str, ...]:
    """Of a tar, which stands at its start afterwards. A Dockerfile that the profile itself says is told there."""
    lines = []
    with tarfile.open(fileobj=pack, mode="r:") as tar:
        for entry in tar:
            if entry.name == INLINE or entry.isdir():
                continue
            file = tar.extractfile(entry) if entry.isreg() else None
            what = _digest(file) if file else f"→ {entry.linkname}"
            lines.append(f"{json.dumps(entry.name)} {entry.mode & 0o777:o} {what}")
    pack.seek(0)
    return tuple(sorted(lines))


def _digest(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    for piece in iter(lambda: file.read(PIECE), b""):
        found.update(piece)
    return found.hexdigest()


def outside(profile: Profile) -> str:
    """The context's real directory where that is not in the folder of the profile's file; "" where it is, or none."""
    if profile.build is None or profile.build.context is None:
        return ""
    found = real_path(profile.build.context)
    own = profile.source and found.is_relative_to(real_path(profile.source).parent)
    return "" if own else str(found)


def changed(build: Build) -> Refused | None:
    """Why it can't be sent, where a shared profile has it sent and it is not what was accepted."""
    if build.accepted is None:
        return None
    try:
        with packed(build):
            return None
    except Refused as error:
        return error
    except UsageError:
        return None  # the build will say so
