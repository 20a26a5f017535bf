"""`gpuws hosts log`: what was done on hosts, read from the file in which it stands."""

from __future__ import annotations

import json
import time

import pytest

from gpuws.model.host.ran import Ran, line_of, old_file
from gpuws.model.units import timestamp


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".local" / "state" / "gpuws" / "commands.log"


def write(path, *every):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(f"{line_of(ran)}\n" for ran in every)


def ran(ago, what, host="alpha", means="command", **more):
    return Ran(round(time.time() - ago), host, "ada", means, what, **more)


def real(gpuws, *words):
    return gpuws("hosts", "log", *words, demo=False)


def test_it_is_printed_in_columns_newest_last(gpuws, path):
    write(
        old_file(path),
        ran(7200, "127.0.0.1:22", means="login", seconds=0.2),
        ran(7100, "sleep 9", run="1-1", begun=True),
    )
    write(
        path,
        ran(60, "false", status=1, seconds=0.04),
        ran(50, "hostname", host="bravo", status=0),
        ran(7100, "sleep 9", run="1-1", error="ended by gpuws", seconds=9.0),
        ran(40, "GET /containers/json", means="request", status=200, times=20, until=round(time.time())),
        ran(30, "/run/x", means="forward", error="alpha: /run/x can't be reached"),
    )
    done = real(gpuws, "alpha")
    assert (done.returncode, done.stderr) == (0, "")
    title, *rows = [line.split() for line in done.stdout.splitlines()]
    assert title == ["WHEN", "USER", "BY", "RESULT", "TOOK", "TIMES", "FOR", "WHAT"]
    assert [" ".join(row[2:]) for row in rows] == [
        "ada login ok 0.20s – login 127.0.0.1:22",
        "ada command ended 9.0s – yours sleep 9 — ended by gpuws",
        "ada command exit 1 0.04s – yours false",
        "ada request 200 – 20 engine: look GET /containers/json",
        "ada forward failed – – forward /run/x — alpha: /run/x can't be reached",
    ]
    assert len(real(gpuws, "alpha", "-n", "2").stdout.splitlines()) == 3
    assert len(real(gpuws, "alpha", "--since", "1h").stdout.splitlines()) == 4
    assert "bravo" in real(gpuws).stdout


def test_json_has_every_field(gpuws, path):
    one = ran(60, "false", status=1, seconds=0.04)
    write(path, one)
    assert json.loads(real(gpuws, "alpha", "--json").stdout)["ran"] == [
        {
            "at": timestamp(one.at), "until": None, "times": 1, "host": "alpha", "user": "ada", "by": "command",
            "what": "false", "of": "yours", "running": False, "status": 1, "seconds": 0.04, "error": None,
        }
    ]  # fmt: skip


def test_nothing_is_said_to_be_nothing(gpuws, path, tmp_path):
    done = real(gpuws, "local")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"gpuws: nothing was done on local since 30 days ago, says {path}\n"
    assert real(gpuws, "nobody").returncode == 4
    assert real(gpuws, "local", "--since", "soon").returncode == 2
    config = tmp_path / ".config" / "gpuws" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("command_log: false\n")
    assert f"command_log is false in {config}" in real(gpuws, "local").stderr


def test_a_host_that_is_no_longer_configured_keeps_its_lines(gpuws, path):
    write(path, ran(60, "true", host="gone", status=0))
    assert "true" in real(gpuws, "gone").stdout


def test_nothing_in_it_steers_the_terminal(gpuws, path):
    write(path, ran(60, "echo \x1b[31m\u202e", status=0, error="\x1b]0;title\x07"))
    assert all(character.isprintable() for character in real(gpuws, "alpha").stdout.replace("\n", ""))


def test_it_is_followed_across_a_file_that_is_set_aside(gpuws, path):
    write(path, ran(60, "first", status=0))
    following = gpuws.start("hosts", "log", "alpha", "-f", GPUWS_DEMO="")
    try:
        assert "WHAT" in following.stdout.readline()
        assert following.stdout.readline().split()[-1] == "first"
        write(path, ran(0, "elsewhere", host="bravo", status=0), ran(0, "second", status=0))
        assert following.stdout.readline().split()[-1] == "second"
        write(path, ran(0, "third", status=0))
        path.replace(old_file(path))
        write(path, ran(0, "fourth", status=0))
        assert following.stdout.readline().split()[-1] == "third"
        assert following.stdout.readline().split()[-1] == "fourth"
    finally:
        following.kill()
        following.communicate()


def test_the_demo_has_lines_of_each_host(gpuws):
    done = gpuws("hosts", "log", "alpha")
    assert done.returncode == 0
    assert {"login", "probe", "tmux", "yours"} <= set(done.stdout.split())
