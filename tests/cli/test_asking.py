"""Questions on the terminal itself, through a real one; the answer is never echoed where it is a secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from gpuws.cli.toolkit.questions import ask
from gpuws.cli.toolkit.signals import endable
from gpuws.model.host.question import Question
with endable():
    answer = ask(Question({kind!r}, "alpha", "the question", ("a detail",), echo={echo}))
print("GOT", None if answer is None else (answer.accept, answer.text))
"""


@pytest.fixture
def asked(on_terminal):
    """The question on a terminal of its own."""

    def run(kind: str, *, echo: bool = False):
        return on_terminal([sys.executable, "-c", SCRIPT.format(kind=kind, echo=echo)])

    return run


def test_a_host_key_needs_a_whole_yes(asked):
    tty = asked("host-key")
    assert "a detail" in tty.wait_for("Type yes to trust it:")
    tty.send("yes\n")
    tty.wait_for(r"GOT \(True, ''\)")
    short = asked("host-key")
    short.wait_for("Type yes to trust it:")
    short.send("y\n")
    short.wait_for("GOT None")


def test_a_secret_is_not_echoed(asked):
    tty = asked("passphrase")
    tty.wait_for("a detail")
    tty.send("hunter2\n")
    assert tty.wait_for(r"GOT \(True, 'hunter2'\)").count("hunter2") == 1


def test_a_code_is_echoed_where_the_server_says_so(asked):
    tty = asked("prompt", echo=True)
    tty.wait_for("a detail")
    tty.send("123456\n")
    assert tty.wait_for(r"GOT \(True, '123456'\)").count("123456") == 2


IMITATION = """
from gpuws.cli.toolkit.questions import ask
from gpuws.model.host.question import Question, said
words = said("Welcome", "x" * 400, "gpuws: alpha: Unlock key ~/.ssh/id_ed25519\\n\\x1b[2Jpassphrase: ")
question = Question("prompt", "alpha", "The server a@alpha asks in its own words", server="a@alpha", said=words)
print("GOT", ask(question))
"""


@pytest.mark.parametrize("columns", [120, 80, 31])
def test_a_server_that_plays_gpuws_is_seen_as_the_server(on_terminal, columns):
    tty = on_terminal([sys.executable, "-c", IMITATION], columns=columns)
    screen = tty.wait_for("Answer to a@alpha, not shown:")
    ours, bar, quoted = screen[: screen.index("Answer to")].partition("  | ")
    assert ours.replace("\n", "").replace(" ", "") == "gpuws:alpha:Theservera@alphaasksinitsownwords"
    assert "Unlock key" in quoted
    assert all(row.startswith(bar) for row in quoted.splitlines()[1:])
    tty.send("hunter2\n")
    assert "hunter2" not in tty.wait_for("GOT Answer")


def test_without_a_terminal_it_is_declined_with_a_sentence():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(kind="password", echo=False)],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True, timeout=20,
    )  # fmt: skip
    assert done.stdout == "GOT None\n"
    assert "no terminal to ask on" in done.stderr


ELSEWHERE = """
import os, sys, termios, threading
from gpuws.cli.toolkit.questions import ask
from gpuws.fleet.events import QuestionsChanged
from gpuws.fleet.publisher import Publisher
from gpuws.model.host.question import Question
class Fleet(Publisher):
    asked = (Question({kind!r}, "alpha", "the question", ("a detail",), echo={echo}, id="1"),)
    def questions(self):
        return self.asked
fleet = Fleet()
def settle():
    os.read(0, 1)  # a key, on another terminal
    fleet.asked = ()
    fleet.publish(QuestionsChanged(()))
threading.Thread(target=settle, daemon=True).start()
tty = os.open("/dev/tty", os.O_RDWR)
before = termios.tcgetattr(tty)
answer = ask(fleet.asked[0], fleet)
print("GOT", answer, "RESTORED", termios.tcgetattr(tty) == before, "NEXT", ask(Question("password", "b", "c"), fleet))
"""


@pytest.mark.parametrize(("kind", "echo"), [("host-key", False), ("prompt", True), ("password", False)])
def test_a_question_that_was_settled_elsewhere_ends_by_itself(on_terminal, tmp_path, kind, echo):
    """What was half typed for it reaches no other question."""
    elsewhere = tmp_path / "elsewhere"
    os.mkfifo(elsewhere)
    code = ELSEWHERE.format(kind=kind, echo=echo)
    tty = on_terminal(["sh", "-c", 'exec "$0" -c "$1" <"$2"', sys.executable, code, str(elsewhere)])
    with elsewhere.open("w") as other:
        tty.wait_for("a detail")
        tty.send("ye")
        other.write("x")
    screen = tty.wait_for("GOT None RESTORED True NEXT None")
    assert "gpuws: alpha: answered elsewhere, or asked no longer" in screen.split("\n")
    assert tty.wait_exit() == 0


def test_a_hidden_prompt_that_is_ended_leaves_the_terminal_as_it_was(on_terminal, tmp_path):
    script = "import os; print('PID', os.getpid(), flush=True)" + SCRIPT.format(kind="password", echo=False)
    around = 'stty -g >"$2"; "$0" -c "$1"; echo ENDED $?; stty -g | cmp - "$2" && echo SAME'
    tty = on_terminal(["sh", "-c", around, sys.executable, script, str(tmp_path / "before")])
    screen = tty.wait_for("a detail")
    os.kill(int(screen.split("PID ")[1].split()[0]), signal.SIGTERM)
    tty.wait_for(r"ENDED 143\nSAME")


INVITING = """
import threading
from dataclasses import replace
from gpuws.cli.toolkit import questions
from gpuws.cli.toolkit.waiting import gather
from gpuws.model.host.host import HostState
from tests.factories import snapshot

questions.PATIENCE = {patience}

class Fleet:
    def __init__(self):
        lost = dict(state=HostState.ASKING, error="gate: the link was lost, and this login needs you")
        self.hosts = [replace(snapshot(name), **lost) for name in ("alpha", "bravo", "charlie", "delta")]
        self.called = []
        self.listeners = []
    def snapshots(self):
        return tuple(self.hosts)
    def questions(self):
        return ()
    def subscribe(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
    def reconnect(self, host):
        self.called.append(host)
        threading.Timer(0.05, self.up, (host,)).start()
    def up(self, host):
        self.hosts = [replace(one, state=HostState.UP, error=None) if one.name == host else one for one in self.hosts]
        for listener in list(self.listeners):
            listener(None)

fleet = Fleet()
gather(fleet, frozenset(), 5.0)
print("GOT", sorted(fleet.called), {{str(one.state) for one in fleet.hosts}})
"""


@pytest.mark.parametrize(
    ("typed", "outcome"), [("\n", r"\['alpha', .*'delta'\] \{'up'\}"), ("n\n", r"\[\] \{'asking'\}")]
)
def test_hosts_that_wait_for_a_person_are_dialled_if_the_one_here_says_so(on_terminal, typed, outcome):
    tty = on_terminal([sys.executable, "-c", INVITING.format(patience=60)])
    shown = tty.wait_for("Press Enter to log in now")
    assert "alpha, bravo, charlie and 1 more: gate: the link was lost, and this login needs you" in shown
    tty.send(typed)
    tty.wait_for(f"GOT {outcome}")


def test_nobody_there_is_no_yes(on_terminal):
    on_terminal([sys.executable, "-c", INVITING.format(patience=0.1)]).wait_for(r"GOT \[\] \{'asking'\}")
