"""Files of a container from outside, by the engine's archive (`docker cp`): as root, whether it runs or not.

What is mounted in memory inside (`/dev/shm`, tmpfs) it does not see, and it tells times in whole seconds."""

from __future__ import annotations

import base64
import io
import json
import posixpath
import queue
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Gone
from gpuws.engines.docker.api.http import Reply, request
from gpuws.engines.docker.copying.faults import of
from gpuws.engines.docker.existing.parse import table
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.files.files import Kind, Seen

GO_DIRECTORY, GO_LINK, GO_OTHER = 1 << 31, 1 << 27, 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19
"""Bits of a mode as Go tells it: directory, symlink, and what is no regular file either."""
STAT = "x-docker-container-path-stat"
LARGEST = 1 << 20
AHEAD = 8
"""Pieces that wait to be sent."""


@dataclass(frozen=True, slots=True)
class DockerFiles:
    """See `engines.base.Files`."""

    client: Client

    def look(self, workspace_id: str, path: bytes) -> Seen:
        full = absolute(path)
        told = self._stat(workspace_id, full)
        if told is None:
            return Seen(full, "missing")
        kind = _kind(told)
        if kind != "link":
            return Seen(full, kind, None, _number(told.get("size")), _seconds(told.get("mtime")))
        target = str(told.get("linkTarget") or "").encode(errors="surrogateescape")
        behind = self._stat(workspace_id, target) if target else None
        return Seen(full, "link", _kind(behind) if behind else "missing", None, _seconds(told.get("mtime")))

    def read(self, workspace_id: str, directory: bytes, names: Sequence[bytes]) -> ArchiveReader:
        path = posixpath.join(directory, names[0])
        with of(self.client):
            reply = self.client.open("GET", f"/containers/{workspace_id}/archive", {"path": path}, timeout=None)
        return ArchiveReader(self.client, reply)

    def write(self, workspace_id: str, directory: bytes) -> ArchiveWriter:
        return ArchiveWriter(self.client, workspace_id, directory)

    def owner(self, workspace_id: str) -> tuple[int, int]:
        with of(self.client):
            user = str(table(self.client.inspect(workspace_id).get("Config")).get("User") or "0")
        name, _, group = user.partition(":")
        passwd = self._rows(workspace_id, b"/etc/passwd")
        row = next((row for row in passwd if name in (row[0], row[2])), None)
        uid = name if name.isdecimal() else row[2] if row else "0"
        gid = group or (row[3] if row else "0")
        if not gid.isdecimal():
            groups = self._rows(workspace_id, b"/etc/group")
            gid = next((row[2] for row in groups if row[0] == group), "0")
        return int(uid), int(gid) if gid.isdecimal() else 0

    def _stat(self, workspace_id: str, path: bytes) -> Mapping[str, object] | None:
        try:
            with self.client.errors():
                reply = self.client.open("HEAD", f"/containers/{workspace_id}/archive", {"path": path})
                reply.close()
        except Gone:
            return None
        try:
            return table(json.loads(base64.b64decode(reply.headers.get(STAT, ""))))
        except ValueError as error:
            raise GpuwsError(f"Docker on {self.client.host} did not tell what the path is") from error

    def _rows(self, workspace_id: str, path: bytes) -> list[list[str]]:
        """Lines of passwd or group with all that they need; none where there is no such file."""
        data = bytearray()
        with suppress(Gone, tarfile.TarError), of(self.client):
            with self.client.open("GET", f"/containers/{workspace_id}/archive", {"path": path}) as reply:
                while len(data) < LARGEST and (piece := reply.recv()):
                    data += piece
            with tarfile.open(fileobj=io.BytesIO(bytes(data))) as tar:
                entry = tar.next()
                file = tar.extractfile(entry) if entry and entry.isfile() else None
                text = file.read().decode(errors="replace") if file else ""
            rows = [line.split(":") for line in text.splitlines()]
            return [row for row in rows if len(row) > 3 and row[2].isdecimal()]
        return []


class ArchiveReader:
    """A `Process` whose output is the engine's tar."""

    def __init__(self, client: Client, reply: Reply) -> None:
        self._client = client
        self._reply = reply
        self._status: int | None = None
        self._ended = threading.Event()

    def read(self, limit: int = 65536) -> bytes:
        with of(self._client):
            data = self._reply.recv(limit)
        if not data:
            self._status = None if self._reply.cut_short else 0
            self._ended.set()
        return data

    def read_stderr(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - the engine says nothing beside the tar
        self._ended.wait()
        return b""

    def write(self, data: bytes) -> None:
        """It leaves nothing out."""

    def close_stdin(self) -> None:
        """It takes no input."""

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._ended.wait(timeout):
            raise TimeoutError
        return self._status

    def close(self) -> None:
        self._ended.set()
        self._reply.close()


class ArchiveWriter:
    """A `Process` whose input is a tar that the engine unpacks in a directory. What it refuses stands in the errors."""

    def __init__(self, client: Client, workspace_id: str, directory: bytes) -> None:
        self._client = client
        self._pieces: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self._status: int | None = None
        self._said = b""
        self._ended = threading.Event()
        self._closed = threading.Event()
        target = client.target(f"/containers/{workspace_id}/archive", {"path": directory, "noOverwriteDirNonDir": True})
        threading.Thread(target=self._send, args=(target,), name="docker-archive", daemon=True).start()

    def read(self, limit: int = 65536) -> bytes:  # noqa: ARG002 - it has no output
        self._ended.wait()
        return b""

    def read_stderr(self, limit: int = 65536) -> bytes:
        self._ended.wait()
        said, self._said = self._said[:limit], self._said[limit:]
        return said

    def write(self, data: bytes) -> None:
        while not self._ended.is_set():
            with suppress(queue.Full):
                self._pieces.put(data, timeout=0.2)
                return
        raise GpuwsError("Docker takes no more of the files")

    def close_stdin(self) -> None:
        while not self._ended.is_set():
            with suppress(queue.Full):
                self._pieces.put(None, timeout=0.2)
                return

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._ended.wait(timeout):
            raise TimeoutError
        return self._status

    def close(self) -> None:
        self._closed.set()

    def _send(self, target: str) -> None:
        headers = {"Content-Type": "application/x-tar"}
        try:
            with of(self._client):
                request(self._client.dial, "PUT", target, headers=headers, body=self._given()).close()
            self._status = 0
        except _Abandoned:
            pass
        except GpuwsError as error:
            self._said = f"{error}\n".encode()
            self._status = 1 if self._client.link.alive else None
        finally:
            self._ended.set()

    def _given(self) -> Iterator[bytes]:
        while True:
            try:
                piece = self._pieces.get(timeout=0.2)
            except queue.Empty:
                if self._closed.is_set():
                    raise _Abandoned from None
                continue
            if piece is None:
                return
            yield piece


class _Abandoned(Exception):
    """Whoever sent it went away."""


def absolute(path: bytes) -> bytes:
    """As docker cp reads it: from the root. UsageError for what only a shell inside could tell."""
    if path.startswith(b"~"):
        raise UsageError("~ is known inside a running container of yours only", "write the path from / on")
    return posixpath.normpath(b"/" + path.lstrip(b"/"))


def _kind(told: Mapping[str, object]) -> Kind:
    mode = _number(told.get("mode")) or 0
    if mode & GO_DIRECTORY:
        return "directory"
    return "link" if mode & GO_LINK else "other" if mode & GO_OTHER else "file"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _seconds(value: object) -> int | None:
    with suppress(ValueError):
        return int(datetime.fromisoformat(str(value)[:19] + "+00:00").timestamp())
    return None
