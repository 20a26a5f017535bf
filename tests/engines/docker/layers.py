"""Images of a few layers, made on the spot, as an archive that an engine loads."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence


def tarred(files: Mapping[str, bytes]) -> bytes:
    pack = io.BytesIO()
    with tarfile.open(fileobj=pack, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return pack.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def archive(name: str, sizes: Sequence[int]) -> bytes:
    """A layer of random bytes for each size; the last twice, as layers that change nothing are."""
    layers = [tarred({f"file{number}": os.urandom(size)}) for number, size in enumerate(sizes)]
    layers.append(layers[-1])
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/none"], "Labels": {"odd": "<&>é\u2028"}},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
    }
    files = {f"{number}/layer.tar": layer for number, layer in enumerate(layers)}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": list(files)}]
    return tarred({**files, "config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()})
