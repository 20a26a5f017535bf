"""What panes of a real tmux server show."""

import shutil

import pytest

from gpuws.model.errors import TargetError
from gpuws.model.session.session import Session
from gpuws.model.session.state import SessionState
from gpuws.probe.agent import screens
from gpuws.probe.agent.screens import Screens
from gpuws.tmux.listing import NoTmux, list_sessions
from gpuws.tmux.screens import screen_of
from tests.tmux.driving import all_told, tmux

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")
ASK = Session("ask")
DRAWN = r"printf '\033[31mred\033[0m and \033[1mbold\nstays\033[0m\n\nName? '; tmux wait-for -S drawn; exec cat"


@pytest.fixture
def asking(place):
    """A session that shows a question."""
    tmux(place, "new-session", "-d", "-x", "80", "-y", "24", "-s", "ask", DRAWN)
    tmux(place, "wait-for", "drawn")
    place.run(["sh", "-c", "until tmux capture-pane -p -t ask | grep -q Name; do sleep 0.02; done"])


@pytest.mark.usefixtures("asking")
def test_lines_and_the_cursor_among_them(place):
    shown = screen_of(place, ASK)
    assert shown.lines == ("red and bold", "stays", "", "Name?")
    assert shown.cursor == (3, 6)
    assert (shown.columns, shown.rows, shown.alternate, shown.dead) == (80, 24, False, False)
    assert screen_of(place, ASK, shown.pane, lines=1).lines == ("Name?",)
    assert screen_of(place, ASK, lines=1).cursor == (0, 6)


@pytest.mark.usefixtures("asking")
def test_each_line_has_the_colours_that_it_begins_with(place):
    red, bold = screen_of(place, ASK, colours=True).lines[:2]
    assert red.startswith("\x1b[31mred\x1b[")
    assert bold.endswith("\x1b[1mstays\x1b[0m")


def test_the_token_that_a_notebook_server_prints_is_stars_also_where_its_line_wraps(place):
    address = f"http://127.0.0.1:8888/lab?token={'ab' * 24}"
    said = f"printf '    {address}  # copy it\\n{address}xyz\\n'; tmux wait-for -S said; exec cat"
    tmux(place, "new-session", "-d", "-x", "60", "-y", "24", "-s", "jup", said)
    tmux(place, "wait-for", "said")
    place.run(["sh", "-c", "until tmux capture-pane -p -t jup | grep -q xyz; do sleep 0.02; done"])
    for colours in (False, True):
        shown = "\n".join(screen_of(place, Session("jup"), colours=colours).lines)
        assert "token=***" in shown
        assert "abab" not in shown
        assert "# copy it" in shown


def test_a_program_that_ended_and_one_that_draws_the_whole_screen(place):
    tmux(place, "new-session", "-d", "-s", "one", "printf '\\033[?1049hwhole'; exec cat")
    place.run(["sh", "-c", "until tmux capture-pane -p -t one | grep -q whole; do sleep 0.02; done"])
    assert screen_of(place, Session("one")).alternate
    tmux(place, "set-option", "-g", "remain-on-exit", "on")
    tmux(place, "new-session", "-d", "-s", "two", "tmux wait-for end; exit 3")
    tmux(place, "wait-for", "-S", "end")
    all_told(place, 1)
    shown = screen_of(place, Session("two"))
    assert (shown.dead, shown.status) == (True, 3)


def test_what_is_not_there_is_said(place, tmp_path):
    with pytest.raises(TargetError, match="there is no tmux session 'ask' there"):
        screen_of(place, ASK)
    tmux(place, "new-session", "-d", "-s", "ask", "exec cat")
    with pytest.raises(TargetError, match="that pane has ended"):
        screen_of(place, ASK, "%99")
    with pytest.raises(TargetError, match="'ask:1' is no pane of tmux"):
        screen_of(place, ASK, "ask:1")
    place.env["PATH"] = str(tmp_path)
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    with pytest.raises(NoTmux):
        screen_of(place, ASK)


@pytest.mark.usefixtures("asking")
def test_sessions_are_listed_with_what_they_are_doing(place):
    spoof = "printf '|x\\nshown:$0:0:0:0:0\\n|$ ' ; tmux wait-for -S spoofed; exec cat"
    tmux(place, "new-session", "-d", "-s", "spoof", spoof)
    tmux(place, "wait-for", "spoofed")
    place.run(
        ["sh", "-c", "until tmux list-panes -t spoof -F '#{pane_current_command}' | grep -q cat; do sleep 0.02; done"]
    )
    states = {session.name: session.state for session in list_sessions(place)}
    assert states["ask"] == SessionState("waiting", "Name?")
    assert states["spoof"].kind == "running"


def test_the_agent_tells_a_screen_only_where_it_changed(place, monkeypatch):
    reader = Screens()

    def ask(words):
        return place.run(["tmux", "-u", *words]).stdout.decode()

    tmux(place, "new-session", "-d", "-s", "ask", DRAWN)
    tmux(place, "wait-for", "drawn")
    place.run(["sh", "-c", "until tmux capture-pane -p -t ask | grep -q Name; do sleep 0.02; done"])
    told = reader.read(ask, "")
    assert told.startswith("shown:$0:6:3:0:0\n|red and bold\n|stays\n|\n|Name?\n")
    assert reader.read(ask, "") == ""
    tmux(place, "send-keys", "-t", "ask", "ann")
    place.run(["sh", "-c", "until tmux capture-pane -p -t ask | grep -q ann; do sleep 0.02; done"])
    assert "|Name? ann\n" in reader.read(ask, "")
    monkeypatch.setattr(screens, "MOST_TOLD", 0)
    tmux(place, "send-keys", "-t", "ask", "a")
    place.run(["sh", "-c", "until tmux capture-pane -p -t ask | grep -q anna; do sleep 0.02; done"])
    assert reader.read(ask, "") == ""
    monkeypatch.undo()
    assert "|Name? anna\n" in reader.read(ask, "")
