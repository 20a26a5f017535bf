"""`gpuws doctor` through the installed command on the demo lab, and how its lines are made."""

from __future__ import annotations

import json

import pytest

from gpuws.cli.doctor.checkup import report
from gpuws.cli.toolkit.tables import Style
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check


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
    assert {frozenset(check) for check in checks} == {frozenset({"name", "status", "detail", "remedy"})}
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
