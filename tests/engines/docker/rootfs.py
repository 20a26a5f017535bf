"""A small image made of this machine's own programs: no registry is needed."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from gpuws.engines.docker.api.http import request
from gpuws.engines.docker.engine import DockerEngine

PROGRAMS = (
    "sh",
    "bash",
    "sleep",
    "cat",
    "id",
    "env",
    "ls",
    "stty",
    "seq",
    "touch",
    "head",
    "tmux",
    "mkdir",
    "rm",
    "nproc",
)
DIRECTORIES = ("tmp", "proc", "sys", "dev", "etc", "root", "data", "usr", "usr/bin", "usr/lib", "usr/lib64")
LINKS = {"bin": "usr/bin", "sbin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64"}


def small_image(programs: tuple[str, ...] = PROGRAMS) -> bytes:
    """A tar of `programs`, the libraries they need, and the directories every container has."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in DIRECTORIES:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(entry)
        for name, target in LINKS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
        files = {f"usr/bin/{name}": _program(name) for name in programs}
        for library in {lib for file in files.values() for lib in _libraries(file)}:
            files[library.lstrip("/") if library.startswith("/usr") else f"usr{library}"] = library
        for name, file in sorted(files.items()):
            tar.add(Path(file).resolve(), name)
        _terminfo(tar)
        tar.add("/usr/lib/locale/C.utf8", "usr/lib/locale/C.utf8")
        passwd = b"root:x:0:0:root:/root:/bin/bash\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(passwd)
        tar.addfile(entry, io.BytesIO(passwd))
    return out.getvalue()


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not installed here"
    return found


def _libraries(file: str) -> list[str]:
    done = subprocess.run(["ldd", file], capture_output=True, text=True, check=False)
    return [word for line in done.stdout.splitlines() for word in line.split() if word.startswith("/")]


def _terminfo(tar: tarfile.TarFile) -> None:
    for name in ("x/xterm-256color", "s/screen", "t/tmux-256color", "s/screen-256color"):
        for base in ("/usr/share/terminfo", "/lib/terminfo"):
            if (file := Path(base, name)).exists():
                tar.add(file.resolve(), f"usr/share/terminfo/{name}")
                break


def load(engine: DockerEngine, image: bytes, name: str) -> None:
    """Give an engine `image` under a name with a tag."""
    client, (repository, _, tag) = engine._client, name.rpartition(":")
    target = client.target("/images/create", {"fromSrc": "-", "repo": repository, "tag": tag})
    with request(client.dial, "POST", target, body=image, timeout=60) as reply:
        while reply.recv():
            pass
