"""A real `docker compose`, version 2, for tests that compare with it: a package of Debian 13, kept in the cache.

No Debian before 13 has it; its one program needs only the C library, and runs on 12 too."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.lab import shell
from tests.lab.debian import KEYRING, mirror
from tests.lab.paths import cache_dir
from tests.lab.report import LabError, say

RELEASE = "trixie"
PACKAGE = "docker-compose"
PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"


@cache
def docker_config() -> Path:
    """A directory for DOCKER_CONFIG whose docker knows `docker compose`. LabError says why there can be none."""
    found = cache_dir() / "compose" / RELEASE
    program = found / "cli-plugins/docker-compose"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        _fetch(program)
    return found


def _fetch(program: Path) -> None:
    """By apt with directories of its own, so that this machine's lists and packages stay as they are."""
    if lacking := [one for one in ("apt-get", "dpkg-deb") if shutil.which(one) is None]:
        raise LabError(f"docker compose comes as a package of Debian {RELEASE}, and there is no {', '.join(lacking)}")
    say(f"fetching {PACKAGE} of Debian {RELEASE}")
    with tempfile.TemporaryDirectory(dir=program.parent.parent) as name:
        directory = Path(name)
        for below in ("state/lists/partial", "cache/archives/partial"):
            (directory / below).mkdir(parents=True)
        sources = directory / "sources.list"
        sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {RELEASE} main\n")
        said = {
            "Dir::State": directory / "state",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": directory / "cache",
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": "-",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",
        }
        options = [word for key, value in said.items() for word in ("-o", f"{key}={value}")]
        shell.run(["apt-get", *options, "update"], timeout=300)
        shell.run(["sh", "-c", 'cd "$1"; shift; exec "$@"', "sh", directory, "apt-get", *options, "download", PACKAGE])
        (package,) = directory.glob(f"{PACKAGE}_*.deb")
        shell.run(["dpkg-deb", "-x", package, directory / "tree"])
        (directory / "tree" / PLUGIN).replace(program)
