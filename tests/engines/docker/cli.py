"""Docker's programs new enough for what they are asked here: this machine's, or Debian 13's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import shell
from tests.lab.debian import KEYRING, _mirror
from tests.lab.paths import cache_dir
from tests.lab.report import LabError

LEAST = 26
RELEASE = "trixie"
COMPOSE = "usr/libexec/docker/cli-plugins/docker-compose"


def docker_program() -> str:
    """The path of a docker program of version 26 or later. Skips where none can be had."""
    installed = shutil.which("docker")
    if installed and major(installed) >= LEAST:
        return installed
    return had("docker-cli", "usr/bin/docker")


def compose_plugin() -> str:
    """The path of docker compose, as its program looks for it. Skips where none can be had."""
    return had("docker-compose", COMPOSE)


def had(package: str, program: str) -> str:
    """A program of a package of Debian 13, kept in the cache."""
    cached = cache_dir() / package / program
    if not cached.exists():
        try:
            fetch(package, cached.parents[len(Path(program).parts) - 1])
        except LabError as error:
            pytest.skip(f"no {package} of Debian 13 can be had: {error}")
    return str(cached)


def major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\d+)\.", said)
    return int(found[1]) if found else 0


def fetch(package: str, directory: Path) -> None:
    """Debian's package, by apt with lists of its own: nothing is installed on this machine."""
    work = directory.with_suffix(".apt")
    shutil.rmtree(work, ignore_errors=True)
    for part in ("lists/partial", "archives/partial", "out"):
        (work / part).mkdir(parents=True)
    (work / "status").touch()
    if not (mirror := _mirror()):
        raise LabError("this machine knows no mirror of Debian")
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror[0]} {RELEASE} main\n")
    settings = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State": work,
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "APT::Sandbox::User": "root",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    shell.run(["apt-get", *options, "update"], timeout=300)
    shell.run(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", work / "out", "apt-get", *options,
               "download", package], timeout=300)  # fmt: skip
    (file,) = (work / "out").glob(f"{package}_*.deb")
    shell.run(["dpkg", "-x", file, directory], timeout=60)
    shutil.rmtree(work, ignore_errors=True)
