"""One command line for every login shell; those that are installed here are asked."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuws.link.paramiko.quoting import command_line

SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "fish", "csh", "tcsh", "ksh") if shutil.which(shell)]
WORDS = [
    "it's",
    'say "hi"',
    "back\\slash\\\\",
    "bang!bang",
    "new\nline\n",
    "",
    "$HOME",
    "`id`",
    "*?[a]{b,c}",
    "~",
    "a b",
    "%",
    "^",
    ";",
    "#",
]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_login_shell_passes_on_every_word(shell: str):
    done = subprocess.run([shell, "-c", command_line(["printf", "%s\\0", *WORDS])], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == WORDS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4))
def test_any_words(words: list[str]):
    done = subprocess.run(["sh", "-c", command_line(["printf", "%s\\0", "-", *words])], capture_output=True, check=True)
    assert done.stdout == b"".join(word.encode() + b"\0" for word in ("-", *words))


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_what_a_shell_could_mistake_stands_alone(words: list[str]):
    """csh can't hold a newline in quotes, and fish reads backslashes there."""
    line = command_line(words)
    assert "\n" not in line
    for quoted in line.replace("'\"'\"'", "").replace("'\\\\'", "").replace("'\\!'", "").split("'")[1::2]:
        assert "\\" not in quoted
        assert "!" not in quoted
