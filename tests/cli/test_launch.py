"""launch: where, what is checked, what is made, and how it is cancelled."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

import pytest

from gpuws.cli.launch.profile import settle_profile
from gpuws.cli.launch.where import chosen, lines
from gpuws.cli.toolkit.options import Options
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.placement.plan import Want
from gpuws.model.placement.ranking import Ranked


def test_dry_run_prints_checks_and_the_docker_line_and_makes_nothing(gpuws):
    done = gpuws("launch", "pytorch-2.8-cu128", "-H", "bravo", "--gpus", "device=4,5", "--name", "x", "--dry-run")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "bravo/x"
    assert "✓ engine: Docker 26.1.4, CDI" in lines
    assert lines[-1].startswith("$ docker run -d --name x ")
    assert "device=GPU-" in lines[-1]


def test_json_has_the_promised_shape(gpuws):
    done = gpuws("run", "base", "-H", "alpha", "--name", "mine", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert set(made) == {
        "host",
        "name",
        "id",
        "state",
        "gpus",
        "rejected",
        "ports",
        "checks",
        "command",
        "verification",
    }
    assert (made["host"], made["name"], made["state"], made["gpus"]) == ("alpha", "mine", "running", [])
    assert len(made["id"]) == 64
    planned = json.loads(gpuws("run", "base", "-H", "alpha", "--json", "--dry-run").stdout)
    assert planned["id"] is None
    assert planned["state"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("launch", "pytroch-2.8-cu128"),
        ("launch", "pytroch-2.8-cu128", "-H", "nowhere"),
        ("launch", "pytroch-2.8-cu128", "-H", "golf"),
        ("launch", "pytroch-2.8-cu128", "--tag", "nosuch"),
        ("wait", "--gpus", "1", "--launch", "pytroch-2.8-cu128", "-H", "nowhere"),
    ],
)
def test_a_wrong_profile_is_told_before_a_missing_host(gpuws, words):
    done = gpuws(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no profile 'pytroch-2.8-cu128' — did you mean pytorch-2.8-cu128" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "overrides", "says"),
    [
        ("torch", (), "there is no profile 'torch'"),
        ("bad", (), "bad.yaml:1:1: cmd: unknown key; write command"),
        ("bad", ("cmd=null",), "bad.yaml:2:1: gpus: expected all, none"),
        ("base", ("mem_limit=lots",), "--set mem_limit=lots: mem_limit: 'lots' is not a size"),
        ("base", ("env.A=1",), "--set env.A=1: env: unknown key; write environment"),
        ("imageless", (), "expected image or build"),
    ],
)
def test_what_is_wrong_with_a_profile_needs_no_host(tmp_path, name, overrides, says):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/bad.yaml").write_text("cmd: sleep\ngpus: many\nimage: i")
    (tmp_path / "profiles/imageless.yaml").write_text("gpus: 1")
    with pytest.raises(UsageError) as wrong:
        settle_profile(Options(config_dir=str(tmp_path)), name, overrides)
    assert says in str(wrong.value)


def test_set_may_cure_a_profile(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/imageless.yaml").write_text("gpus: 1")
    settle_profile(Options(config_dir=str(tmp_path)), "imageless", ("image=x",))


def test_progress_goes_to_stderr_and_the_target_to_stdout(gpuws):
    done = gpuws("launch", "pytorch-2.7-cu118", "-H", "foxtrot", "--gpus", "none", "--name", "t")
    assert (done.returncode, done.stdout) == (0, "foxtrot/t\n")
    stages = ("checking", "creating", "starting")
    assert [line.split()[1] for line in done.stderr.splitlines() if line.split()[1] in stages] == list(stages)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("-H", "alpha", "--gpus", "3"), 5, "3 wanted, 1 fit"),
        (("-H", "alpha", "--gpus", "device=9"), 5, "no GPU 9"),
        (("-H", "alpha", "--name", "jup"), 5, "has a container 'jup'"),
        (("-H", "local"), 1, "no Docker engine"),
        (("-H", "alpha", "--gpus", "many"), 2, "--gpus many"),
        (("-H", "alpha", "--set", "colour=red"), 2, "colour"),
        ((), 2, "on which host?"),
        (("-H", "golf"), 3, "did not answer"),
        (("-H", "nowhere"), 4, "known hosts"),
        (("-H", "alpha", "--readonly"), 5, "read-only"),
    ],
)
def test_each_refusal_is_one_sentence_and_its_code(gpuws, words, code, says):
    done = gpuws("launch", "base", *words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_an_unknown_profile_is_a_usage_error(gpuws):
    done = gpuws("launch", "nope", "--anywhere")
    assert done.returncode == 2
    assert "known profiles: base" in done.stderr


def test_force_goes_on_although_a_check_failed(gpuws):
    done = gpuws("launch", "base", "-H", "alpha", "--gpus", "3", "--force")
    assert (done.returncode, done.stdout) == (0, "alpha/base\n")


def test_a_gpu_that_somebody_is_on_takes_his_name(gpuws):
    """bob's jup is on GPU 2 of alpha; checks that failed are another matter."""
    there = ("launch", "base", "-H", "alpha", "--gpus", "device=2", "--name", "shared")
    refused = gpuws(*there, "--force")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert refused.stderr.splitlines()[-1].endswith("--yes-not-mine bob")
    assert gpuws(*there, "--yes-not-mine", "carol").returncode == 5
    assert gpuws(*there, "--yes-not-mine", "bob").stdout == "alpha/shared\n"
    assert "· to type: bob" in gpuws(*there, "--dry-run").stdout
    assert gpuws("clone", "alpha/torch-dev", "-H", "alpha", "--gpus", "all").returncode == 5


def test_anywhere_takes_a_host_where_it_fits(gpuws):
    done = gpuws("launch", "pytorch-ddp", "--anywhere", "--gpus", "count=2,model=H100", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "bravo/pytorch-ddp"
    impossible = gpuws("launch", "pytorch-ddp", "--anywhere", "--gpus", "count=64", "--dry-run")
    assert impossible.returncode == 5


def test_ctrl_c_cancels_and_ends_with_130(gpuws):
    process = gpuws.start("launch", "pytorch-2.7-cu118", "-H", "alpha", "--name", "never")
    while "pulling" not in (line := process.stderr.readline()):
        assert line
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors


def test_attach_enters_what_was_launched(terminal):
    tty = terminal("launch", "base", "-H", "alpha", "--name", "here", "--attach")
    tty.wait_for(r"\[main\] 0:bash")
    tty.press("ctrl+b", "d")
    assert tty.wait_exit() == 0


@pytest.mark.parametrize(("reply", "made"), [("", "bravo"), ("2", "alpha"), ("alpha", "alpha")])
def test_without_a_host_a_person_is_shown_all_best_first_and_asked(terminal, reply, made):
    tty = terminal("launch", "pytorch-2.8-cu128", "--name", "x", "--gpus", "1")
    shown = tty.wait_for("Number or host, Enter for bravo:").splitlines()
    begin = shown.index("Where? Best first.")
    assert [line.split()[:2] for line in shown[begin + 1 : begin + 3]] == [["1", "bravo"], ["2", "alpha"]]
    assert next(line for line in shown if line.split()[:2] == ["–", "golf"]).endswith("did not answer within 10 s")
    tty.send(f"{reply}\r")
    tty.wait_for(rf"(?m)^{made}/x")
    assert tty.wait_exit() == 0


@pytest.mark.parametrize(("reply", "code", "says"), [("9\r", 4, "not in the list"), ("\x04", 5, "no host was chosen")])
def test_what_is_no_answer_launches_nothing(terminal, reply, code, says):
    tty = terminal("launch", "base")
    tty.wait_for("Enter for")
    tty.send(reply)
    tty.wait_for(says)
    assert tty.wait_exit() == code


def test_where_nothing_fits_enter_chooses_nothing(terminal):
    tty = terminal("launch", "base", "--gpus", "9")
    shown = tty.wait_for("Number or host:")
    assert "It can go nowhere now." in shown
    tty.press("enter")
    tty.wait_for("no host was chosen")
    assert tty.wait_exit() == 5


def test_a_program_that_reads_the_answer_is_not_asked(terminal):
    tty = terminal("launch", "base", "--json")
    tty.wait_for("on which host")
    assert tty.wait_exit() == 2


def test_a_long_ranking_is_cut_and_what_is_left_can_be_named():
    plans = [DemoFleet(tick=0).plan("alpha", "base", Want())]
    ranked = [Ranked(replace(plans[0], host=f"gpu-{number:03}"), "8 free GPUs") for number in range(40)]
    shown = lines(ranked, {"down": GpuwsError("down: no answer")})
    assert (len(shown), shown[1], shown[-2]) == (15, "  1  gpu-000  8 free GPUs", "  –  down     no answer")
    assert shown[-1].strip() == "and 28 hosts more, to be named"
    assert (chosen(ranked, "gpu-039"), chosen(ranked, "40"), chosen(ranked, "")) == (ranked[39], ranked[39], ranked[0])
