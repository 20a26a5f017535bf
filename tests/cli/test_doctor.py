"""`gpuws doctor` through the installed command on the demo lab, and how its lines are made."""

from __future__ import annotations

import json

import pytest

from gpuws.cli.doctor.checkup import report
from gpuws.cli.doctor.fixing import _offered
from gpuws.cli.toolkit.tables import Style
from gpuws.model.checkup.mend import Mend
from gpuws.model.errors import TargetError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.present.documents.actions import checkups


def test_a_host_without_fault_is_one_line(gpuws):
    done = gpuws("doctor", "alpha")
    assert done.returncode == 0
    assert done.stdout.startswith("✓ alpha  all is well, ")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_what_is_wrong_stands_under_its_host_with_what_mends_it(gpuws):
    done = gpuws("doctor", "bravo", "foxtrot")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✗ bravo  1 failure, 1 warning, ")
    at = lines.index("  ⚠ clock        its clock is 41s behind this workstation's")
    assert lines[at + 1].strip() == "→ sudo timedatectl set-ntp true, there or here: see `timedatectl`"
    assert "✓" not in done.stdout


@pytest.mark.parametrize("flag", ["-v", "-a", "--all"])
def test_on_demand_all_is_shown_the_agents_cost_too(gpuws, flag):
    done = gpuws("doctor", "foxtrot", flag)
    assert done.returncode == 0
    assert "  ✓ agent        gpuws' own agent takes 0.3% of a core over 2h30, 14M of memory (21M with" in done.stdout


def test_hosts_that_are_not_reached_are_named_and_hide_nobody(gpuws):
    done = gpuws("doctor", "alpha", "golf")
    assert done.returncode == 3
    assert "✓ alpha" in done.stdout
    assert "✗ golf  not reached" in done.stdout
    assert done.stderr.startswith("gpuws: golf: golf.lab.example did not answer")
    assert done.stderr.count("\n") == 1
    assert gpuws("doctor", "alpha", "golf", "--allow-partial").returncode == 0


def test_json_has_the_promised_shape(gpuws):
    done = gpuws("doctor", "--json")
    assert done.returncode == 3
    hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
    assert list(hosts) == ["alpha", "bravo", "delta", "echo", "foxtrot", "golf", "local"]
    assert hosts["golf"]["state"] == "down"
    assert [check["name"] for check in hosts["golf"]["checks"]] == ["link"]
    checks = [check for host in hosts.values() for check in host["checks"]]
    assert {frozenset(check) for check in checks} == {frozenset({"name", "status", "detail", "remedy", "mend"})}
    assert {check["status"] for check in checks} == {"ok", "warn", "fail"}
    assert all(check["remedy"] for check in checks if check["status"] != "ok")


def test_lines_are_wrapped_between_words_and_text_of_hosts_steers_nothing():
    checks = [
        Check("disk", "warn", "/data\x1b[2J is full " + "word " * 20, "sudo du -xhd1 /data shows where it all is")
    ]
    lines = list(report(HostSnapshot("a", HostState.UP), checks, Style(60), everything=False))
    assert max(map(len, lines)) <= 60
    assert not any("\x1b" in line for line in lines)
    assert "".join(lines).count("word") == 20
    assert "→ sudo du -xhd1 /data shows where it all is" in " ".join(line.strip() for line in lines)


def test_what_can_not_be_mended_is_said_with_what_a_person_does(gpuws):
    done = gpuws("doctor", "foxtrot", "--fix", "clock", "--yes")
    assert done.returncode == 4
    assert done.stderr.startswith("gpuws: foxtrot: clock is not for gpuws to mend: its clock is 41s behind")
    assert "sudo timedatectl set-ntp true" in done.stderr
    none = gpuws("doctor", "alpha", "--fix", "gpu_lost", "--yes")
    assert none.returncode == 4
    assert none.stderr == "gpuws: alpha has no trouble 'gpu_lost' — there is nothing that gpuws can mend\n"
    away = gpuws("doctor", "golf", "--fix", "gpu_lost", "--yes")
    assert away.returncode == 3


def test_rows_of_a_name_are_offered_together_and_only_those():
    mend = Mend("end", "End process 7?", ("It ends.",), "ssh a 'kill 7'", pid=7, began=9)
    other = Mend("linger", "Linger?", (), "ssh a 'loginctl enable-linger'")
    rows = (
        Check("kernel_left", "warn", "process 7", "kill 7", mend),
        Check("kernel_left", "warn", "process 8", "kill 8"),
        Check("linger", "warn", "tmux", "loginctl enable-linger", other),
        Check("clock", "ok", "well"),
    )
    assert _offered({"a": rows}, {"kernel_left"}) == [("a", mend)]
    with pytest.raises(TargetError) as told:
        _offered({"a": rows}, {"kernel_left", "clock"})
    assert str(told.value) == "a has no trouble 'clock' — what gpuws can mend there: kernel_left, linger"


def test_a_row_that_can_be_mended_says_by_which_command():
    mend = Mend("end", "End process 7?", ("It ends.",), "ssh a 'kill 7'", pid=7, began=9)
    snapshot = HostSnapshot("a", HostState.UP)
    checks = (Check("kernel_left", "warn", "process 7", "kill 7", mend),)
    lines = list(report(snapshot, checks, Style(None), everything=False))
    assert lines[-1].strip() == "→ gpuws doctor a --fix kernel_left does it, once you agree"
    row = checkups([snapshot], {"a": checks}, 0.0)["hosts"][0]["checks"][0]
    assert row["mend"] == "ssh a 'kill 7'"
