"""In what is bob's: alice looks on without a trace, writes once she has typed the name, and starts nothing."""

import pytest

from tests.e2e.gpuws import Gpuws, configured
from tests.lab import docker_api

pytestmark = pytest.mark.lab
EVAL = "bravo/eval"
SEEN = "; ".join(
    f"tmux {words}"
    for words in (
        "list-panes -a -F '#{session_id} #{session_name} #{window_width}x#{window_height} #{pane_pid}'",
        "show-options -g",
        "show-options -t main",
        "show-hooks -g",
        "show-environment -t main",
    )
)
CLIENTS = """tmux list-clients -F '#{client_pid} #{client_flags}' |
while read -r pid flags; do echo "$(stat -c %u /proc/$pid) $flags"; done"""


@pytest.fixture
def alice(lab, tmp_path) -> Gpuws:
    return configured(tmp_path / "a", f"hosts: {{bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n")


@pytest.fixture
def bob(alice):
    """Runs a script in bob's container as bob."""
    return lambda script: alice.ok("exec", "--yes-not-mine", "eval", "-u", "2000:2000", EVAL, "sh", "-c", script)


def test_a_look_is_read_only_as_its_owner_and_changes_nothing(alice, bob):
    before = bob(SEEN)
    with alice.terminal("attach", EVAL, columns=133, rows=43) as tty:
        tty.wait_for(lambda _: tty.raw.count(b"you look on") >= 3)  # before, in the title, and in tmux
        assert b"\x1b[22;2t\x1b]2;bravo/eval is bob's: you look on" in tty.raw
        mine, beside = bob(CLIENTS).splitlines()
        assert {mine.split()[0], beside.split()[0]} == {"2000"}
        assert all("read-only" in client for client in (mine, beside))
        assert ("ignore-size" in mine) != ("ignore-size" in beside)
        tty.send("exit\r")
        assert bob(SEEN) == before
        tty.press("ctrl+b", "d")
        assert tty.wait_exit() == 0
        tty.wait_for(lambda _: b"\x1b[23;2t" in tty.raw)
    assert bob(f"{CLIENTS}; {SEEN}") == before


def test_nothing_is_started_where_no_session_is(alice):
    def programs():
        return docker_api.call("bravo", "GET", "/containers/reserved/top")["Processes"]

    before = programs()
    for target in ("bravo/reserved", "bravo/reserved:main"):
        with alice.terminal("attach", target) as tty:
            tty.wait_for("gpuws: no tmux session .*in bravo/reserved")
            assert tty.wait_exit() == 255
    assert programs() == before


def test_writing_asks_for_the_name(alice, bob):
    with alice.terminal("attach", "--write", EVAL) as tty:
        tty.wait_for("Type eval to go on:")
        tty.send("no\r")
        assert tty.wait_exit() == 5
    assert bob(CLIENTS) == ""
    with alice.terminal("attach", "--write", EVAL) as tty:
        tty.wait_for("Type eval to go on:")
        tty.send("eval\r")
        tty.wait_for("eval is bob's: you write into it")
        assert "read-only" not in bob(CLIENTS)
        tty.press("ctrl+b", "d")
        assert tty.wait_exit() == 0


def test_a_session_of_bobs_is_ended_as_bob_once_its_name_is_given(alice, bob):
    bob("tmux new-session -d -s %0")  # the pane of that id is in `main`
    refused = alice.run("tmux", "kill", f"{EVAL}:%0", "--yes")
    assert (refused.returncode, "--yes-not-mine %0" in refused.stderr) == (5, True)
    alice.ok("tmux", "kill", f"{EVAL}:%0", "--yes-not-mine", "%0")
    assert bob("tmux list-sessions -F '#{session_name}'") == "main\n"
