"""exec on many hosts, on the demo."""

import json


def test_each_host_answers_and_the_status_is_the_highest(gpuws):
    done = gpuws("exec", "-H", "alpha", "-H", "bravo", "--", "hostname")
    assert (done.returncode, done.stdout) == (0, "alpha\n  alpha\nbravo\n  bravo\n")
    same = gpuws("exec", "-H", "alpha", "-H", "bravo", "--", "sh", "-c", "exit 7")
    assert (same.returncode, same.stdout) == (7, "alpha, bravo: exit 7\n")
    program_words = gpuws("exec", "-H", "alpha", "echo", "--json", "-x")
    assert program_words.stdout == "alpha\n  --json -x\n"


def test_a_host_that_is_away_is_told_and_the_others_go_on(gpuws):
    done = gpuws("exec", "-H", "golf", "-H", "alpha", "--", "hostname")
    assert (done.returncode, done.stdout) == (255, "alpha\n  alpha\ngolf: no status\n")
    assert done.stderr == "gpuws: golf.lab.example did not answer within 10 s\n"
    told = gpuws("exec", "--json", "-H", "golf", "-H", "alpha", "--", "hostname")
    document = json.loads(told.stdout)
    assert (told.returncode, document["status"], document["command"]) == (255, 255, ["hostname"])
    assert [(one["host"], one["status"], one["stdout"]) for one in document["answers"]] == [
        ("alpha", 0, "alpha\n"), ("golf", None, ""),
    ]  # fmt: skip


def test_what_does_not_fit_is_said_in_a_sentence(gpuws):
    for words, status, said in (
        (("exec", "-H", "alpha", "-t", "--", "true"), 255, "-i, -t and -u are for one place"),
        (("exec", "--tag", "a1000", "--", "true"), 255, "no host has the tag 'a1000'"),
        (("exec", "--readonly", "-H", "alpha", "--", "true"), 5, "alpha is read-only"),
        (("exec", "--limit", "5", "alpha", "true"), 255, "--json and --limit are for many hosts"),
    ):
        done = gpuws(*words)
        assert (done.returncode, done.stdout) == (status, "")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
