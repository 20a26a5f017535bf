"""`gpuws keeper --stay` as a program, and the unit that systemd runs it by."""

from __future__ import annotations

import signal
import subprocess
import sys

from gpuws.cli.keeper import stay
from gpuws.cli.root import run
from gpuws.keeper.wire.messages import Inquire
from tests.keeper.serving import until

INQUIRE = Inquire()
GPUWS = [sys.executable, "-m", "gpuws"]


def staying(user):
    program = subprocess.Popen(
        [*GPUWS, "keeper", "--stay"], env=dict(user.env), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert program.stderr is not None
    return program, program.stderr.readline()


def test_it_starts_a_keeper_and_keeps_it_until_ctrl_c(user):
    program, said = staying(user)
    assert said.startswith("gpuws: the background process stays, and reads all hosts")
    assert user.one()
    condition = user.dialer().ask(INQUIRE)
    assert (condition.clients, condition.ends_in) == (1, None)
    program.send_signal(signal.SIGINT)
    assert program.wait(20) == 130
    until(lambda: user.dialer().ask(INQUIRE).ends_in is not None, "its end")
    program.stderr.close()


def test_it_ends_with_the_keeper_so_that_systemd_starts_both_anew(user):
    program, _ = staying(user)
    assert user.dialer().retire(forget=False)
    assert program.wait(20) == 3
    assert "the keeper ended" in program.stderr.read()
    program.stderr.close()


def test_the_unit_names_this_program_and_nothing_is_installed(user, tmp_path, capsys, monkeypatch):
    program = tmp_path / "50% of $5" / "gpuws"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    before = sorted(tmp_path.rglob("*"))
    assert run(["keeper", "unit", "--config-dir", "my lab"]) == 0
    told = capsys.readouterr()
    [line] = [line for line in told.out.splitlines() if line.startswith("ExecStart=")]
    quoted = str(program).replace("%", "%%").replace("$", "$$")
    assert line.startswith(f'ExecStart="{quoted}" keeper --stay --config-dir "')
    assert line.endswith('/my lab"')
    assert stay.UNIT in told.err
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_keeper_it_says_so(user, capsys, monkeypatch):
    monkeypatch.setenv("GPUWS_KEEPER", "0")
    assert run(["keeper", "--stay"]) == 5
    assert "there is no background process here" in capsys.readouterr().err
