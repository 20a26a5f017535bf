"""What fills disks, on the demo lab: sums, people, things; volumes that go only where nobody uses them."""

from __future__ import annotations

import json

import pytest

FORSAKEN = "9f2c77e0a1b3"


def rows(text):
    return [line.split() for line in text.splitlines()[1:]]


def test_sums_people_and_things(gpuws):
    done = gpuws("disks", "alpha")
    assert done.returncode == 0
    assert "alpha disk / – 212G – of 440G, 48% full" in " ".join(done.stdout.split())
    assert "–  only root sees them" in done.stdout
    people = rows(gpuws("df", "alpha", "--by", "user").stdout)
    assert [row[1] for row in people] == ["alice", "bob", "nobody's"]
    things = rows(gpuws("disks", "alpha", "--all").stdout)
    assert things[0][1:4] == ["volume", "old-checkpoints", "118G"]
    told = json.loads(gpuws("disks", "alpha", "--json").stdout)
    (disk,) = told["disks"]
    assert (disk["logs_bytes"], disk["logs_error"]) == (None, "only root sees them")
    assert disk["volumes_bytes"] == sum(one["size_bytes"] for one in disk["volumes"])


def test_a_volume_that_a_container_has_stays(gpuws):
    done = gpuws("volumes", "rm", "-H", "alpha", "--yes", "--yes-not-mine", "old-exp-cache", "old-exp-cache")
    assert done.returncode == 5
    assert "belongs to old-exp" in done.stderr
    assert "gpuws rm alpha/old-exp" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["old-checkpoints", "--yes"], 0, "alpha: old-checkpoints"),
        (["old-checkpoints"], 5, "add --yes"),
        (["datasets-2024", "--yes"], 5, "--yes-not-mine datasets-2024"),
        (["datasets-2024", "--yes-not-mine", "datasets-2024"], 0, "alpha: datasets-2024"),
        ([FORSAKEN[:5], "--yes-not-mine", FORSAKEN], 0, f"alpha: {FORSAKEN}"),
        (["none"], 4, "alpha has no volume none"),
    ],
)
def test_removal_is_confirmed(gpuws, words, code, said):
    done = gpuws("volumes", "rm", "-H", "alpha", *words)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr


def test_prune_shows_sizes_and_owners_and_takes_only_what_nobody_named(gpuws):
    dry = gpuws("volumes", "prune", "alpha", "--dry-run")
    assert dry.stdout.count("docker volume rm") == 1
    assert f"# {FORSAKEN}  870M  no owner" in dry.stdout
    every = gpuws("volumes", "prune", "alpha", "--all", "--dry-run")
    assert "old-checkpoints  118G  alice" in every.stdout
    assert "add --yes-not-mine 2" in every.stderr
    assert "cache" not in every.stdout
    assert gpuws("volumes", "prune", "alpha").returncode == 5
    assert gpuws("volumes", "prune", "alpha", "--all", "--yes", "--yes-not-mine", "2").stdout == "alpha: 160G freed\n"


def test_a_read_only_host_refuses(gpuws):
    for words in (["volumes", "rm", "old-checkpoints", "--yes", "-H", "alpha"], ["volumes", "prune", "alpha", "--all"]):
        done = gpuws("--readonly", *words)
        assert (done.returncode, "read-only" in done.stderr) == (5, True)


def test_the_engine_is_asked_on_a_terminal_with_a_word_of_it(terminal):
    screen = terminal("volumes", "rm", "-H", "alpha", "datasets-2024", columns=100, rows=24)
    text = screen.wait_for(r"Type datasets-2024 to go on:")
    assert "nobody's volume, 41G, made 210d ago; no container uses it. What lies in it is lost." in text
    screen.press("d", "o", "enter")
    assert screen.wait_exit(20) == 5
