"""Sessions of a real tmux server on a socket of its own."""

import shutil

import pytest

from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.terminal import Size
from gpuws.tmux import sessions
from tests.probe.local_place import LocalPlace

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")


@pytest.fixture
def place(tmp_path):
    """A place whose tmux knows no other server than its own."""
    env = {"TMUX_TMPDIR": str(tmp_path), "HOME": str(tmp_path), "LC_ALL": "C", "SHELL": "/bin/sh"}
    place = LocalPlace(env)
    yield place
    place.run(["tmux", "kill-server"])
    place.close()


def tmux(place, *words):
    done = place.run(["tmux", *words])
    assert done.ok, done.stderr


def names(place):
    return [session.name for session in sessions.list_sessions(place)]


def test_no_server_is_no_sessions(place):
    assert sessions.list_sessions(place) == ()


def test_a_session_is_made_listed_and_ended(place):
    sessions.new_session(place, "train")
    [session] = sessions.list_sessions(place)
    assert (session.name, session.windows, session.attached, session.command) == ("train", 1, 0, "sh")
    assert abs(session.created - session.activity) < 10
    assert session.mark is None
    tmux(place, "set-option", "-t", "train", "@gpuws_owner", "ann@desk:1")
    assert [session.mark for session in sessions.list_sessions(place)] == ["ann@desk:1"]
    sessions.kill_session(place, "train")
    assert sessions.list_sessions(place) == ()


def test_the_active_pane_is_what_a_session_runs(place):
    sessions.new_session(place, "train")
    tmux(place, "new-window", "-t", "train", "exec sleep 1000")
    [session] = sessions.list_sessions(place)
    assert (session.windows, session.command) == (2, "sleep")
    shown = place.run(["tmux", "list-panes", "-a", "-F", "#{pane_pid}"]).stdout.split()
    assert len(shown) == 2
    assert sorted(session.panes) == sorted(map(int, shown))


@pytest.mark.parametrize(
    "name", ["a b", "ünïcödé", "job#3", "#{pid}", "#(true)", "=a", "{mouse}", "@1", "%0", "a*", "a'b\"c", "+", "!"]
)
def test_unusual_names_lead_to_their_session(place, name):
    sessions.new_session(place, name)
    sessions.new_session(place, "other")
    assert sorted(names(place)) == sorted([name, "other"])
    sessions.kill_session(place, name)
    assert names(place) == ["other"]


def test_a_part_of_a_name_is_another_name(place):
    sessions.new_session(place, "train-long")
    with pytest.raises(GpuwsError, match="train"):
        sessions.kill_session(place, "train")
    with pytest.raises(GpuwsError, match="train"):
        sessions.kill_session(place, "train*")
    assert names(place) == ["train-long"]


def test_a_session_is_made_once(place):
    sessions.new_session(place, "train")
    with pytest.raises(GpuwsError, match="duplicate session"):
        sessions.new_session(place, "train")


@pytest.mark.parametrize("name", ["", "a:b", "a.b", "-d", "$1", "a$b", "a\\b", "a\nb", "a\x1b", " a", "x" * 300])
def test_names_that_tmux_would_change_are_refused(place, name):
    for act in (lambda: sessions.new_session(place, name), lambda: sessions.attach_argv(name)):
        with pytest.raises(UsageError, match="no name for a tmux session"):
            act()


def test_noise_of_start_files_is_no_session(place):
    sessions.new_session(place, "train")
    place.noise = "1:2:3:4:welcome\\nmotd"
    assert names(place) == ["train"]


def test_a_place_without_tmux_says_so(tmp_path):
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    place = LocalPlace({"PATH": str(tmp_path)})
    with pytest.raises(GpuwsError) as caught:
        sessions.list_sessions(place)
    assert str(caught.value) == "tmux is not installed there — install it there: apt-get install tmux"


def drawn(terminal, text):
    """Read until tmux has drawn `text`."""
    seen = b""
    while text not in seen:
        chunk = terminal.recv()
        assert chunk, f"tmux ended: {seen!r}"
        seen += chunk


def test_attach_makes_the_session_and_comes_back_to_it(place):
    for _ in range(2):
        terminal = place.interactive(sessions.attach_argv("main"), Size(80, 24))
        drawn(terminal, b"[main]")
        tmux(place, "detach-client", "-s", "=main")
        drawn(terminal, b"[detached (from session main)]")
        assert terminal.exit_status() == 0
        assert names(place) == ["main"]


def test_a_view_changes_nothing(place):
    sessions.new_session(place, "main")
    terminal = place.interactive(sessions.view_argv("main"), Size(80, 24))
    drawn(terminal, b"[main]")
    terminal.sendall(b"exit\r")
    tmux(place, "detach-client", "-s", "=main")
    drawn(terminal, b"[detached (from session main)]")
    assert names(place) == ["main"]


@pytest.mark.parametrize(("there", "entered"), [([], b"[main]"), (["train"], b"[train]")])
def test_a_place_is_entered_at_the_session_it_keeps(place, there, entered):
    for name in there:
        sessions.new_session(place, name)
    terminal = place.interactive(sessions.own_argv(), Size(80, 24))
    drawn(terminal, entered)
    terminal.close()


def test_without_tmux_a_shell_is_entered(tmp_path):
    for name in ("sh", "bash", "echo"):
        (tmp_path / name).symlink_to(shutil.which(name))
    place = LocalPlace({"PATH": str(tmp_path)})
    terminal = place.interactive(sessions.own_argv(), Size(80, 24))
    terminal.sendall(b"echo a-$((1+1))-shell\r")
    drawn(terminal, b"a-2-shell")
    terminal.close()
