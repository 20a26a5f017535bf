"""The archive of an image as `docker save` writes it and `docker load` reads it: where its layers lie, and how a part
of it is packed. Layers are named by the digest of their tar, `sha256:…`."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from gpuws.link.incoming import Incoming
from gpuws.model.errors import GpuwsError

PIECE = 1 << 20
BLOCK = 512
BLOBS = "blobs/sha256/"
"""Where engines from 25 on keep all parts, by their digests."""
LAYER, TOLD = "/layer.tar", "/json"
"""How older engines end the names of a layer and of what they tell of it, which comes first."""
ESCAPED = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""As Go writes JSON."""


@dataclass(frozen=True, slots=True)
class Part:
    """`digest` None: nothing but reading it tells which layer it is. `config`: it is no layer but what describes the
    image."""

    digest: str | None
    size: int
    file: IO[bytes]
    config: bool = False

    def pieces(self) -> Iterator[bytes]:
        with whole_or_told("the archive of the image"):
            while piece := self.file.read(PIECE):
                yield piece


def parts(pieces: Iterator[bytes], image: str, layers: Sequence[str]) -> Iterator[Part]:
    """The layers and the configuration in an archive, in the order in which they come; each must be read before the
    next is asked for. `image`: its id."""
    incoming: Any = Incoming(pieces)
    with whole_or_told("the archive of the image"), tarfile.open(fileobj=incoming, mode="r|", bufsize=PIECE) as tar:
        known: dict[str, str] = {}
        for entry in tar:
            file, name = tar.extractfile(entry) if entry.isreg() else None, entry.name.removeprefix("./")
            if file is not None and name.endswith(TOLD):
                known[name.removesuffix(TOLD)] = which(name.removesuffix(TOLD), file.read(), layers)
            elif file is not None and (part := _part(name, entry.size, file, image, layers, known)):
                yield part


@contextmanager
def whole_or_told(what: str) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise GpuwsError(f"{what} ended early", "try again") from error


def _part(
    name: str, size: int, file: IO[bytes], image: str, layers: Sequence[str], known: Mapping[str, str]
) -> Part | None:
    if name in (f"{BLOBS}{_hex(image)}", f"{_hex(image)}.json"):
        return Part(image, size, file, config=True)
    if name.startswith(BLOBS):
        digest = f"sha256:{name.removeprefix(BLOBS)}"
        return Part(digest, size, file) if digest in layers else None
    return Part(known.get(name.removesuffix(LAYER)) or None, size, file) if name.endswith(LAYER) else None


def which(name: str, told: bytes, layers: Sequence[str]) -> str:
    """The layer that an older engine calls `name`: a digest of what it tells of it, its parent and its place in the
    chain (moby, `image/v1: CreateID`). "" where none of them gives that name."""
    try:
        data = json.loads(told)
    except ValueError:
        return ""
    if not isinstance(data, dict):
        return ""
    data.pop("id", None)
    if parent := data.pop("parent", None):
        data["parent"] = f"sha256:{parent}"
    bare = {key: value for key, value in data.items() if key != "os"}  # of all but the highest it is told later
    for layer, chain in zip(layers, chains(layers), strict=True):
        if name in (_named({**data, "layer_id": chain}), _named({**bare, "layer_id": chain})):
            return layer
    return ""


def _named(told: Mapping[str, Any]) -> str:
    text = json.dumps(dict(sorted(told.items())), separators=(",", ":"), ensure_ascii=False).translate(ESCAPED)
    return hashlib.sha256(text.encode()).hexdigest()


def chains(layers: Sequence[str]) -> list[str]:
    """Of each layer the digest of it and those below it, by which an engine knows it."""
    found: list[str] = []
    for layer in layers:
        text = f"{found[-1]} {layer}" if found else ""
        found.append(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" if text else layer)
    return found


@dataclass(frozen=True, slots=True)
class Pack:
    """An archive to be loaded that brings at most one layer: the engine has those below it. `config`: of the image
    that it makes, by whose digest it will be known. `names`: what it will be called."""

    config: bytes
    image: str
    layers: Sequence[str]
    names: Sequence[str] = ()

    def length(self, size: int | None) -> int:
        """Bytes of all of it; `size`: of the layer that it brings."""
        small = sum(len(piece) for piece in self._small())
        return small + (0 if size is None else BLOCK + _padded(size)) + 2 * BLOCK

    def pieces(self, size: int | None = None, layer: Iterator[bytes] | None = None) -> Iterator[bytes]:
        yield from self._small()
        if size is not None and layer is not None:
            yield _head(self._file(self.layers[-1]), size)
            yield from layer
            yield padding(size)
        yield b"\0" * (2 * BLOCK)

    def _small(self) -> Iterator[bytes]:
        manifest = [
            {
                "Config": f"{_hex(self.image)}.json",
                "RepoTags": list(self.names) or None,
                "Layers": [self._file(layer) for layer in self.layers],
            }
        ]
        yield _whole(f"{_hex(self.image)}.json", self.config)
        yield _whole("manifest.json", json.dumps(manifest).encode())

    def _file(self, layer: str) -> str:
        return f"{_hex(layer)}{LAYER}"


def below(image: Mapping[str, Any], layers: Sequence[str], labels: Mapping[str, str]) -> bytes:
    """The configuration of an image that has only these `layers` of another, which holds them until all are there."""
    told = {
        "architecture": image.get("Architecture"),
        "os": image.get("Os"),
        **({"variant": image["Variant"]} if image.get("Variant") else {}),
        "created": image.get("Created"),
        "config": {"Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": list(layers)},
    }
    return json.dumps(told, sort_keys=True).encode()


def _whole(name: str, data: bytes) -> bytes:
    return _head(name, len(data)) + data + padding(len(data))


def _head(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> bytes:
    """What stands behind so many bytes of a file."""
    return b"\0" * (_padded(size) - size)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
