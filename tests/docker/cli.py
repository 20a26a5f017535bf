"""A docker program new enough for everything that `docker run` is asked here: this machine's, or Debian 13's."""

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


def docker_program() -> str:
    """Its path. Skips where none can be had."""
    cached = cache_dir() / "docker-cli" / "usr/bin/docker"
    for program in (shutil.which("docker"), str(cached)):
        if program and major(program) >= LEAST:
            return program
    try:
        fetch(cached.parents[2])
    except LabError as error:
        pytest.skip(f"no docker program of version {LEAST} or later can be had: {error}")
    return str(cached)


def major(program: str) -> int:
    if not Path(program).exists():
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\d+)\.", said)
    return int(found[1]) if found else 0


def fetch(directory: Path) -> None:
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
               "download", "docker-cli"], timeout=300)  # fmt: skip
    (package,) = (work / "out").glob("docker-cli_*.deb")
    shell.run(["dpkg", "-x", package, directory], timeout=60)
    shutil.rmtree(work, ignore_errors=True)
