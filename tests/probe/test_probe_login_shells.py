"""The first stage and the fallback, behind login shells of all kinds as sshd starts them."""

import os
import shutil

import pytest

from gpuws.link.paramiko.quoting import command_line
from gpuws.probe.smi.script import MARK, argv, describe_argv
from tests.probe.local_place import LocalPlace

SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "fish", "csh", "tcsh", "ksh") if shutil.which(shell)]


class LoginShell(LocalPlace):
    """Every program is started by one word for a shell, with start files that talk."""

    def __init__(self, shell, home):
        super().__init__({"HOME": str(home), "XDG_CONFIG_HOME": str(home)}, noise="Last login: today\\nyou have mail")
        self.shell = shell

    def words(self, argv):
        return super().words([self.shell, "-c", command_line(argv)])


@pytest.fixture(params=SHELLS)
def place(request, tmp_path):
    for name in (".cshrc", ".tcshrc"):
        (tmp_path / name).write_text("echo welcome to csh; alias sh echo; alias head echo\n")
    place = LoginShell(shutil.which(request.param), tmp_path)
    yield place
    place.close()


def test_the_agent_starts_behind_it(place, watch):
    watched = watch(place=place)
    assert watched.facts().uid == os.getuid()
    assert watched.reading().memory_total


def test_the_fallback_starts_behind_it(place):
    process = place.popen(argv(1.0))
    held = b""
    while held.count(b" host ") < 2:
        chunk = process.read()
        assert chunk, held
        held += chunk
    process.close()
    assert f"{MARK} start".encode() in held


def test_processes_are_described_behind_it(place):
    told = place.run(describe_argv([os.getpid()]), timeout=20).stdout.decode()
    assert f"{MARK} pid {os.getpid()}|" in told
