"""Implements `fleet.files`: a few files in memory, the same on each host and in each workspace until they change."""
# ruff: noqa: ARG002 - the protocol's arguments that a simulation has no use for

from __future__ import annotations

import fnmatch
import io
import posixpath
import tarfile
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.demo.core import DemoCore, workspace_on
from gpuws.fleet.demo.lab.machines import ME
from gpuws.fleet.demo.shell import Reply
from gpuws.fleet.demo.streams import DemoProcess
from gpuws.model.errors import Unreachable
from gpuws.model.files.copied import Copied
from gpuws.model.files.files import Looked, Reading, Road, Seen, Writing
from gpuws.model.files.spot import Located
from gpuws.model.placement.plan import Report
from gpuws.model.workspace.workspace import PlaceRef

if TYPE_CHECKING:
    from gpuws.link.place import Process

MADE = 1_700_000_000
"""When all of them were last changed, in epoch seconds."""
HOME = f"/home/{ME}".encode()
WORK = {
    b"train.py": b"import torch\n\nprint(torch.cuda.is_available())\n",
    b"config/llama-7b.yaml": b"model: llama-7b\nlearning_rate: 3e-4\n",
    b"checkpoints/step-1000.pt": b"\0" * 200_000,
    b"checkpoints/step-2000.pt": b"\0" * 200_000,
}
Tree = dict[bytes, bytes]


class DemoFiles(DemoCore):
    _trees: dict[PlaceRef, Tree] | None = None

    def look_at_files(
        self, place: PlaceRef, paths: Sequence[bytes], *, writing: bool = False, user: str | None = None
    ) -> Looked:
        tree = self._tree(place, writing=writing)
        home = HOME if place.workspace is None else b"/"
        return Looked(Road("tar", gnu=True, user=user), tuple(_look(tree, _absolute(path, home)) for path in paths))

    def read_files(self, place: PlaceRef, ask: Reading) -> Process:
        tree = self._tree(place, writing=False)
        if ask.kind == "size":
            sizes = sum(len(data) for name in ask.names for data in _below(tree, _joined(ask.directory, name)).values())
            return DemoProcess(Reply(0, f"{sizes // 1024}\t.\n"))
        return _Bytes(_packed(tree, ask) if ask.kind == "tree" else b"")

    def write_files(self, place: PlaceRef, ask: Writing) -> Process:
        tree = self._tree(place, writing=True)
        stage = _joined(ask.directory, ask.stage)
        if ask.kind == "tree":
            return _Bytes(b"", lambda data: _unpack(tree, stage, data))
        if ask.kind == "finish":
            for name, final in zip(ask.names[::2], ask.names[1::2], strict=True):
                _move(tree, _joined(stage, name), final)
        if ask.kind in ("finish", "drop"):
            for path in _below(tree, stage):
                del tree[path]
        return _Bytes(b"")

    def copy_files(self, source: Located, target: Located, report: Report, cancel: threading.Event) -> Copied:
        from gpuws.fleet.copying.single import copy

        return copy(self, source, target, self._label, _stay_away, report, cancel)

    def _label(self, place: PlaceRef) -> str:
        with self._lock:
            host = self._hosts.up(place.host)
            return f"{place.host}/{workspace_on(host, place.workspace).name}" if place.workspace else place.host

    def _tree(self, place: PlaceRef, *, writing: bool) -> Tree:
        with self._lock:
            host = self._hosts.up(place.host, writing=writing)
            if place.workspace is not None:
                workspace_on(host, place.workspace)
            root = HOME if place.workspace is None else b"/workspace"
            self._trees = self._trees if self._trees is not None else {}
            made = {_joined(root, path): data for path, data in WORK.items()}
            return self._trees.setdefault(place, made | {b"/tmp/.keep": b"", HOME + b"/.profile": b""})


def _stay_away(error: Unreachable, _places: Sequence[PlaceRef]) -> None:
    """No link of the demo breaks under a copy but for good."""
    raise error


class _Bytes:
    """A process that has its output ready, and hands over its input when that ends."""

    def __init__(self, output: bytes, taken: Callable[[bytes], None] = lambda _data: None) -> None:
        self._output, self._taken = io.BytesIO(output), taken
        self._input = bytearray()
        self._done = threading.Event()

    def read(self, limit: int = 65536) -> bytes:
        return self._output.read(limit)

    def write(self, data: bytes) -> None:
        self._input += data

    def close_stdin(self) -> None:
        if not self._done.is_set():
            self._taken(bytes(self._input))
            self._done.set()

    def read_stderr(self, limit: int = 65536) -> bytes:
        return b""

    def wait(self, timeout: float | None = None) -> int | None:
        return 0

    def close(self) -> None:
        self._done.set()


def _absolute(path: bytes, home: bytes) -> bytes:
    typed = HOME + path[1:] if path == b"~" or path.startswith(b"~/") else path
    return posixpath.normpath(_joined(home, typed))


def _joined(directory: bytes, name: bytes) -> bytes:
    return posixpath.join(directory, name)


def _look(tree: Tree, path: bytes) -> tuple[Seen, ...]:
    directories = {b"/"} | {above for one in tree for above in _above(one)}
    known = {*tree, *directories}
    names = [path] if path in known else sorted(one for one in known if _matches(one, path))
    return tuple(_seen(tree, one, directories) for one in names or [path])


def _matches(path: bytes, pattern: bytes) -> bool:
    return path.count(b"/") == pattern.count(b"/") and fnmatch.fnmatchcase(path.decode(), pattern.decode("latin-1"))


def _above(path: bytes) -> list[bytes]:
    parts = path.split(b"/")
    return [b"/".join(parts[:number]) for number in range(2, len(parts))]


def _seen(tree: Tree, path: bytes, directories: set[bytes]) -> Seen:
    if path in tree:
        return Seen(path, "file", None, len(tree[path]), MADE)
    return Seen(path, "directory" if path in directories else "missing")


def _below(tree: Tree, path: bytes) -> Tree:
    return {one: data for one, data in tree.items() if one == path or one.startswith(path.rstrip(b"/") + b"/")}


def _packed(tree: Tree, ask: Reading) -> bytes:
    pack = io.BytesIO()
    with tarfile.open(fileobj=pack, mode="w") as tar:
        for name in ask.names:
            top = _joined(ask.directory, name)
            for path, data in _below(tree, top).items():
                entry = tarfile.TarInfo(f"./{(name + path[len(top) :]).decode()}")
                entry.size, entry.mtime = len(data), MADE
                tar.addfile(entry, io.BytesIO(data))
    return pack.getvalue()


def _unpack(tree: Tree, stage: bytes, data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for entry in tar:
            file = tar.extractfile(entry) if entry.isreg() else None
            if file is not None:
                tree[_joined(stage, posixpath.normpath(entry.name).encode())] = file.read()


def _move(tree: Tree, source: bytes, final: bytes) -> None:
    for path, data in _below(tree, source).items():
        tree[final + path[len(source) :]] = data
        del tree[path]
