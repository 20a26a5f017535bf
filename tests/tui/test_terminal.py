"""In a real terminal: what is loaded for the first frame, handing the terminal over, and quitting."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import ScreenTerminal

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("pty_app.py")
LATER = [
    "paramiko", "docker", "pynvml", "pydantic", "yaml", "markdown_it", "textual.widgets._markdown",
    "textual.widgets._data_table", "textual.widgets._text_area", "tree_sitter", "gpuws.link.paramiko.ssh",
    "gpuws.tui.launch.screen", "gpuws.tui.gpu.screen", "gpuws.tui.people.screen",
    "gpuws.tui.dialogs.confirm", "gpuws.tui.jump.screen", "gpuws.tui.workspaces.logs", "gpuws.tui.images.screen",
    "gpuws.tui.palette.screen", "gpuws.tui.help.screen", "gpuws.tui.tour.home", "gpuws.tui.tour.guide", "webbrowser",
]  # fmt: skip


def test_the_first_frame_loads_nothing_it_does_not_show():
    code = "import sys, gpuws.tui.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert set(done.stdout.split()) & set(LATER) == set()


@pytest.fixture
def screen():
    with ScreenTerminal([sys.executable, str(SCRIPT)], dict(os.environ), 120, 36) as screen:
        screen.wait_for(r"▌ +0 .*torch-dev")  # the cursor has come to what is mine
        screen.wait_for(r"python torch-dev")
        yield screen


@pytest.mark.alone
def test_it_quits_within_a_second_while_every_verb_hangs(screen):
    screen.press("i")
    screen.wait_for("reading")
    screen.press("escape")
    screen.wait_for("HELD BY")
    screen.press("R")
    screen.wait_for("Restart torch-dev on alpha")
    screen.press("y")
    screen.wait_for("restart torch-dev …")
    screen.press("q")
    begun = time.monotonic()
    assert screen.wait_exit(5) == 0
    assert time.monotonic() - begun < 1.0


def rows(text):
    """The fleet's rows with the cursor's mark, without what pyte makes of sequences it does not know."""
    return [line[:60] for line in text.splitlines()[3:10]]


def test_the_terminal_is_handed_over_and_taken_back(screen):
    before = screen.text
    screen.press("a")
    screen.wait_for("inside now")
    screen.send("done\r")
    screen.wait_for(lambda text: rows(text) == rows(before))
    screen.press("j")
    screen.wait_for(lambda text: text.splitlines()[5].startswith("▌"))


@pytest.mark.parametrize("given", ["fail\r", "\x03\r"], ids=["an exception", "ctrl+c"])
def test_the_terminal_comes_back_whatever_happens_there(screen, given):
    screen.press("a")
    screen.wait_for("inside now")
    screen.send(given)
    screen.wait_for("HELD BY")
    screen.press("q")
    assert screen.wait_exit(5) == 0


def test_ctrl_z_goes_back_to_the_shell_and_fg_brings_the_screen_back():
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with ScreenTerminal(shell, {**os.environ, "PS1": "shell> "}, 120, 36) as screen:
        screen.wait_for("shell>")
        screen.send(f"{sys.executable} {SCRIPT}\r")
        screen.wait_for(r"python torch-dev")
        for number in (1, 2):
            screen.press("ctrl+z")
            screen.wait_for("Stopped")
            screen.send(f"echo typed-$(({number}+1))\r")  # lines are cooked, and echoed
            screen.wait_for(rf"(?m)^typed-{number + 1}")
            before = len(screen.raw)
            screen.send("fg\r")
            screen.wait_for(lambda _, before=before: b"HELD BY" in screen.raw[before:].partition(b"\x1b[?1049h")[2])
            screen.press("?")
            screen.wait_for("this screen")
            screen.press("escape")
            screen.wait_for(lambda text: "this screen" not in text)
        screen.press("q")
        screen.wait_for("left the screen")
        screen.send("exit\r")
        assert screen.wait_exit() == 0


def test_where_no_shell_waits_ctrl_z_says_so(screen):
    screen.press("ctrl+z")
    screen.wait_for("there is no shell to go back to")


def test_what_stays_is_said_when_the_screen_is_gone():
    with ScreenTerminal([sys.executable, str(SCRIPT), "keeps"], dict(os.environ), 120, 36) as screen:
        screen.wait_for("HELD BY")
        screen.wait_for("1 tunnel ")
        screen.press("q")
        screen.wait_for("left the screen")
        _, _, after = screen.raw.decode().rpartition("\x1b[?1049l")  # the screen is gone
        assert "1 tunnel stays open in the keeper: gpuws tunnels · gpuws keeper stop" in after


def test_a_profile_is_edited_in_the_users_editor_and_the_form_comes_back(tmp_path):
    file, editor = tmp_path / "torch.yaml", tmp_path / "ed"
    file.write_text("extends: base\n")
    editor.write_text('#!/bin/sh\necho "in the editor: $1"\nread line\necho "$line" >> "$1"\n')
    editor.chmod(0o700)
    env = {**os.environ, "EDITOR": str(editor), "VISUAL": ""}
    with ScreenTerminal([sys.executable, str(SCRIPT), "edits", str(file)], env, 80, 24) as screen:
        screen.wait_for("HELD BY")
        screen.press("n")
        screen.wait_for(r"--name torch")
        screen.send("\t\t\x0fahead")  # for the editor, not for the field of the form
        screen.wait_for("in the editor: ")
        screen.send("mem_limit: 2g\r")
        screen.wait_for(lambda text: "--name torch" in text and "in the editor" not in text)
        assert file.read_text() == "extends: base\nmem_limit: 2g\n"
        screen.press("escape")
        screen.wait_for(lambda text: "docker run" not in text)
        screen.press("q")
        assert screen.wait_exit(5) == 0
