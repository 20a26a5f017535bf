"""Files over the whole road: command line, keeper, SSH, two engines of different age, also where nothing runs."""

import hashlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.lab import faults

pytestmark = pytest.mark.lab
PROFILE = """\
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: none
mem_limit: 512m
command: [sleep, infinity]
"""
NAME = "e2e-files"


@pytest.fixture
def container(lab, gpuws, request):
    host = request.param
    (gpuws.config / "profiles" / "files.yaml").write_text(PROFILE)
    gpuws.ok("launch", "files", "-H", host, "--name", NAME)
    yield f"{host}/{NAME}"
    gpuws.run("rm", "-f", "--yes", f"{host}/{NAME}")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def inside(gpuws, target, line, *flags):
    return gpuws.ok("exec", *flags, target, "--", "sh", "-c", line)


@pytest.mark.parametrize("container", ["alpha", pytest.param("bravo", marks=pytest.mark.soak)], indirect=True)
def test_a_tree_goes_in_over_and_out_again(container, gpuws, tmp_path):
    """Here, a container, another host, the container stopped, here."""
    tree = tmp_path / "runs"
    (tree / "deep").mkdir(parents=True)
    (tree / "deep" / "big.pt").write_bytes(os.urandom(3 << 20))
    (tree / "deep" / "run.sh").write_text("#!/bin/sh\n")
    (tree / "deep" / "run.sh").chmod(0o750)
    (tree / "link").symlink_to("deep")
    os.utime(tree / "deep" / "big.pt", ns=(10**18 + 123_456_789,) * 2)
    other = "bravo" if container.startswith("alpha") else "alpha"
    assert gpuws.ok("cp", str(tree), f"{container}:/tmp/") == ""
    look = "cd /tmp/runs/deep; stat -c '%U %a %Y' run.sh big.pt; id -un; readlink ../link"
    owner, mode, _, owner_too, _, modified, me, link = inside(gpuws, container, look).split()
    assert (owner, owner_too, mode, modified, link) == (me, me, "750", "1000000000", "deep")
    told = gpuws.json("cp", f"{container}:/tmp/runs", f"{other}:e2e-runs")
    try:
        assert (told["files"], told["left_out"], told["resumed_bytes"]) == (2, 0, 0)
        assert told["copied"][0]["source"] == f"{container}:/tmp/runs"
        gpuws.ok("cp", f"{other}:e2e-runs/deep/*.pt", str(tmp_path))
    finally:
        gpuws.ok("exec", other, "rm", "-rf", "e2e-runs")
    back = tmp_path / "big.pt"
    assert (digest(back), back.stat().st_mtime_ns) == (digest(tree / "deep" / "big.pt"), 10**18 + 123_456_789)
    gpuws.ok("stop", "--yes", container)
    gpuws.ok("cp", f"{container}:/tmp/runs/.", f"{tmp_path}/out")
    assert digest(tmp_path / "out" / "deep" / "big.pt") == digest(back)
    assert (tmp_path / "out" / "link").readlink() == Path("deep")
    gpuws.ok("cp", str(back), f"{container}:/tmp/runs/again.pt")
    gpuws.ok("start", container)
    assert inside(gpuws, container, "stat -c %U /tmp/runs/again.pt; sha256sum </tmp/runs/again.pt").split()[:2] == [
        me, digest(back),
    ]  # fmt: skip


def test_what_is_not_mine_or_read_only_is_read_and_not_written_into(gpuws, lab, tmp_path):
    gpuws.ok("cp", "bravo/eval:/etc/hostname", str(tmp_path))
    assert (tmp_path / "hostname").read_text().strip()
    refused = gpuws.run("cp", str(tmp_path / "hostname"), "bravo/eval:/tmp/e2e-hostname")
    assert refused.returncode == 5
    assert "--yes-not-mine eval" in refused.stderr
    said = gpuws.ok("cp", "--dry-run", str(tmp_path / "hostname"), "bravo/eval:/tmp")
    assert said == f"{tmp_path}/hostname -> bravo/eval:/tmp/hostname\n"
    gpuws.ok("--readonly", "cp", "alpha:/etc/hostname", "alpha/torch-dev:/etc/passwd", str(tmp_path))
    assert (tmp_path / "passwd").exists()
    for target in ("alpha:", "alpha/torch-dev:/tmp"):
        refused = gpuws.run("--readonly", "cp", str(tmp_path / "passwd"), target)
        assert (refused.returncode, refused.stdout) == (5, ""), refused.stderr
        assert "read-only" in refused.stderr


BIG, PART = 200 << 20, 40 << 20
"""Bytes of what is cut off in the middle, and after how many: enough to be kept."""


def moved(pid):
    """Bytes of files that a process has read or written: what goes through sockets is not counted there."""
    words = Path(f"/proc/{pid}/io").read_text().split()
    return max(int(words[1]), int(words[3]))


def part_went(copying):
    while moved(copying.pid) < PART:
        assert copying.poll() is None, copying.communicate()
        time.sleep(0.01)


def cut_in_the_middle(gpuws, host, *words):
    """The document of a copy whose link was cut once a part of its bytes had gone through it."""
    copying = gpuws.popen("cp", "--json", *words)
    part_went(copying)
    faults.drop_connections(host)
    said, errors = copying.communicate(timeout=120)
    assert copying.returncode == 0, errors
    assert "goes on when it is back" in errors
    return json.loads(said)


def cancelled_in_the_middle(gpuws, *words):
    """What a copy said that Ctrl-C ended once a part of its bytes had gone through it."""
    copying = gpuws.popen("cp", *words)
    part_went(copying)
    copying.send_signal(signal.SIGINT)
    _, errors = copying.communicate(timeout=60)
    assert copying.returncode == 130, errors
    return errors


def cut_behind_the_screen(gpuws, host, source, target):
    """What the task said that the form of the screen began, whose link was cut in the middle."""
    keeper = gpuws.json("keeper", "status")["keeper"]["pid"]
    with gpuws.terminal() as screen:
        screen.wait_for(f"● {host}")
        screen.send(":copy files")
        screen.wait_for("Copy files .*")
        screen.press("enter")
        screen.wait_for("TARGET:PATH")
        before = moved(keeper)
        screen.send(f"\x15{source}\t\x15{target}\r")
        while moved(keeper) - before < PART:
            time.sleep(0.01)
        faults.drop_connections(host)
        screen.wait_for("copied to", timeout=60)
    task = next(one for one in gpuws.json("tasks")["tasks"] if one["title"].startswith("copy "))
    return gpuws.ok("tasks", "log", str(task["id"]))


@pytest.mark.soak
@pytest.mark.parametrize("container", ["alpha", "bravo"], indirect=True)
def test_200_mb_there_and_back_are_equal_although_cancelled_and_cut(container, gpuws, tmp_path):
    big, back, host = tmp_path / "big.pt", tmp_path / "back.pt", container.partition("/")[0]
    big.write_bytes(os.urandom(BIG))
    assert "the same command goes on from there" in cancelled_in_the_middle(gpuws, str(big), f"{container}:/tmp/big.pt")
    assert "big.pt" not in inside(gpuws, container, "ls /tmp").split()
    told = cut_in_the_middle(gpuws, host, str(big), f"{container}:/tmp/big.pt")
    assert (told["files"], told["left_out"]) == (1, 0)
    assert 10 << 20 < told["resumed_bytes"] < told["bytes"] == BIG
    assert "goes on when it is back" in cut_behind_the_screen(gpuws, host, f"{container}:/tmp/big.pt", back)
    full = gpuws.run("cp", str(big), f"{container}:/dev/shm/")
    assert (full.returncode, "No space left on device" in full.stderr) == (1, True), full.stderr
    assert inside(gpuws, container, "ls -A /dev/shm") == ""
    assert digest(back) == digest(big)
    assert ".gpuws-cp" not in inside(gpuws, container, "ls -A /tmp")
    assert not list(tmp_path.glob(".gpuws-cp*"))
