"""Records of Jupyter servers in a workspace, read by its engine: nothing runs in it for that.

They lie where `jupyter_core` has them, by the workspace's own environment and for the users that it knows. Which of
their servers still run is for the caller to ask: processes are not seen from here."""

from __future__ import annotations

import io
import posixpath
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gpuws.jupyter.records import record
from gpuws.link.place import Process
from gpuws.model.errors import GpuwsError
from gpuws.model.secret import VARIABLES
from gpuws.model.session.notebook import JupyterServer

MOST_FOLDERS = 8
LARGEST = 4 << 20  # bytes of a folder of records, or of a list of users
_RECORD = re.compile(r"(?:.*/)?(?:jp|nb)server-(\d+)\.json")


class Files(Protocol):
    """What of an engine's files is needed (`engines/base.py`)."""

    def read(self, workspace_id: str, directory: bytes, names: Sequence[bytes]) -> Process:
        """A tar of the one thing that is named in `directory`."""
        ...


def read_records(files: Files, workspace_id: str, environment: Mapping[str, str]) -> tuple[JupyterServer, ...]:
    """Newest first, one for a port. `environment`: of the workspace's own program."""
    found: dict[tuple[str, int], tuple[float, JupyterServer]] = {}
    for folder in _folders(files, workspace_id, environment):
        for name, written, data in _read(files, workspace_id, *posixpath.split(folder)):
            match = _RECORD.fullmatch(name)
            server = record(data.decode("utf-8", "replace"), int(match[1])) if match else None
            if server is not None and found.get(server.reached_at, (-1.0, server))[0] < written:
                found[server.reached_at] = (written, server)
    return tuple(server for _, server in sorted(found.values(), key=lambda each: -each[0]))


def environment_of(inspected: Mapping[str, object]) -> dict[str, str]:
    """The variables that a workspace was made with, as its engine tells of it."""
    config = inspected.get("Config")
    listed = config.get(VARIABLES) if isinstance(config, dict) else None
    return dict(str(item).partition("=")[::2] for item in listed) if isinstance(listed, list) else {}


def _folders(files: Files, workspace_id: str, environment: Mapping[str, str]) -> list[str]:
    """Where records may lie, the likeliest first."""
    found = [
        environment.get("JUPYTER_RUNTIME_DIR", ""),
        _below(environment.get("JUPYTER_DATA_DIR", ""), "runtime"),
        _below(environment.get("XDG_DATA_HOME", ""), "jupyter/runtime"),
        *(_below(home, ".local/share/jupyter/runtime") for home in (environment.get("HOME", ""), "/root")),
        *(_below(home, ".local/share/jupyter/runtime") for home in _homes(files, workspace_id)),
    ]
    return [folder for folder in dict.fromkeys(found) if folder.startswith("/")][:MOST_FOLDERS]


def _below(folder: str, path: str) -> str:
    return posixpath.join(folder, path) if folder else ""


def _homes(files: Files, workspace_id: str) -> Iterator[str]:
    """Those of people."""
    for _, _, data in _read(files, workspace_id, "/etc", "passwd"):
        for row in (line.split(":") for line in data.decode("utf-8", "replace").splitlines()):
            if len(row) > 6 and row[2].isdecimal() and 1000 <= int(row[2]) < 60000:
                yield row[5]


def _read(files: Files, workspace_id: str, directory: str, name: str) -> Iterator[tuple[str, float, bytes]]:
    """Name, time and content of each file in it; none where there is no such thing."""
    try:
        reader = files.read(workspace_id, directory.encode(), [name.encode()])
    except GpuwsError:
        return
    data = bytearray()
    try:
        while len(data) < LARGEST and (piece := reader.read()):
            data += piece
    finally:
        reader.close()
    try:
        with tarfile.open(fileobj=io.BytesIO(bytes(data))) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield member.name, float(member.mtime), file.read()
    except tarfile.TarError:
        return
