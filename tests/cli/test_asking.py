"""Questions on the terminal itself, through a real one; the answer is never echoed where it is a secret."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from gpuws.cli.asking import ask
from gpuws.model.question import Question
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
    assert tty.wait_for("GOT").count("123456") == 2


def test_without_a_terminal_it_is_declined_with_a_sentence():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(kind="password", echo=False)],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True, timeout=20,
    )  # fmt: skip
    assert done.stdout == "GOT None\n"
    assert "no terminal to ask on" in done.stderr
