"""A server that is started in tmux, in a real tmux with a program of the test's own in Jupyter's place."""

import shutil

import pytest

from gpuws.fleet.local.shared import managing, unanswered
from gpuws.jupyter import starting
from gpuws.model.errors import GpuwsError, Refused, TargetError, Unanswered, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tmux.listing import list_sessions
from tests.factories import snapshot
from tests.keeper.serving import until
from tests.tmux.conftest import place  # noqa: F401  a tmux server of the test's own

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")
ALPHA = PlaceRef("alpha")
SERVER = "#!/bin/sh\necho $$ >{here}/pid; echo see http://127.0.0.1/lab?token=s3cret\nwhile :; do sleep 0.05; done\n"
CRASH = "#!/bin/sh\necho no module named jupyterlab >&2\nexit 1\n"


class Alpha:
    """Its link comes back when it is hurried; `gone`: it does not."""

    host = snapshot()

    def __init__(self):
        self.away, self.gone, self.snapshot = False, False, snapshot(state=HostState.DOWN)

    def hurry(self):
        self.away = self.gone


class Places:
    """alpha, whose only server is the one whose process number lies in `pid`."""

    def __init__(self, place, here):  # noqa: F811
        self.place, self.here, self.mine = place, here, True
        self.users, self.host = [], Alpha()

    def find(self, ref, *, user=None):
        if self.host.away:
            raise Unreachable("alpha is down")
        self.users.append(user)
        return self.place

    def need_writable(self, ref):
        pass

    def may_enter(self, ref):
        return self.mine

    def label(self, ref):
        return "alpha"

    def look_for(self, places, ref):
        self.find(ref)
        file = self.here / "pid"
        text = file.read_text().strip() if file.exists() else ""
        alive = text and self.place.run(["kill", "-0", text]).ok
        return (JupyterServer(8888, pid=int(text)),) if alive else ()


@pytest.fixture
def alpha(place, tmp_path, monkeypatch):  # noqa: F811
    places = Places(place, tmp_path)
    monkeypatch.setattr(managing, "look_for", places.look_for)
    monkeypatch.setattr(managing, "LOOK", 0.05)
    monkeypatch.setattr(unanswered, "SETTLE", 0.2)
    monkeypatch.setattr(unanswered, "PATIENCE", 0.5)
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
    return managing.start_server(places.host, places, ALPHA, "ann@desk", str(places.program.parent.parent))


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
    managing.stop_server(alpha.host, alpha, ALPHA, None)
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
    managing.stop_server(alpha.host, alpha, ALPHA, 8888)


def test_in_a_container_of_mine_it_is_ended_whoever_started_it(alpha):
    install(alpha, SERVER)
    start(alpha)
    alpha.users.clear()
    managing.stop_server(alpha.host, alpha, PlaceRef("alpha", "1" * 64), None)
    assert alpha.look_for(alpha, ALPHA) == ()
    assert "0" in alpha.users


def test_nothing_is_started_or_ended_in_what_is_not_mine(alpha):
    alpha.mine = False
    for act in (start, lambda places: managing.stop_server(places.host, places, ALPHA, None)):
        with pytest.raises(Refused, match="not yours"):
            act(alpha)
    assert sessions(alpha) == []


def cut(places, monkeypatch, module, name, *, done):
    """The link is lost behind that call, or before."""
    bare = getattr(module, name)

    def call(*args, **more):
        if done:
            bare(*args, **more)
        places.host.away = True
        monkeypatch.setattr(module, name, bare)
        raise Unreachable("the connection to alpha was lost")

    monkeypatch.setattr(module, name, call)


def test_one_whose_start_was_cut_is_waited_for_and_told(alpha, monkeypatch):
    install(alpha, SERVER)
    cut(alpha, monkeypatch, managing, "new_session", done=True)
    assert start(alpha) == 8888
    managing.stop_server(alpha.host, alpha, ALPHA, None)


def test_one_that_was_never_begun_is_told_so(alpha, monkeypatch):
    install(alpha, SERVER)
    cut(alpha, monkeypatch, managing, "new_session", done=False)
    with pytest.raises(GpuwsError, match="lost: the Jupyter server of alpha was not started: it is not there"):
        start(alpha)


def test_a_link_lost_while_it_comes_up_is_waited_for_but_not_for_ever(alpha, monkeypatch):
    install(alpha, SERVER)
    cut(alpha, monkeypatch, managing, "_come_up", done=False)
    assert start(alpha) == 8888
    managing.stop_server(alpha.host, alpha, ALPHA, None)
    alpha.host.gone = True
    (alpha.here / "pid").unlink()
    cut(alpha, monkeypatch, managing, "_come_up", done=False)
    with pytest.raises(Unanswered, match="whether the Jupyter server of alpha was started is not known"):
        start(alpha)
    alpha.host.away = False
    until(lambda: alpha.look_for(alpha, ALPHA), "it was, all the same")
    managing.stop_server(alpha.host, alpha, ALPHA, None)


@pytest.mark.parametrize("done", [True, False])
def test_one_whose_end_was_cut_is_told_by_its_process(alpha, monkeypatch, done):
    install(alpha, SERVER)
    start(alpha)
    monkeypatch.setattr(managing, "STOPPING", 0.2)
    cut(alpha, monkeypatch, starting, "stop", done=done)
    if done:
        managing.stop_server(alpha.host, alpha, ALPHA, None)
        assert alpha.look_for(alpha, ALPHA) == ()
        return
    with pytest.raises(GpuwsError, match="lost: the Jupyter server of alpha was not ended: it still runs"):
        managing.stop_server(alpha.host, alpha, ALPHA, None)
    managing.stop_server(alpha.host, alpha, ALPHA, None)
