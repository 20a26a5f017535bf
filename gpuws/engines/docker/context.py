"""What a build is made from, packed as the tar that the engine wants."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from docker.utils import build as docker_build

from gpuws.model.errors import UsageError
from gpuws.model.profile import Build, Profile

PIECE = 256 << 10
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
INLINE = "Dockerfile.gpuws"


@contextmanager
def packed(build: Build) -> Iterator[tuple[IO[bytes], str]]:
    """The tar, and the name of the Dockerfile in it. `.dockerignore` is respected."""
    if build.context is None:
        if build.dockerfile_inline is None:
            raise UsageError("a build without context needs dockerfile_inline")
        pack, name = _only(build.dockerfile_inline), "Dockerfile"
    else:
        pack, name = _directory(build, Path(build.context))
    try:
        yield pack, name
    finally:
        pack.close()


def bases(build: Build) -> list[str]:
    """The images that a Dockerfile stands on; those that a variable names only where `args` gives its value."""
    text = build.dockerfile_inline
    if text is None:
        try:
            text = (Path(build.context or "") / (build.dockerfile or "Dockerfile")).read_text(errors="replace")
        except OSError:
            return []
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
    found = Path(profile.build.context).resolve()
    own = profile.source and found.is_relative_to(Path(profile.source).resolve().parent)
    return "" if own else str(found)


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
