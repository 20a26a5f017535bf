"""start, stop, restart, kill, rm and tmux new|kill: what is asked, what is refused, what is done."""

from __future__ import annotations

import json

import pytest


def test_mine_needs_a_yes(gpuws):
    refused = gpuws("stop", "torch-dev")
    assert refused.returncode == 5
    assert "add --yes" in refused.stderr
    done = gpuws("stop", "alpha/torch-dev", "--yes")
    assert (done.returncode, done.stdout) == (0, "alpha/torch-dev\n")


def test_what_is_not_mine_needs_its_name(gpuws):
    refused = gpuws("stop", "alpha/jup", "--yes")
    assert refused.returncode == 5
    assert "--yes-not-mine jup" in refused.stderr
    assert gpuws("stop", "alpha/jup", "--yes-not-mine", "train-bert").returncode == 5
    assert gpuws("stop", "alpha/jup", "--yes-not-mine", "jup").stdout == "alpha/jup\n"


def test_in_bulk_it_is_the_count_and_mine_still_asks(gpuws):
    three = ("alpha/jup", "bravo/eval", "alpha/torch-dev")
    assert gpuws("stop", *three, "--yes", "--yes-not-mine", "jup").returncode == 5
    assert gpuws("stop", *three, "--yes-not-mine", "2").returncode == 5
    done = gpuws("stop", *three, "--yes", "--yes-not-mine", "2")
    assert (done.returncode, done.stdout.split()) == (0, list(three))


def test_start_asks_nothing_of_mine(gpuws):
    assert gpuws("start", "alpha/old-exp").stdout == "alpha/old-exp\n"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("start", "alpha/data-prep", "--yes"), "data-prep"),
        (("tmux", "kill", "alpha/jup:main", "--yes"), "main"),
        (("recreate", "alpha/data-prep", "--yes"), "data-prep"),
    ],
)
def test_whatever_is_not_mine_takes_its_name_and_no_yes(gpuws, words, name):
    refused = gpuws(*words)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert refused.stderr.splitlines()[-1].endswith(f"--yes-not-mine {name}")


def test_tmux_is_never_started_in_what_is_not_mine(gpuws):
    refused = gpuws("tmux", "new", "alpha/jup:fresh", "--yes-not-mine", "jup")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "tmux is never started there" in refused.stderr


def test_dry_run_prints_the_commands_and_asks_nothing(gpuws):
    done = gpuws("rm", "-f", "alpha/jup", "bravo/train-bert", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["ssh alpha 'docker rm -f jup'", "ssh bravo 'docker rm -f train-bert'"]
    done = gpuws("stop", "-t", "3", "alpha/jup", "--dry-run")
    assert done.stdout == "ssh alpha 'docker stop -t 3 jup'\n"
    assert "--yes-not-mine jup" in done.stderr
    assert gpuws("stop", "alpha/jup", "--dry-run", "--yes-not-mine", "jup").stderr == ""
    refused = gpuws("--readonly", "recreate", "alpha/torch-dev", "--dry-run")
    assert (refused.returncode, refused.stdout) == (5, "")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("rm", "alpha/torch-dev", "--yes"), 1, "is running"),
        (("stop", "nothing-like-it", "--yes"), 4, "no host or container 'nothing-like-it'"),
        (("start", "eval"), 4, "one of bravo/eval, foxtrot/eval"),
        (("start", "alpha"), 2, "alpha is a host"),
        (("start", "golf/any"), 3, "did not answer"),
        (("start", "echo/any"), 3, "ssh-keygen -R echo"),
        (("start", "local/any"), 1, "no Docker engine"),
        (("start", "nowhere/any"), 4, "known hosts"),
        (("start", "alpha/old-epx"), 4, "did you mean alpha/old-exp?"),
        (("start", "alhpa/old-exp"), 4, "did you mean alpha/old-exp?"),
        (("start", "alhpa/old-epx"), 4, "did you mean alpha/old-exp?"),
        (("tunnel", "fxtrot/vlm:8000"), 4, "did you mean foxtrot/vllm:8000?"),
        (("stop", "alhpa/zzz"), 4, "did you mean alpha/zzz?"),
        (("stop", "bravo/torch-dev", "--yes"), 4, "did you mean alpha/torch-dev?"),
        (("stop", "trch-dev", "--yes"), 4, "did you mean alpha/torch-dev?"),
        (("tunnel", "vlm:8000"), 4, "did you mean foxtrot/vllm:8000?"),
        (("tmux", "kill", "alpha:nots", "--yes"), 4, "no session 'nots' on alpha — did you mean alpha:notes?"),
        (("gpus", "brvo"), 4, "did you mean bravo?"),
        (("gpus", "--tag", "h10"), 4, "did you mean h100?"),
        (("start", "a:b/c:d"), 2, "is not a target"),
        (("start", "alpha/old-exp", "--readonly"), 5, "read-only"),
        (("stop",), 2, "TARGET"),
    ],
)
def test_each_failure_is_one_sentence_and_its_code(gpuws, words, code, says):
    done = gpuws(*words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_name_that_several_have_means_mine(gpuws):
    assert gpuws("rm", "vllm", "-f", "--dry-run").stdout == "ssh foxtrot 'docker rm -f vllm'\n"


def test_a_target_that_is_missing_keeps_all_others_untouched(gpuws):
    done = gpuws("start", "alpha/old-exp", "alpha/typo")
    assert done.returncode == 4
    assert done.stdout == ""


def test_one_that_fails_does_not_stop_the_others(gpuws):
    done = gpuws("rm", "--yes", "alpha/torch-dev", "alpha/old-exp")
    assert done.returncode == 1
    assert done.stdout == "alpha/old-exp\n"
    assert "gpuws: alpha/torch-dev: " in done.stderr


def test_readonly_before_the_command_is_the_same(gpuws):
    assert gpuws("--readonly", "start", "alpha/old-exp").returncode == 5


def test_sessions_are_made_and_ended(gpuws):
    assert gpuws("tmux", "new", "alpha:fresh").stdout == "alpha:fresh\n"
    assert gpuws("tmux", "kill", "alpha:data").returncode == 5
    assert gpuws("tmux", "kill", "alpha:data", "--yes").stdout == "alpha:data\n"
    assert gpuws("tmux", "kill", "alpha:nope", "--yes").returncode == 4
    assert gpuws("tmux", "kill", "alpha:data", "--dry-run").stdout.startswith(r"ssh alpha 'tmux -u kill-session -t \$")
    assert gpuws("tmux", "kill", "alpha/jup:x", "--dry-run").stdout == "gpuws tmux kill alpha/jup:x\n"
    assert gpuws("tmux", "new", "alpha").returncode == 2
    assert gpuws("tmux", "new", "alpha:a.b").returncode == 2
    done = gpuws("tmux", "new", "alpha/torch-dev:fresh", "--dry-run")
    made = r"docker exec torch-dev tmux -u new-session -d -s fresh \; set-option -t =fresh: @gpuws_owner alice@desk"
    assert done.stdout == f"ssh alpha '{made}'\n"


def test_a_person_is_asked_with_the_figures_and_may_decline(terminal):
    tty = terminal("stop", "alpha/torch-dev")
    text = tty.wait_for(r"Go on\? \[y/N\]")
    assert "Stop torch-dev on alpha?" in text
    assert "2 GPUs at" in text
    assert "docker stop torch-dev" in text
    tty.send("n\n")
    assert tty.wait_exit() == 5


def test_a_person_types_the_name_of_what_is_not_theirs(terminal):
    tty = terminal("kill", "alpha/jup")
    text = tty.wait_for("Type jup to go on:")
    assert "bob's container" in text
    tty.send("jup\n")
    tty.wait_for(r"(?m)^alpha/jup$")
    assert tty.wait_exit() == 0
    wrong = terminal("kill", "alpha/jup")
    wrong.wait_for("Type jup to go on:")
    wrong.send("yes\n")
    assert wrong.wait_exit() == 5


def test_inspect_is_dockers_array_without_secrets(gpuws):
    done = gpuws("inspect", "alpha/torch-dev", "foxtrot/vllm")
    first, second = json.loads(done.stdout)
    assert (first["Name"], second["Name"]) == ("/torch-dev", "/vllm")
    assert "HF_TOKEN=***" in first["Config"]["Env"]
    assert done.stderr == "gpuws: 1 secret hidden: HF_TOKEN\n"
    assert gpuws("inspect", "--json", "alpha/torch-dev", "foxtrot/vllm").stdout == done.stdout
    assert gpuws("inspect", "alpha").returncode == 2


def test_actions_say_what_became_of_each_in_one_document(gpuws):
    done = gpuws("stop", "alpha/torch-dev", "alpha/old-exp", "--yes", "--json")
    told = json.loads(done.stdout)
    assert told["action"] == "stop"
    assert [(one["name"], one["done"], one["error"]) for one in told["containers"]] == [
        ("torch-dev", True, None), ("old-exp", True, None),
    ]  # fmt: skip
    asked = json.loads(gpuws("stop", "alpha/torch-dev", "--dry-run", "--json").stdout)
    assert [(one["done"], one["command"]) for one in asked["containers"]] == [
        (False, "ssh alpha 'docker stop torch-dev'")
    ]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("pause", "alpha/torch-dev"), "ssh alpha 'docker pause torch-dev'"),
        (("rename", "alpha/old-exp", "older"), "ssh alpha 'docker rename old-exp older'"),
        (("prune", "alpha"), "ssh alpha 'docker rm old-exp'"),
        (("prune", "alpha", "--filter", "age<1d"), ""),
    ],
)
def test_what_holds_renames_and_prunes_asks_of_mine_as_stop_does(gpuws, words, command):
    """Prune means nothing but mine that has ended: of alpha's two bob's stays."""
    assert gpuws(*words, "--dry-run").stdout.strip() == command
    assert gpuws(*words).returncode == (5 if command else 0)
    assert gpuws(*words, "--yes").returncode == 0


def test_a_name_that_no_engine_takes_is_refused_before_anything_is_asked(gpuws):
    refused = gpuws("rename", "alpha/old-exp", "no/name", "--yes")
    assert (refused.returncode, "is no name for a container" in refused.stderr) == (2, True)


def test_drift_says_by_its_exit_code_whether_there_are_differences(gpuws):
    assert gpuws("drift", "alpha/torch-dev").returncode == 1
    assert gpuws("drift", "foxtrot/vllm").returncode == 0


def test_launch_runs_what_stands_behind_the_dashes(gpuws):
    done = gpuws("launch", "base", "-H", "alpha", "--name", "x", "--dry-run", "--json", "--", "python", "-c", "a $b  c")
    assert json.loads(done.stdout)["command"].endswith("python -c 'a $b  c'")
    refused = gpuws("launch", "base", "bravo", "--dry-run")
    assert (refused.returncode, "behind --" in refused.stderr) == (2, True)


def test_a_session_of_a_profile_is_launched(gpuws):
    planned = gpuws("tmux", "new", "alpha/try:train", "--profile", "base", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "--name try" in planned.stdout
    made = gpuws("tmux", "new", "alpha:train", "--profile", "base")
    assert (made.returncode, made.stdout[:10]) == (0, "alpha/base"), made.stderr
    for words in (("-c", "/data"), ("--", "make")):
        refused = gpuws("tmux", "new", "alpha:train", "--profile", "base", *words)
        assert (refused.returncode, "a profile says itself what runs" in refused.stderr) == (2, True)
    asked = gpuws("tmux", "new", "alpha:train", "--profile", "base", "--json")
    assert asked.stderr.endswith("gpuws launch base -H alpha --set tmux.session=train --json\n")


def test_what_became_of_a_session_in_json(gpuws):
    words = ("tmux", "rename", "alpha:notes", "papers", "--json")
    planned, done = (json.loads(gpuws(*words, *more).stdout) for more in (("--dry-run",), ()))
    row = planned["sessions"][0]
    assert (planned["action"], row["name"], row["done"], row["error"]) == ("rename", "notes", False, None)
    assert row["command"].startswith("ssh alpha")
    assert done == {"action": "rename", "sessions": [{**row, "name": "papers", "done": True}]}
