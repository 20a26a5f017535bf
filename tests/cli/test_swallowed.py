"""The installed program on a host whose login runs no commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.link import sshd
from tests.link.sshd import Keys

pytestmark = pytest.mark.soak
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def gpuws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A fleet of one gateway, without a keeper."""
    if reason := sshd.missing():
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("gateway")
    keys = Keys(tmp_path_factory.mktemp("keys"))
    with sshd.serve(folder / "sshd", keys, 'ForceCommand echo "no shell here, use ssh -J gate NODE"') as server:
        config = folder / "config"
        config.mkdir()
        (config / "hosts.yaml").write_text(f"hosts: {{box: {{}}}}\nlocal: false\nssh_config: {server.config}\n")
        environment = {**os.environ, "GPUWS_KEEPER": "0", "XDG_STATE_HOME": str(folder / "state")}

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "gpuws", "--config-dir", str(config), *words]
            return subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        yield run


SAID = "its login runs no commands: it is a way to other hosts: it printed “no shell here, use ssh -J gate NODE”"


def test_a_listing_of_what_could_not_be_asked_is_not_an_empty_one(gpuws: Run):
    done = gpuws("tmux", "ls", "--json")
    assert done.returncode == 3
    assert f"box: its tmux sessions can't be read: {SAID}" in done.stderr
    assert json.loads(done.stdout)["sessions"] == []
    assert gpuws("tmux", "ls", "--allow-partial").returncode == 0


def test_a_command_that_never_ran_has_no_status_of_its_own(gpuws: Run):
    done = gpuws("exec", "box", "--", "true")
    assert done.returncode == 255
    assert SAID in done.stderr


def test_the_checkup_says_what_the_login_does_and_advises_to_install_nothing(gpuws: Run):
    done = gpuws("doctor", "--json")
    (host,) = json.loads(done.stdout)["hosts"]
    (commands,) = [check for check in host["checks"] if check["name"] == "commands"]
    assert (commands["status"], commands["detail"]) == ("fail", SAID)
    assert "`jump: box`" in commands["remedy"]
    assert "install" not in done.stdout
