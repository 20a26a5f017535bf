"""One command line for every login shell; those that are installed here are asked."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuws.link.paramiko.quoting import command_line

SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "fish", "csh", "tcsh", "ksh", "nu") if shutil.which(shell)]
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
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_what_a_shell_could_mistake_never_stands_there(words: list[str]):
    """csh can't hold a newline in quotes, fish reads two backslashes as one, nushell has no way to a quote."""
    first, quoted, last = command_line(words).split("'")
    assert (first, last) == ("exec /bin/sh -c ", "")
    assert not {"\n", "!"} & set(quoted)
    assert "\\\\" not in quoted


@pytest.mark.parametrize("shell", SHELLS)
def test_another_shell_may_be_asked_by_its_name(shell: str):
    line = command_line(["printf", "%s\\0", *WORDS], "bash")
    assert line.startswith("bash -c '")
    done = subprocess.run([shell, "-c", line], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == WORDS
