"""What a build is made from, packed as the tar that the engine wants."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from docker.utils import build as docker_build

from gpuws.config.paths import real_path
from gpuws.model.consent.trust import digest
from gpuws.model.errors import Refused, UsageError
from gpuws.model.profile.profile import Build, Profile

PIECE = 256 << 10
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
INLINE = "Dockerfile.gpuws"


@contextmanager
def packed(build: Build) -> Iterator[tuple[IO[bytes], str]]:
    """The tar, and the name of the Dockerfile in it. `.dockerignore` is respected.

    Refused where a shared profile has it sent and it is not what was accepted: the tar itself is looked at."""
    if build.context is None:
        if build.dockerfile_inline is None:
            raise UsageError("a build without context needs dockerfile_inline")
        pack, name = _only(build.dockerfile_inline), "Dockerfile"
    else:
        pack, name = _directory(build, Path(build.context))
    try:
        if build.accepted is not None and digest(_listed(pack)) != build.accepted.digest:
            raise Refused(
                f"the build context {build.context} is not what you accepted", f"gpuws trust {build.accepted.file}"
            )
        yield pack, name
    finally:
        pack.close()


def listed(build: Build) -> tuple[str, ...]:
    """What a build sends, a line a file: name, kind, mode, digest. UsageError where it can't be packed."""
    with packed(build) as (pack, _):
        return _listed(pack)


def _listed(pack: IO[bytes]) -> tuple[str, ...]:
    """Of a tar, which stands at its start afterwards. A Dockerfile that the profile itself says is told there."""
    pack.seek(0)
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


def bases(build: Build, pack: IO[bytes], name: str) -> list[str]:
    """The images that the packed Dockerfile `name` stands on; those that a variable names only where `args` gives its
    value."""
    pack.seek(0)
    with tarfile.open(fileobj=pack, mode="r:") as tar:
        file = tar.extractfile(tar.getmember(name))
        text = file.read().decode(errors="replace") if file else ""
    pack.seek(0)
    stages: set[str] = {"scratch"}
    found: list[str] = []
    for image, stage in _FROM.findall(text):
        name = _VARIABLE.sub(lambda variable: build.args.get(variable[1] or variable[2], "$"), image)
        if name not in stages and "$" not in name:
            found.append(name)
        stages.add(stage)
    return list(dict.fromkeys(found))


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


def length(pack: IO[bytes]) -> int:
    """Bytes of the tar; it stands at its start afterwards."""
    size = pack.seek(0, io.SEEK_END)
    pack.seek(0)
    return size


def pieces(pack: IO[bytes]) -> Iterator[bytes]:
    while data := pack.read(PIECE):
        yield data


def _only(dockerfile: str) -> IO[bytes]:
    pack = io.BytesIO()
    data = dockerfile.encode()
    with tarfile.open(fileobj=pack, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return pack


def _directory(build: Build, root: Path) -> tuple[IO[bytes], str]:
    if not root.is_dir():
        raise UsageError(f"the build context {root} is not a directory here")
    name = build.dockerfile or "Dockerfile"
    if build.dockerfile_inline is not None:
        name = INLINE
    elif not (root / name).is_file():
        raise UsageError(f"there is no {name} in the build context {root}")
    try:
        pack: Any = docker_build.tar(root, exclude=_ignored(root), dockerfile=(name, build.dockerfile_inline))
    except OSError as error:
        raise UsageError(f"the build context {root} can't be read: {error}") from error
    return pack, name


def _ignored(root: Path) -> list[str]:
    try:
        lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{root}/.dockerignore can't be read") from error
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
