import pytest

from tests.probe.local_place import LocalPlace


@pytest.fixture
def place(tmp_path):
    """A place whose tmux knows no other server than its own."""
    env = {"TMUX_TMPDIR": str(tmp_path), "HOME": str(tmp_path), "LC_ALL": "C", "SHELL": "/bin/sh"}
    place = LocalPlace(env)
    yield place
    place.env.pop("PATH", None)  # where a test took it away
    place.run(["tmux", "kill-server"])
    place.close()
