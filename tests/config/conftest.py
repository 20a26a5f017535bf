from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gpuws.config.acceptances import Acceptances
from gpuws.config.load import user_settings
from gpuws.config.paths import Paths, built_in_profiles, find_paths
from gpuws.config.profiles import ProfileStore
from gpuws.config.trust import Proposal, propose, shared_file
from gpuws.engines.docker.context import listed

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
        user, acceptances = user_settings(paths, environ), Acceptances(paths.accepted_dir, environ)
        store = ProfileStore((paths.profiles_dir, built_in_profiles()), user.profile_paths, acceptances)
        proposal = propose(*shared_file(str(path), user, store), store, acceptances, listed)
        acceptances.keep(proposal.reading)
        return proposal

    return accept
