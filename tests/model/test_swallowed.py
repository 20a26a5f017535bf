"""What a login does with commands, by what came back. Words as the programs named print them."""

import time

import pytest

from gpuws.model.checkup.facts import Exam
from gpuws.model.checkup.rules import checkup
from gpuws.model.gpu.fault import Fault
from gpuws.model.host.completeness import final, shortfall
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.host.swallowed import Printed, judge

GATE = "a way to other hosts"
CASES = [
    (Printed(["use ssh -J"], status=0), GATE, "jump: gate"),
    (Printed(["Please connect with: ssh -o User=me -J gate gpu1"], status=1), GATE, "jump: gate"),
    (Printed(["This is a jump host. No shells."], status=0), GATE, "jump: gate"),
    (Printed(err=["open terminal failed: not a terminal"], status=1), "tmux or screen", "case $- in"),
    (Printed(err=["Must be connected to a terminal."], status=1), "tmux or screen", "case $- in"),
    (Printed(err=["sessions should be nested with care, unset $TMUX to force"], status=1), "tmux", "case $- in"),
    (Printed(["[exited]"], status=0), "tmux or screen", "case $- in"),
    (Printed(err=["server exited unexpectedly"], status=1), "tmux or screen", "case $- in"),
    (Printed(err=["rbash: line 1: exec: restricted"], status=1), "(rbash)", "shell: sh"),
    (Printed(err=["rbash: /bin/sh: restricted: cannot specify `/' in command names"]), "(rbash)", "shell: sh"),
    (Printed(["This account is restricted by rssh."], status=1), "some commands only", "chsh"),
    (Printed(err=["*** forbidden command: exec"], status=1), "some commands only", "chsh"),
    (Printed(err=["fatal: unrecognized command 'exec /bin/sh -c '"], status=128), "some commands only", "chsh"),
    (Printed(["This service allows sftp connections only."], status=1), "some commands only", "chsh"),
    (Printed(["This account is currently not available."], status=1), "(nologin)", "chsh"),
    (Printed(err=["Password change required but no TTY available."], status=1), "new password", "ssh gate"),
    (Printed(err=["WARNING: Your password has expired."], status=1), "new password", "ssh gate"),
    (Printed(err=["Error: nu::shell::external_command"], status=1), "does not understand", "shell: /bin/sh"),
    (Printed(err=["bash: /bin/sh: No such file or directory"], status=127), "no /bin/sh", "shell: PATH"),
    (Printed(["Enter your project:"], hung=True), "waits for an answer", "case $- in"),
    (Printed(hung=True), "starts something that waits", "case $- in"),
    (Printed(status=0), "ends without running our command, and prints nothing", "case $- in"),
    (Printed(status=1), "without running our command (status 1)", "case $- in"),
    (Printed(["Out for lunch"]), "something else than our command: it printed “Out for lunch”", "ForceCommand"),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "does", "remedy"), CASES)
def test_what_the_login_does(printed, does, remedy):
    found = judge(printed, "gate")
    assert does in found.does
    assert remedy in found.remedy


def test_what_is_quoted_is_bounded():
    found = judge(Printed(["x" * 10_000] * 20), "gate")
    assert len(found.does) < 400


def test_a_host_that_runs_no_commands_is_asked_no_longer_and_has_no_empty_list():
    fault = Fault("swallowed", "its login runs something else", "mend it")
    needs = frozenset({"sessions"})
    mute = HostSnapshot("gate", HostState.UP, coverage="failed", telemetry_error=fault)
    assert final(mute, needs)
    assert "its tmux sessions can't be read: its login runs something else — mend it" in str(shortfall(mute, needs))
    assert not final(mute, frozenset({"containers"}))  # by the engine's socket


def test_the_checkup_advises_to_install_nothing_that_may_be_there():
    fault = Fault("swallowed", "its login runs something else", "mend it")
    mute = HostSnapshot("gate", HostState.UP, coverage="failed", telemetry_error=fault, latency=0.01)
    checks = checkup(Exam(mute, time.time(), 60.0))
    assert [(check.name, check.status) for check in checks] == [("link", "ok"), ("commands", "fail")]
    assert "install" not in str(checks)
