"""Looking on a session of a real tmux server, and writing into it: what its owner sees of that."""

import os
import shutil
from pathlib import Path

import pytest

from gpuws.model.session.terminal import Size
from gpuws.tmux import sessions
from gpuws.tmux.visiting import look_argv, write_argv
from tests.probe.local_place import LocalPlace
from tests.tmux.driving import drawn, listed, tmux

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")
ME = "ann@desk"
NOTE = "eval is bob's #(touch /tmp/x) 50%H #{pid}"
OLD = """#!/bin/sh
for word in "$@"; do
  case $word in
  -N) echo "usage: tmux [-2CluvV]" >&2; exit 1 ;;
  -f) echo "command attach-session: unknown flag -f" >&2; exit 1 ;;
  esac
done
exec {tmux} "$@"
"""


def seen(place):
    """All that a session is to its owner, but for who looks on."""
    fields = "#{session_id} #{session_name} #{window_width}x#{window_height} #{pane_current_command} #{@gpuws_owner}"
    return [
        tmux(place, "list-panes", "-a", "-F", fields),
        *(tmux(place, *words) for words in (["show-options", "-g"], ["show-options", "-t", "train"],
                                           ["show-hooks", "-g"], ["show-environment", "-t", "train"],
                                           ["show-options", "-gw"])),
    ]  # fmt: skip


@pytest.fixture
def train(place):
    """A session that nobody is in."""
    sessions.new_session(place, "train", ME)
    [session] = listed(place)
    return session


def test_a_look_changes_nothing_for_whoever_is_in_the_session(place, train):
    tmux(place, "send-keys", "-t", "train", "echo $((6*7))-trained", "Enter")
    before = seen(place)
    terminal = place.interactive(look_argv(train.id, NOTE), Size(133, 43))
    drawn(terminal, b"42-trained")
    drawn(terminal, b"eval is bob's #(touch /tmp/x) 50%H #{pid}")
    assert seen(place) == before
    mine, beside = sorted(tmux(place, "list-clients", "-F", "#{client_width} #{client_flags}").splitlines())
    assert mine.startswith("133 ")
    assert {"read-only", "ignore-size"} < set(mine.split()[1].split(","))
    assert {"read-only", "control-mode", "no-output"} < set(beside.split()[1].split(","))
    terminal.sendall(b"exit\r")
    terminal.resize(Size(99, 33))
    assert seen(place) == before
    terminal.sendall(b"\x02d")
    while terminal.recv():
        pass
    assert terminal.exit_status() == 0
    assert tmux(place, "list-clients") == ""
    assert seen(place) == before


def test_a_look_that_is_cut_off_leaves_nothing(place, train):
    terminal = place.interactive(look_argv(train.id, "bob's"), Size(133, 43))
    drawn(terminal, b"bob's")
    pids = tmux(place, "list-clients", "-F", "#{client_pid}").split()
    assert len(pids) == 2
    terminal.close()
    place.run(["sh", "-c", "while tmux list-clients | grep -q .; do sleep 0.02; done"], timeout=10)
    assert tmux(place, "display-message", "-p", "-t", "train", "#{window_width}x#{window_height}") == "80x24\n"


def test_mine_is_looked_on_without_a_word(place, train):
    terminal = place.interactive(look_argv(train.id, ""), Size(80, 24))
    drawn(terminal, b" d leaves")
    assert "read-only" in tmux(place, "list-clients", "-F", "#{client_flags}")
    terminal.close()


def test_its_owner_keeps_the_size_when_they_leave_before_me(place, train):
    owner = place.interactive(sessions.attach_argv("train", ME), Size(100, 30))
    drawn(owner, b"[train]")
    [tty] = tmux(place, "list-clients", "-F", "#{client_tty}").split()
    terminal = place.interactive(look_argv(train.id, "bob's"), Size(133, 43))
    drawn(terminal, b"bob's")
    tmux(place, "detach-client", "-t", tty)
    drawn(owner, b"[detached")
    assert tmux(place, "display-message", "-p", "-t", "train", "#{window_width}x#{window_height}") == "100x29\n"
    terminal.close()
    owner.close()


def test_nothing_is_started_where_the_session_ended_meanwhile(place):
    terminal = place.interactive(look_argv("$7", "note"), Size(80, 24))
    drawn(terminal, b"[exited]")
    while terminal.recv():
        pass
    folder = Path(place.env["TMUX_TMPDIR"]) / f"tmux-{os.getuid()}"
    assert not (folder / "default").exists()


def test_an_old_tmux_is_looked_at_without_a_client(tmp_path, place, train):
    old = tmp_path / "bin"
    old.mkdir()
    (old / "tmux").write_text(OLD.format(tmux=shutil.which("tmux")))
    (old / "tmux").chmod(0o755)
    before = seen(place)
    looker = LocalPlace({**place.env, "PATH": f"{old}:{os.environ['PATH']}"})
    terminal = looker.interactive(look_argv(train.id, "eval is bob's"), Size(100, 30))
    drawn(terminal, b"eval is bob's")
    tmux(place, "send-keys", "-t", "train", "echo $((6*7))-trained", "Enter")
    drawn(terminal, b"42-trained")
    assert tmux(place, "list-clients") == ""
    terminal.sendall(b"q")
    while terminal.recv():
        pass
    assert terminal.exit_status() == 0
    assert seen(place) == before
    looker.close()


def test_writing_leaves_the_environment_of_the_session_alone(place, train):
    before = tmux(place, "show-environment", "-t", "train")
    writer = LocalPlace({**place.env, "SSH_AUTH_SOCK": "/nowhere", "DISPLAY": ":7"})
    terminal = writer.interactive(write_argv(train.id, "eval is bob's: you write into it"), Size(80, 24))
    drawn(terminal, b"eval is bob's: you write into it")
    terminal.sendall(b"echo $((6*7))-written\r")
    drawn(terminal, b"42-written")
    assert tmux(place, "show-environment", "-t", "train") == before
    terminal.close()
    writer.close()


def test_whose_sockets_there_are(tmp_path):
    for name in (f"tmux-{os.getuid()}", "tmux-77777", "tmux-x"):
        (tmp_path / name).mkdir(mode=0o700)
    found = sessions.owners(LocalPlace({"TMUX_TMPDIR": str(tmp_path)}))
    assert found == (f"{os.getuid()}:{os.getgid()}",)
    assert sessions.owners(LocalPlace({"TMUX_TMPDIR": str(tmp_path / "none")})) == ()
