"""Sessions of a real tmux server on a socket of its own."""

import os
import re
import shutil
import tempfile

import pytest

from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.session.session import Session
from gpuws.model.session.terminal import MyTerminal, Size
from gpuws.model.session.tmux import NO_SESSION, attach_words, kill_words, new_words, own_words
from gpuws.tmux import sessions
from gpuws.tmux.listing import list_sessions
from tests.probe.conftest import ended as gone
from tests.probe.local_place import LocalPlace
from tests.tmux.driving import all_told, drawn, listed, swept, tmux

ME = "ann@desk:1"
# As tmux is given them, and as it calls them: it escapes a `$` before a letter.
STRANGE = {
    name: name for name in ("%1", "@1", "=x", " lead", "tail ", "-dash", "$1", "a*", "q'\"`q", "a/b", "{last}")
} | {"x$y": "x\\$y"}

HIDDEN = "a\u202eb\u2028c"
pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")


def names(place):
    return [session.name for session in listed(place)]


def test_no_server_is_no_sessions(place):
    assert listed(place) == ()


def test_a_session_is_made_listed_and_ended(place):
    sessions.new_session(place, "train", ME)
    [session] = listed(place)
    assert (session.name, session.windows, session.attached, session.command) == ("train", 1, 0, "sh")
    assert abs(session.created - session.activity) < 10
    assert session.mark == ME
    sessions.kill_session(place, Session("train"))
    assert listed(place) == ()


def test_the_active_pane_is_what_a_session_runs(place):
    sessions.new_session(place, "train", ME)
    tmux(place, "new-window", "-t", "train", "exec sleep 1000")
    [session] = listed(place)
    assert (session.windows, session.command) == (2, "sleep")
    shown = place.run(["tmux", "list-panes", "-a", "-F", "#{pane_pid}"]).stdout.split()
    assert len(shown) == 2
    assert sorted(session.panes) == sorted(map(int, shown))


@pytest.mark.parametrize(
    "name", ["a b", "ünïcödé", "job#3", "#{pid}", "#(true)", "=a", "{mouse}", "@1", "%0", "a*", "a'b\"c", "+", "!"]
)
def test_unusual_names_lead_to_their_session(place, name):
    sessions.new_session(place, name, ME)
    sessions.new_session(place, "other", ME)
    assert sorted(names(place)) == sorted([name, "other"])
    sessions.kill_session(place, Session(name))
    assert names(place) == ["other"]


def test_a_part_of_a_name_is_another_name(place):
    sessions.new_session(place, "train-long", ME)
    with pytest.raises(GpuwsError, match="train"):
        sessions.kill_session(place, Session("train"))
    with pytest.raises(GpuwsError, match="train"):
        sessions.kill_session(place, Session("train*"))
    assert names(place) == ["train-long"]


def test_sessions_that_others_named_are_listed_entered_and_ended_as_themselves(place):
    for name in STRANGE:
        tmux(place, "-u", "new-session", "-d", "-s", name)
    ids = {session.name: session.id for session in listed(place)}
    assert sorted(ids) == sorted(STRANGE.values())
    for name, tmux_id in ids.items():
        assert entered(place, sessions.attach_argv(name, ME)) == tmux_id
    while ids:
        sessions.kill_session(place, Session(ids.popitem()[0]))
        assert sorted(names(place)) == sorted(ids)


def test_a_name_that_would_not_be_shown_as_it_is_goes_by_its_id(place):
    tmux(place, "-u", "new-session", "-d", "-s", HIDDEN)
    tmux(place, "-u", "new-session", "-d", "-s", "other")
    session = next(session for session in listed(place) if session.name != "other")
    assert session.name == session.id
    assert entered(place, sessions.attach_argv(session.name, ME)) == session.id
    sessions.kill_session(place, session)
    assert names(place) == ["other"]


def test_a_session_that_ended_is_not_another_one_that_took_its_id(place):
    sessions.new_session(place, "train", ME)
    [ended] = listed(place)
    server = int(place.run(["tmux", "display-message", "-p", "#{pid}"]).stdout)
    sessions.kill_session(place, Session("train"))
    assert gone(server, 8)
    sessions.new_session(place, "other", ME)
    [other] = listed(place)
    assert other.id == ended.id
    with pytest.raises(TargetError, match="there is no tmux session 'train' there"):
        sessions.kill_session(place, ended)
    assert names(place) == ["other"]


def test_a_session_that_is_not_there_and_could_not_be_made_is_said_to_be_missing(place):
    terminal = place.interactive(sessions.attach_argv(" lead", ME), Size(80, 24))
    drawn(terminal, b"there is no tmux session 'lead' there")
    assert terminal.exit_status() == NO_SESSION
    assert names(place) == []


def test_a_session_is_made_once(place):
    sessions.new_session(place, "train", ME)
    with pytest.raises(GpuwsError, match="duplicate session"):
        sessions.new_session(place, "train", ME)


@pytest.mark.parametrize("name", ["", "a:b", "a.b", "-d", "$1", "a$b", "a\\b", "a\nb", "a\x1b", " a", "x" * 300])
def test_names_that_tmux_would_change_are_refused(place, name):
    with pytest.raises(UsageError, match="no name for a tmux session"):
        sessions.new_session(place, name, ME)


def test_noise_of_start_files_is_no_session(place):
    sessions.new_session(place, "train", ME)
    place.noise = "1:2:3:4:welcome\\nmotd"
    assert names(place) == ["train"]


def test_a_place_without_tmux_says_so(tmp_path):
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    place = LocalPlace({"PATH": str(tmp_path)})
    with pytest.raises(GpuwsError) as caught:
        listed(place)
    assert str(caught.value) == "tmux is not installed there — install it there: apt-get install tmux"


def entered(place, argv):
    """The id of the session that `argv` shows."""
    terminal = place.interactive(argv, Size(80, 24))
    drawn(terminal, b"[")  # its status line
    [found] = place.run(["tmux", "list-clients", "-F", "#{session_id}"]).stdout.decode().split()
    tmux(place, "detach-client", "-s", found)
    drawn(terminal, b"[detached")
    return found


def test_attach_makes_the_session_and_comes_back_to_it(place):
    for _ in range(2):
        terminal = place.interactive(sessions.attach_argv("main", ME), Size(80, 24))
        drawn(terminal, b"[main]")
        tmux(place, "detach-client", "-s", "=main")
        drawn(terminal, b"[detached (from session main)]")
        assert terminal.exit_status() == 0
        assert names(place) == ["main"]


@pytest.mark.parametrize(("there", "entered"), [([], b"[main]"), (["train"], b"[train]")])
def test_a_place_is_entered_at_the_session_it_keeps(place, there, entered):
    for name in there:
        sessions.new_session(place, name, ME)
    terminal = place.interactive(own_words(ME), Size(80, 24))
    drawn(terminal, entered)
    terminal.close()


def test_what_is_shown_is_what_runs(tmp_path, place):
    log = tmp_path / "log"
    (tmp_path / "tmux").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{log}\nexec {shutil.which("tmux")} "$@"\n')
    (tmp_path / "tmux").chmod(0o755)
    spied = LocalPlace({**place.env, "PATH": f"{tmp_path}:{os.environ['PATH']}"})

    def ran(shown, argv=None):
        if argv is not None:
            terminal = spied.interactive(argv, Size(80, 24))
            drawn(terminal, b"[")
            terminal.close()
        said, _, behind = log.read_text().splitlines()[-1].partition(" ; display-message ")
        assert (said, "leaves" in behind) == (" ".join(shown[1:]), argv is not None and argv[3:] != [])

    ran(new_words("main", ME, image=True), own_words(ME))
    [main] = listed(place)
    ran(attach_words(main.id), own_words(ME))
    ran(attach_words(main.id), sessions.attach_argv("main", ME))
    ran(new_words("fresh", ME), sessions.attach_argv("fresh", ME))
    ran(attach_words(main.id, detach_others=True), sessions.attach_argv("main", ME, detach_others=True))
    sessions.new_session(spied, "train", ME)
    ran(new_words("train", ME, detached=True))
    sessions.kill_session(spied, Session("main"))
    ran(kill_words(main.id))
    spied.close()


def test_without_tmux_a_shell_is_entered(tmp_path):
    for name in ("sh", "bash", "echo"):
        (tmp_path / name).symlink_to(shutil.which(name))
    place = LocalPlace({"PATH": str(tmp_path)})
    terminal = place.interactive(own_words(ME), Size(80, 24))
    terminal.sendall(b"echo a-$((1+1))-shell\r")
    drawn(terminal, b"a-2-shell")
    terminal.close()


OTHERS = (("-L", "work", "work"), ("-S", "{}/my.sock", "{}/my.sock"), ("-S", "{}/a'b $x", "{}/a'b $x"))


@pytest.mark.parametrize(("option", "word", "label"), OTHERS)
def test_sessions_at_other_servers_are_listed_entered_and_ended_there(tmp_path, place, option, word, label):
    word, label = word.format(tmp_path), label.format(tmp_path)
    sessions.new_session(place, "main", ME)
    tmux(place, option, word, "-f", "/dev/null", "new-session", "-d", "-s", "main", "exec sleep 1000")
    usual, other = listed(place)
    assert (usual.name, other.name, other.own_name, other.command) == ("main", f"{label}/main", "main", "sleep")
    terminal = place.interactive(sessions.enter_argv(other), Size(80, 24))
    drawn(terminal, b"[main]")
    assert tmux(place, option, word, "list-clients", "-F", "#{session_name}") == "main\n"
    tmux(place, option, word, "detach-client", "-s", "main")
    drawn(terminal, b"[detached")
    sessions.kill_session(place, other)
    assert names(place) == ["main"]
    with pytest.raises(TargetError, match="there is no tmux session"):
        sessions.kill_session(place, other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_server_of_somebody_else_is_not_asked(place):
    """What it answers would be read with my rights: in a container that several people use I may be root."""
    with tempfile.TemporaryDirectory() as theirs, swept(theirs):
        os.chown(theirs, 65534, 65534)
        words = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "tmux", "-S", f"{theirs}/s")
        place.run([*words, "-f", "/dev/null", "new-session", "-d", "-s", "trap", "exec sleep 1000"])
        assert place.run([*words, "list-sessions", "-F", "#{session_name}"]).stdout == b"trap\n"
        assert not [one for one in list_sessions(place) if "trap" in one.name]


def test_windows_panes_and_who_looks_at_them_are_told(place):
    sessions.new_session(place, "train", ME)
    tmux(place, "set-option", "-g", "remain-on-exit", "on")
    tmux(place, "new-window", "-d", "-t", "train", "exit 3")
    tmux(place, "new-window", "-d", "-t", "train", "kill -9 $$")
    all_told(place, 2)
    terminal = place.interactive(sessions.attach_argv("train", ME), Size(90, 30))
    drawn(terminal, b"[train]")
    [session] = listed(place)
    assert [(window.index, window.active) for window in session.layout] == [(0, True), (1, False), (2, False)]
    assert [(pane.ended, pane.status) for window in session.layout for pane in window.panes] == [
        (False, None), (True, 3), (True, 137),
    ]  # fmt: skip
    [client] = session.clients
    assert (client.columns, client.rows, client.readonly, session.attached) == (90, 30, False, 1)
    terminal.close()


def test_activity_is_what_was_written_not_what_was_typed(place):
    tmux(place, "-f", "/dev/null", "new-session", "-d", "-s", "train", "sleep 1.2; echo step; exec sleep 1000")
    place.run(["sh", "-c", "until tmux capture-pane -p -t train | grep -q step; do :; done"], timeout=10)
    [session] = listed(place)
    assert int(tmux(place, "display-message", "-p", "-t", "train", "#{session_activity}")) < session.activity


def test_a_session_begins_in_its_directory_with_its_command_and_keeps_how_that_ended(tmp_path, place):
    for folder in ("a #{pid} b", "~"):
        (tmp_path / folder).mkdir()
    sessions.new_session(
        place, "there", ME, directory=f"{tmp_path}/a #{{pid}} b", argv=["sh", "-c", f"pwd > {tmp_path}/one; exit 3"]
    )
    sessions.new_session(place, "line", ME, directory="~", argv=["pwd > two; exit 0"])
    all_told(place, 2)
    told = {one.name: one for one in listed(place)}
    assert [(told[name].pane.ended, told[name].pane.status) for name in ("there", "line")] == [(True, 3), (True, 0)]
    assert (tmp_path / "one").read_text() == f"{tmp_path}/a #{{pid}} b\n"  # tmux 3.3a now and then shows nothing of it
    assert (tmp_path / "two").read_text() == f"{tmp_path}\n"  # HOME there
    with pytest.raises(TargetError, match="there is no directory /no/such there"):
        sessions.new_session(place, "third", ME, directory="/no/such")
    assert sorted(names(place)) == ["line", "there"]


def test_a_session_is_called_otherwise_and_left_by_everybody(place):
    sessions.new_session(place, "train", ME)
    terminal = place.interactive(sessions.attach_argv("train", ME), Size(80, 24))
    drawn(terminal, b"[train]")
    sessions.rename_session(place, Session("train"), "x#{pid}")
    [session] = listed(place)
    assert (session.name, session.attached) == ("x#{pid}", 1)
    sessions.detach_clients(place, session)
    drawn(terminal, b"[detached")
    assert listed(place)[0].attached == 0
    with pytest.raises(TargetError, match="there is no tmux session 'train' there"):
        sessions.rename_session(place, Session("train"), "y")
    with pytest.raises(UsageError, match="no name for a tmux session"):
        sessions.rename_session(place, session, "a:b")


def test_in_a_container_shells_keep_the_environment_of_the_image(tmp_path, place):
    """As Debian's /etc/profile does to login shells; bash, as `gpuws shell` opens it."""
    (tmp_path / ".bash_profile").write_text("PATH=/usr/bin:/bin\n")
    image = LocalPlace({**place.env, "SHELL": "", "PATH": f"{os.environ['PATH']}:/opt/image"})
    terminal = image.interactive(own_words(ME), Size(80, 24))
    drawn(terminal, b"[main]")
    sessions.new_session(image, "second", ME, image=True)
    tmux(image, "new-window", "-t", "=second:")
    for window in ("=main:0", "=second:0", "=second:1"):
        tmux(place, "send-keys", "-t", window, "echo $0 in $PATH to $((6*7))-end", "Enter")
        place.run(["sh", "-c", f"until tmux capture-pane -p -J -t {window} | grep -q 42-end; do sleep 0.02; done"])
        shown = tmux(place, "capture-pane", "-p", "-J", "-t", window)
        assert re.search(r"^(exec )?/\S*bash in \S+:/opt/image to 42-end", shown, re.MULTILINE), shown
    terminal.close()


def test_who_has_set_another_shell_for_tmux_keeps_it(tmp_path, place):
    (tmp_path / ".tmux.conf").write_text("set -g default-command 'exec sleep 1000'\n")
    terminal = place.interactive(own_words(ME), Size(80, 24))
    drawn(terminal, b"[main]")
    assert tmux(place, "list-panes", "-a", "-F", "#{pane_start_command}").strip() in ("", '"exec sleep 1000"')
    assert "sleep 1000" in tmux(place, "show-options", "-g", "default-command")
    terminal.close()


@pytest.mark.parametrize(("mine", "has"), [(MyTerminal(truecolor=True), True), (MyTerminal(), False)])
def test_colours_of_my_terminal_are_kept(place, mine, has):
    for argv in (own_words(ME, mine=mine), sessions.attach_argv("main", ME, mine), sessions.attach_argv("x", ME, mine)):
        terminal = place.interactive(argv, Size(80, 24))
        drawn(terminal, b"leaves")
        assert ("RGB" in tmux(place, "list-clients", "-F", "#{client_termfeatures}")) is has
        terminal.close()
        place.run(["sh", "-c", "while tmux list-clients | grep -q .; do sleep 0.02; done"], timeout=10)


@pytest.mark.parametrize(
    ("inner", "outer", "keys"),
    [("C-b", "", "ctrl-b d"), ("C-a", "C-b", "ctrl-a d"), ("C-b", "C-b", "ctrl-b ctrl-b d"), ("M-x", "C-b", "M-x d")],
)
def test_how_it_is_left_is_said_with_the_prefix_that_it_has(tmp_path, place, inner, outer, keys):
    (tmp_path / ".tmux.conf").write_text(f"set -g prefix {inner}\n")
    terminal = place.interactive(own_words(ME, mine=MyTerminal(prefix=outer)), Size(80, 24))
    drawn(terminal, f"{keys} leaves".encode())
    terminal.close()


def test_a_session_that_is_not_to_be_made_is_not(place):
    terminal = place.interactive(sessions.attach_argv("typo", ME, make=False), Size(80, 24))
    assert terminal.exit_status() == NO_SESSION
    assert names(place) == []
