"""My uid gets a name inside: a line in the container's own passwd and group files, put there before it starts.

Without it `getpwuid` fails, and with it whatever asks who runs it: `import torch`, ssh, a shell's prompt."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress

from gpuws.engines.docker.api.client import CALL_TIMEOUT, Client
from gpuws.engines.docker.api.errors import Rejected
from gpuws.engines.docker.api.http import Refusal, request
from gpuws.model.placement.plan import ContainerSpec

LARGEST = 1 << 20
PASSWD, GROUP = "passwd", "group"


def introduce(client: Client, container: str, spec: ContainerSpec) -> None:
    """Add the lines that are missing. An image without these files, or that does not let them be read, stays as it is:
    USER, LOGNAME and HOME serve most programs."""
    uid, _, group = (spec.user or "").partition(":")
    gid = group or "0"
    if not uid.isdecimal() or not gid.isdecimal() or uid == "0":
        return
    login, home = spec.environment.get("USER", f"uid{uid}"), spec.environment.get("HOME", "/tmp")
    lines = {PASSWD: f"{login}:x:{uid}:{gid}::{home}:/bin/sh", GROUP: f"{login}:x:{gid}:"}
    numbers = {PASSWD: uid, GROUP: gid}
    with suppress(Rejected), client.errors():
        changed = {}
        for name, line in lines.items():
            text = _read(client, container, f"/etc/{name}")
            if text is not None and (more := with_line(text, line, numbers[name])) is not None:
                changed[name] = more
        if changed:
            _write(client, container, changed)


def with_line(text: str, line: str, number: str) -> str | None:
    """A passwd or group file with `line` at its end; None where the number, or the name, is known already."""
    rows = [row.split(":") for row in text.splitlines()]
    name = line.partition(":")[0]
    if any(len(row) > 2 and row[2] == number for row in rows):
        return None
    if any(row[0] == name for row in rows) or any(mark in line for mark in "\n\r\0"):
        return None
    return text + ("" if not text or text.endswith("\n") else "\n") + line + "\n"


def _read(client: Client, container: str, path: str) -> str | None:
    """A regular file of the container; None where there is none."""
    try:
        reply = client.open("GET", f"/containers/{container}/archive", {"path": path})
    except Refusal as error:
        if error.status != 404:
            raise
        return None
    data = bytearray()
    with reply:
        while piece := reply.recv():
            data += piece
            if len(data) > LARGEST:
                return None
    try:
        with tarfile.open(fileobj=io.BytesIO(bytes(data))) as tar:
            entry = tar.next()
            file = tar.extractfile(entry) if entry and entry.isfile() else None
            return file.read().decode(errors="surrogateescape") if file else None
    except tarfile.TarError:
        return None


def _write(client: Client, container: str, files: dict[str, str]) -> None:
    pack = io.BytesIO()
    with tarfile.open(fileobj=pack, mode="w") as tar:
        for name, text in files.items():
            data = text.encode(errors="surrogateescape")
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    target = client.target(f"/containers/{container}/archive", {"path": "/etc"})
    request(client.dial, "PUT", target, body=pack.getvalue(), timeout=CALL_TIMEOUT).close()
