"""A server that is started in tmux, in a real tmux with a program of the test's own in Jupyter's place."""

import shutil

import pytest

from gpuws.fleet.local.shared import managing
from gpuws.jupyter import starting
from gpuws.model.errors import GpuwsError, Refused, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tmux.listing import list_sessions
from tests.keeper.serving import until
from tests.tmux.conftest import place  # noqa: F401  a tmux server of the test's own

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")
ALPHA = PlaceRef("alpha")
SERVER = "#!/bin/sh\necho $$ >{here}/pid; echo see http://127.0.0.1/lab?token=s3cret\nwhile :; do sleep 0.05; done\n"
CRASH = "#!/bin/sh\necho no module named jupyterlab >&2\nexit 1\n"


class Places:
    """alpha, whose only server is the one whose process number lies in `pid`."""

    def __init__(self, place, here):  # noqa: F811
        self.place, self.here, self.mine = place, here, True
        self.users = []

    def find(self, ref, *, user=None):
        self.users.append(user)
        return self.place

    def need_writable(self, ref):
        pass

    def may_enter(self, ref):
        return self.mine

    def label(self, ref):
        return "alpha"

    def look_for(self, places, ref):
        file = self.here / "pid"
        text = file.read_text().strip() if file.exists() else ""
        alive = text and self.place.run(["kill", "-0", text]).ok
        return (JupyterServer(8888, pid=int(text)),) if alive else ()


@pytest.fixture
def alpha(place, tmp_path, monkeypatch):  # noqa: F811
    places = Places(place, tmp_path)
    monkeypatch.setattr(managing, "look_for", places.look_for)
    monkeypatch.setattr(managing, "LOOK", 0.05)
    (tmp_path / "venv/bin").mkdir(parents=True)
    places.program = tmp_path / "venv/bin/jupyter-lab"
    return places


def install(places, text):
    places.program.write_text(text.format(here=places.here))
    places.program.chmod(0o755)


def sessions(places):
    """At its own tmux server; others of this machine may be mine, too."""
    return [one for one in list_sessions(places.place) if not one.socket and one.program == "tmux"]


def start(places):
    return managing.start_server(places, ALPHA, "ann@desk", str(places.program.parent.parent))


def test_it_runs_in_a_session_of_mine_and_ends_with_its_word(alpha):
    install(alpha, SERVER)
    assert start(alpha) == 8888
    (session,) = sessions(alpha)
    assert (session.name, session.mark) == (starting.SESSION, "ann@desk")
    pid = (alpha.here / "pid").read_text()
    assert start(alpha) == 8888  # it is there
    assert (alpha.here / "pid").read_text() == pid
    assert any("token=***" in line for line in managing.log_lines(alpha, ALPHA))
    assert "s3cret" not in "\n".join(managing.log_lines(alpha, ALPHA))
    managing.stop_server(alpha, ALPHA, None)
    assert alpha.look_for(alpha, ALPHA) == ()
    until(lambda: not sessions(alpha), "its session is gone with it")
    with pytest.raises(TargetError, match="no Jupyter server was started with --start there") as error:
        managing.log_lines(alpha, ALPHA)
    assert error.value.remedy == "gpuws jupyter alpha --start"


def test_one_that_ends_at_once_says_why_and_can_be_started_again(alpha):
    install(alpha, CRASH)
    with pytest.raises(GpuwsError, match="ended at once") as error:
        start(alpha)
    assert "no module named jupyterlab" in error.value.message
    assert error.value.remedy == "gpuws attach alpha:jupyter"
    install(alpha, SERVER)
    assert start(alpha) == 8888
    managing.stop_server(alpha, ALPHA, 8888)


def test_in_a_container_of_mine_it_is_ended_whoever_started_it(alpha):
    install(alpha, SERVER)
    start(alpha)
    alpha.users.clear()
    managing.stop_server(alpha, PlaceRef("alpha", "1" * 64), None)
    assert alpha.look_for(alpha, ALPHA) == ()
    assert "0" in alpha.users


def test_nothing_is_started_or_ended_in_what_is_not_mine(alpha):
    alpha.mine = False
    for act in (start, lambda places: managing.stop_server(places, ALPHA, None)):
        with pytest.raises(Refused, match="not yours"):
            act(alpha)
    assert sessions(alpha) == []
