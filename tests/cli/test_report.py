"""`gpuws report`, by the program itself: what it prints, and what it says where it can't."""

import json

import pytest


def test_a_week_by_person(gpuws):
    done = gpuws("report")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[3:7]] == ["WHO", "me", "3", "all"]
    assert "Nobody watched" in done.stdout


def test_one_host_as_json(gpuws):
    found = json.loads(gpuws("report", "alpha", "--json").stdout)
    assert found["hosts"] == ["alpha"]


@pytest.mark.parametrize("form", ["text", "md"])
def test_where_nothing_was_watched_no_sums_are_told(gpuws, form):
    done = gpuws("report", "--until", "2020-01-08", "--format", form)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing was watched in that time" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nowhere",), 4, "no host 'nowhere'"),
        (("--since", "yesteryear"), 2, "--since yesteryear: not a time — write 7d"),
        (("--since", "25:99"), 2, "--since 25:99: not a time"),
        (("--since", "1d", "--until", "2d"), 2, "the report would end before it begins"),
        (("--week", "--since", "1d"), 2, "two beginnings"),
        (("--by", "colour"), 2, "write one of user, host, profile, gpu"),
        (("--format", "pdf"), 2, "write one of text, md, csv, json, html"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(gpuws, words, code, says):
    done = gpuws("report", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
