"""What is shipped, built from a copy of the work tree: the tree itself would be written to by the build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAGGED = "v9.8.7"
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]


@dataclass(frozen=True, slots=True)
class Shipped:
    """A tagged repository, what was unpacked from the sdist made of it, and the wheel made there: no git."""

    tree: Path
    source: Path
    wheel: Path


def shipped(folder: Path) -> Shipped:
    tree, unpacked = folder / "tree", folder / "unpacked"
    for name in tracked():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"], ["tag", TAGGED]):
        subprocess.run([*GIT, *words], cwd=tree, check=True, capture_output=True)
    hatch(tree, "build", "-t", "sdist", "-d", str(unpacked))
    (sdist,) = unpacked.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    source = unpacked / sdist.name.removesuffix(".tar.gz")
    hatch(source, "build", "-t", "wheel", "-d", str(unpacked))
    (wheel,) = unpacked.glob("*.whl")
    return Shipped(tree, source, wheel)


def tracked() -> list[str]:
    """Files of the repository that lie in the work tree, below its root."""
    argv = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode().rstrip("\0").split("\0")
    return [name for name in names if (ROOT / name).is_file() and not name.startswith(("tests/", "screenshots/"))]


def hatch(folder: Path, *words: str) -> str:
    """Without a network, and without what says a version to the test's own surroundings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SETUPTOOLS_SCM")}
    argv = [sys.executable, "-m", "hatchling", *words]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
