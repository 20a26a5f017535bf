from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gpuws.config.paths import Paths, find_paths
from gpuws.config.trust.accept import Proposals
from gpuws.engines.docker.build.context import listed
from gpuws.model.consent.trust import Proposal

Write = Callable[[str, str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    directory = tmp_path / "home"
    directory.mkdir()
    return directory


@pytest.fixture
def environ(home: Path, tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(home), "TMPDIR": str(tmp_path)}


@pytest.fixture
def paths(environ: dict[str, str]) -> Paths:
    return find_paths(None, environ)


@pytest.fixture
def write(paths: Paths) -> Write:
    """Write a file into the configuration directory."""

    def write(name: str, text: str) -> Path:
        path = paths.config_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def accept(paths: Paths, environ: dict[str, str]) -> Callable[[Path], Proposal]:
    """What `gpuws trust FILE --yes` does; what it showed comes back."""

    def accept(path: Path) -> Proposal:
        shared = Proposals(paths, environ, listed)
        proposal = shared.propose(str(path))
        shared.accept(proposal.id)
        return proposal

    return accept
