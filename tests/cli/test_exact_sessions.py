"""Sessions that others named, on this machine, by the words of the shell."""

import json
import os
import shutil
import subprocess

import pytest

from tests.cli.conftest import COMMAND
from tests.tmux.driving import swept

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")


@pytest.fixture
def here(tmp_path):
    """The environment of a tmux server whose sessions are mine, whoever runs this."""
    env = {"TMUX_TMPDIR": str(tmp_path), "GPUWS_DEMO": "", "GPUWS_KEEPER": "0", "GPUWS_CONFIG_DIR": str(tmp_path)}
    (tmp_path / "config.yaml").write_text("me: [ada]\n")
    (tmp_path / "hosts.yaml").write_text("hosts: {}\nssh_config: /dev/null\n")

    def tmux(*words):
        ours = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        words = ["tmux", "-u", "-f", "/dev/null", *words]
        return subprocess.run(words, env=ours | env, capture_output=True, text=True, check=True).stdout

    with swept(tmp_path):
        for name in ("work", "%0", " lead", "-dash", "x$y"):  # the last becomes x\$y
            tmux("new-session", "-d", "-s", name, ";", "set-option", "@gpuws_owner", "ada@desk")
        yield env, tmux


def test_each_is_listed_entered_and_ended_as_itself(gpuws, on_terminal, here):
    env, tmux = here
    listed = json.loads(gpuws("tmux", "ls", "local", "--json", **env).stdout)["sessions"]
    usual = [one for one in listed if one["socket"] is None and one["program"] == "tmux"]  # not those of others here
    assert sorted(one["name"] for one in usual) == sorted(["work", "%0", " lead", "-dash", "x\\$y"])
    tty = on_terminal([COMMAND, "attach", "local:%0"], **env)  # the pane of that id is another session's
    tty.wait_for("d leaves ·")
    assert tmux("list-clients", "-F", "#{session_name}") == "%0\n"
    tty.press("ctrl+b", "d")
    assert tty.wait_exit() == 0
    for name in (" lead", "-dash"):
        assert gpuws("tmux", "kill", f"local:{name}", "--yes", **env).stdout == f"local:{name}\n"
    assert sorted(tmux("list-sessions", "-F", "#{session_name}").splitlines()) == sorted(["%0", "work", "x\\$y"])
