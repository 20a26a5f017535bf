"""tasks: listed, read, ended, begun anew, on the demo's; and a launch that nobody stays for."""

from __future__ import annotations

import json

import pytest


def test_they_are_listed_the_newest_first(gpuws):
    done = gpuws("tasks")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["N", "TASK", "HOST", "STATE", "FOR", "AGO"]
    assert [row.split()[0] for row in rows] == ["2", "1"]
    assert "launch flash-attn" in rows[0]
    assert "failed" in rows[0]
    assert "the build of gpuws/flash-attn failed" in rows[0]


def test_json_says_what_it_takes_to_go_on(gpuws):
    (first, second) = json.loads(gpuws("tasks", "ls", "--json").stdout)["tasks"]
    assert (first["id"], first["verb"], first["state"], first["error"]) == ("1", "pull_image", "done", None)
    assert (second["state"], second["stage"], second["percent"]) == ("failed", "building", None)
    assert "build FROM" in second["remedy"]


def test_a_log_is_read_whole_or_at_its_end_with_times(gpuws):
    whole = gpuws("tasks", "log", "2").stdout.splitlines()
    assert whole[0] == "launch flash-attn on bravo"
    assert whole[-1].startswith("→ ")
    last = gpuws("tasks", "log", "-t", "--tail", "1", "2").stdout.splitlines()
    assert last[0].endswith(whole[-1])
    assert last[0][:2] == "20"


@pytest.mark.parametrize("words", [("log", "9"), ("cancel", "2", "9"), ("retry", "9")])
def test_one_that_is_not_there_names_those_that_are(gpuws, words):
    done = gpuws("tasks", *words)
    assert done.returncode == 4
    assert "no task '9' — there are: 1, 2" in done.stderr
    assert done.stdout == ""


def test_what_ended_is_forgotten(gpuws):
    assert gpuws("tasks", "cancel", "1", "--dry-run").stdout == (
        "1: pull vllm/vllm-openai:v0.10.2: would be forgotten\n"
    )
    assert gpuws("tasks", "cancel", "1").stdout.endswith(": forgotten\n")


def test_begun_anew_it_is_followed_to_its_end(gpuws):
    done = gpuws("tasks", "retry", "1")
    assert (done.returncode, done.stdout) == (0, "vllm/vllm-openai:v0.10.2\n")
    assert "pulling" in done.stderr
    again = gpuws("tasks", "retry", "2")
    assert again.returncode == 1
    assert "build FROM the -devel image" in again.stderr
    assert json.loads(gpuws("tasks", "retry", "1", "--detach", "--json").stdout)["tasks"][0]["id"] == "3"


def test_a_launch_goes_on_by_itself(gpuws):
    done = gpuws("launch", "base", "-H", "alpha", "--name", "mine", "--detach")
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert "gpuws tasks log -f 3" in done.stderr
    assert "✓ engine" in done.stderr
    refused = gpuws("launch", "base", "-H", "alpha", "--detach", "--attach")
    assert refused.returncode == 2
    planned = gpuws("launch", "base", "-H", "alpha", "--detach", "--dry-run")
    assert planned.stdout.splitlines()[-1].startswith("$ docker run")
