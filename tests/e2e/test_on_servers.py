"""What gpuws really did on the lab's hosts is in its log, and all of it in the table of docs/on-servers.md."""

import shlex
import time

import pytest

from gpuws.model.host.footprint import BY_NAME

pytestmark = [pytest.mark.lab, pytest.mark.soak]
WRITTEN = 10.0  # seconds for the thread that writes
MINE = ["sh", "-c", "exit 3"]


def test_all_that_is_done_is_written_down_and_known(gpuws):
    for command in (["gpus"], ["ps", "-a"], ["tmux", "ls"], ["doctor"], ["ports", "alpha"], ["kernels"], ["disks"]):
        gpuws.run(*command)
    assert gpuws.run("exec", "-e", "TOKEN=geheim", "bravo", "--", *MINE).returncode == 3
    gpuws.run("launch", "base", "-H", "alpha", "--dry-run")
    gpuws.ok("cp", "alpha:/etc/hostname", str(gpuws.home / "copied"))

    def done():
        return gpuws.json("hosts", "log", "-n", "0")["ran"]

    deadline = time.monotonic() + WRITTEN
    while not any(ran["of"] == "copy" for ran in done()):
        assert time.monotonic() < deadline, {one["of"] for one in done()}
        time.sleep(0.1)  # nothing tells when a file is written
    ran = done()
    assert {one["of"] for one in ran} <= set(BY_NAME)
    mine = [one["what"] for one in ran if one["of"] == "yours"]
    assert mine == ["/bin/sh -c " + shlex.quote("exec env TOKEN=*** sh -c 'exit 3'")]
    assert {"login", "forward", "probe", "tmux list", "checkup", "ports", "engine: look", "copy"} <= {
        one["of"] for one in ran
    }
    assert {one["host"] for one in ran if one["by"] == "login"} == {"alpha", "bravo", "charlie"}
    assert all(one["user"] for one in ran if one["by"] != "lost")
