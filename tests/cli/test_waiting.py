"""gpuws wait, on the demo lab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.terminal import ScreenTerminal


def test_it_says_where_as_soon_as_two_samples_agree(gpuws):
    done = gpuws("wait", "--gpus", "1", "-H", "bravo")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"bravo: GPU \d \(NVIDIA .*\)\n", done.stdout)
    assert done.stderr == ""


def test_one_line_of_json(gpuws):
    done = gpuws("wait", "--gpus", "count=2,memory=40GiB", "--json")
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert set(found) == {"host", "gpus", "devices", "waited_seconds"}
    assert [one["uuid"] for one in found["devices"]] == found["gpus"]
    assert len(found["gpus"]) == 2


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--gpus", "300"], 4, "no host that answers has such GPUs, however long one waits — there are "),
        (["--gpus", "count=1,model=B200", "-H", "alpha"], 4, "no host has such GPUs, however long"),
        (["--gpus", "none"], 2, "there is nothing to wait for"),
        (["--gpus", "x"], 2, "--gpus x: expected"),
        (["--gpus", "1", "--for", "soon"], 2, "--for soon: expected a duration"),
        (["--gpus", "1", "--name", "n"], 2, "say --launch PROFILE"),
        (["--gpus", "1", "--launch", "nosuch"], 2, "nosuch"),
        (["--gpus", "1", "--detach"], 2, "say --launch PROFILE"),
        (["--gpus", "1", "--launch", "base", "--detach", "--attach"], 2, "--detach leaves nobody here"),
        (["--gpus", "1", "--launch", "base", "--detach"], 2, "there is no keeper that could go on waiting"),
        (["--gpus", "1", "-H", "nowhere"], 4, "no host 'nowhere'"),
        (
            ["--gpus", "all", "-H", "alpha", "--for", "300ms"],
            1,
            "all GPUs of one host: not free within 0s — alpha has ",
        ),
    ],
)
def test_what_can_not_be_waited_for(gpuws, words, code, sentence):
    done = gpuws("wait", *words)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_dry_run_says_how_it_stands(gpuws):
    done = gpuws("wait", "--gpus", "all", "-H", "alpha", "--dry-run")
    assert done.returncode == 0
    assert re.match(r"all GPUs of one host: alpha has \d of 4 \(\d .*: .*\)\n", done.stdout)


def test_it_launches_there(gpuws):
    done = gpuws("wait", "--gpus", "1", "--launch", "pytorch-2.8-cu128", "--name", "mine", "-H", "bravo", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["host"], made["name"], made["state"]) == ("bravo", "mine", "running")
    assert len(made["gpus"]) == 1


def test_on_a_terminal_one_line_until_ctrl_c(terminal: Callable[..., ScreenTerminal]) -> None:
    shown = terminal("wait", "--gpus", "all", "-H", "alpha")
    shown.wait_for(r"gpuws: waiting \d+s for all GPUs of one host · alpha has \d of 4")
    shown.send("\x03")
    assert shown.wait_exit(20) == 130


def test_without_a_keeper_none_goes_on(gpuws):
    done = gpuws("waits", "--json", demo=False, GPUWS_KEEPER="0")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"waits": []})
    assert "each wait lives in the program that waits" in done.stderr
    assert gpuws("waits", "cancel", "3", demo=False, GPUWS_KEEPER="0").returncode == 4
    assert [wait["state"] for wait in json.loads(gpuws("waits", "--json").stdout)["waits"]] == ["waiting"]  # the demo's
