"""Logins of a real sshd that do something else with our commands."""

from __future__ import annotations

import os
import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.script import run_script
from gpuws.model.errors import Swallows
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.probe import client
from gpuws.probe.client import Probe
from tests.link import sshd
from tests.link.sshd import Keys

NOT_ON_A_TERMINAL = "case $- in *i*) ;; *) return ;; esac"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    if reason := sshd.missing():
        pytest.skip(reason)
    return Keys(tmp_path_factory.mktemp("keys"))


@contextmanager
def login(keys: Keys, folder: Path, *options: str, shell: str | None = None) -> Iterator[Host]:
    """A host whose login is as `options` of sshd_config say."""
    with sshd.serve(folder / "sshd", keys, *options) as server:
        yield Host("box", ssh_config=str(server.config), shell=shell)


def began(host: Host, seconds: float = 15.0) -> HostFacts | Fault:
    """What the probe tells first: who we are there, or why not."""
    told: list[HostFacts | Fault] = []
    done = threading.Event()

    def take(one: HostFacts | Fault) -> None:
        told.append(one)
        done.set()

    connector = Connector([host])
    try:
        probe = Probe(connector.connect(host, lambda _: None), host, take, lambda _: None, take)
        probe.start()
        assert done.wait(seconds)
        probe.close()
    finally:
        connector.close()
    return told[0]


def fault(host: Host) -> Fault:
    found = began(host)
    assert isinstance(found, Fault)
    assert found.kind == "swallowed"
    return found


def forced(command: str) -> str:
    return f"ForceCommand {command}"


def start_file(folder: Path, text: str) -> str:
    """bash reads it for each command that sshd gives it. The option of sshd_config that makes it the login's."""
    (folder / ".bashrc").write_text(text + "\n")
    return f"SetEnv HOME={folder}"


def test_a_gateway_says_where_it_leads(keys: Keys, tmp_path: Path):
    with login(keys, tmp_path, forced('echo "No shell here: use ssh -J gate NODE"')) as host:
        found = fault(host)
    assert found.text.startswith("its login runs no commands: it is a way to other hosts")
    assert "“No shell here: use ssh -J gate NODE”" in found.text
    assert "jump: box" in found.remedy


def test_a_forced_command_is_quoted(keys: Keys, tmp_path: Path):
    with login(keys, tmp_path, forced("printf 'Welcome.\\nMaintenance until Monday\\n'; exit 3")) as host:
        found = fault(host)
    assert (
        "its login runs something else than our command: it printed “Welcome. Maintenance until Monday”" in found.text
    )
    assert "ForceCommand" in found.remedy


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tmux attach || tmux new-session; exit", "starts tmux or screen"),
        ("exit 0", "ends without running our command, and prints nothing"),
        ("echo 'This account is currently not available.'; exit 1", "runs nothing (nologin)"),
    ],
)
def test_a_start_file_that_ends(keys: Keys, tmp_path: Path, line: str, words: str):
    if line.startswith("tmux") and shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    with login(keys, tmp_path, start_file(tmp_path, f"unset TMUX; export TMUX_TMPDIR={tmp_path}; {line}")) as host:
        assert words in fault(host).text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "printf 'Which project? '; read project",
            "its login waits for an answer, and runs no command: it printed “Which",
        ),
        ("exec cat >/dev/null", "starts something that waits"),
        *([("exec fish", "starts something that waits")] if shutil.which("fish") else []),
    ],
)
def test_a_start_file_that_waits_is_told_within_the_deadline(
    keys: Keys, tmp_path: Path, line: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "HELLO_DEADLINE", 1.0)
    monkeypatch.setattr(client, "HEARTBEAT", 0.2)
    with login(keys, tmp_path, start_file(tmp_path, line)) as host:
        found = fault(host)
    assert words in found.text
    assert "case $- in" in found.remedy


def test_the_guard_that_is_advised_helps(keys: Keys, tmp_path: Path):
    with login(keys, tmp_path, start_file(tmp_path, f"{NOT_ON_A_TERMINAL}\nread project")) as host:
        assert isinstance(began(host), HostFacts)


def test_a_restricted_shell_takes_a_shell_by_its_name(keys: Keys, tmp_path: Path):
    restricted = f'{shutil.which("bash")} -r -c "$SSH_ORIGINAL_COMMAND"'
    with login(keys, tmp_path, forced(restricted)) as host:
        found = fault(host)
    assert "a restricted one (rbash)" in found.text
    assert "shell: sh" in found.remedy
    with login(keys, tmp_path / "again", forced(restricted), shell="sh") as host:
        assert isinstance(began(host), HostFacts)


def shells() -> list[str]:
    return [path for name in ("fish", "zsh", "dash", "tcsh", "csh", "nu") if (path := shutil.which(name))]


@pytest.mark.parametrize("shell", shells(), ids=os.path.basename)
def test_other_login_shells_run_what_they_are_given(keys: Keys, tmp_path: Path, shell: str):
    with login(keys, tmp_path, forced(f'{shell} -c "$SSH_ORIGINAL_COMMAND"')) as host:
        assert isinstance(began(host), HostFacts)


def test_a_script_never_takes_the_words_of_the_login_for_its_own(keys: Keys, tmp_path: Path):
    def run(options: str, folder: str) -> bytes:
        with login(keys, tmp_path / folder, options) as host:
            connector = Connector([host])
            try:
                return run_script(connector.connect(host, lambda _: None), "box", 'echo "$1"', "a'b", timeout=10).stdout
            finally:
                connector.close()

    talking = tmp_path / "talking"
    talking.mkdir()
    assert run(start_file(talking, "echo usable /tmp/x"), "one") == b"a'b\n"
    with pytest.raises(
        Swallows, match="box: its login runs something else than our command: it printed “usable /tmp/x”"
    ):
        run(forced(shlex.join(["echo", "usable /tmp/x"])), "two")
