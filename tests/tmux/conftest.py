import pytest

from gpuws.model.session import tmux
from tests.probe.local_place import LocalPlace
from tests.tmux.driving import swept


@pytest.fixture
def place(tmp_path):
    """A place whose tmux knows no other server than its own."""
    env = {"TMUX_TMPDIR": str(tmp_path), "HOME": str(tmp_path), "LC_ALL": "C", "SHELL": "/bin/sh"}
    place = LocalPlace(env)
    with swept(tmp_path):
        yield place
    place.close()


@pytest.fixture(autouse=True)
def hints_go_soon(monkeypatch):
    """How a session is left lies over its status line, which tests wait for."""
    monkeypatch.setattr(tmux, "STAYS", 100)
