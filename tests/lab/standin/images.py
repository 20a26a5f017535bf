"""Builds them in the lab's own engine, under the names that stand in the profiles' FROM."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tests.lab import debian
from tests.lab.engine import docker
from tests.lab.images import base_tag

HERE = Path(__file__).parent
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Those that this machine trusts: packages may come through a proxy with a certificate of its own."""
SYSTEM_SINCE = (2, 9)
"""The first version of PyTorch whose image uses the system's Python."""


def stand_in(image: str) -> None:
    """Have `image`, as a profile's FROM names it, in the lab's engine."""
    kind, release = layout(image)
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(HERE / f"{kind}.Dockerfile", Path(directory, "Dockerfile"))
        certificates = Path(os.environ.get("PIP_CERT") or CERTIFICATES)
        shutil.copy(certificates if certificates.exists() else CERTIFICATES, Path(directory, "ca-certificates.crt"))
        given = {**debian.proxy(), "BASE": base_tag(release)}
        words = [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
        docker("build", "--network", "host", "--tag", image, *words, directory, timeout=600)


def layout(image: str) -> tuple[str, str]:
    """Of what kind it is, and the Debian that is nearest."""
    repository, _, tag = image.partition(":")
    if repository == "python":
        return "python", "trixie"
    major, minor, *_ = tag.partition("-")[0].split(".")
    return ("system", "trixie") if (int(major), int(minor)) >= SYSTEM_SINCE else ("conda", "bookworm")
