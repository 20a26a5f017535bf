"""What is written down of what ran on hosts: in one line, without a secret, read back as it was."""

from __future__ import annotations

import pytest

from gpuws.model.host.ran import Ran, about, from_line, joined, line_of
from gpuws.model.host.told import LONGEST, request_told, words_told


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["nvidia-smi", "-L"], "nvidia-smi -L"),
        (["docker", "exec", "-e", "A=geheim", "--env", "B=geheim", "--env=C=geheim", "-eD=geheim", "x", "E=f"],
         "docker exec -e 'A=***' --env 'B=***' '--env=C=***' '-eD=***' x E=f"),
        (["env", "A=geheim", "B=geheim", "prog", "C=d"], "env 'A=***' 'B=***' prog C=d"),
        (["sh", "-c", "cd /x && exec env A=geheim 'B=geheim too' python x"],
         "sh -c 'cd /x && exec env A=*** '\"'\"'B=***'\"'\"' python x'"),
        (["sh", "-c", "env A='geheim too' \"B=geheim\" prog"], "sh -c 'env A=*** \"B=***\" prog'"),
        (["curl", "-u", "ada:geheim", "https://ada:geheim@lab.example/"],
         "curl -u 'ada:***' 'https://***@lab.example/'"),
        (["sshpass", "-p", "geheim", "ssh", "box"], "sshpass -p '***' ssh box"),
        (["jupyter", "lab", "--ServerApp.token=geheim"], "jupyter lab '--ServerApp.token=***'"),
        (["x", "--password", "geheim"], "x --password '***'"),
        (["x", "WANDB_API_KEY=geheim"], "x 'WANDB_API_KEY=***'"),
        (["echo", "hf_geheimgeheimgeheim"], "echo '***'"),
        (["printf", "\x1b]0;x\x07two\nlines"], "printf ' ]0;x two lines'"),
    ],
)  # fmt: skip
def test_a_command_is_told_without_secrets(argv, told):
    assert words_told(argv) == told.replace("printf ' ]", "printf ']")
    assert "geheim" not in words_told(argv)


def test_a_long_script_is_told_as_it_begins():
    told = words_told(["sh", "-c", "\n  echo begin " + "x" * 5000, "sh", "word"])
    assert told.startswith("sh -c 'echo begin xxx")
    assert told.endswith("…' sh word")
    assert len(words_told(["word"] * 5000)) == LONGEST


def test_a_call_of_the_engine_is_told_without_its_query():
    assert request_told("POST", "/v1.45/build?buildargs=geheim&t=x") == "POST /build"
    assert request_told("GET", f"/v1.41/containers/{'a1' * 32}/json") == "GET /containers/a1a1a1a1a1a1/json"
    assert request_told("POST", "/exec/1/start", ["true"]) == "POST /exec/1/start: true"


def test_a_line_is_read_as_it_was_written():
    ran = Ran(12.5, "alpha", "ada", "command", "true", 0, 0.25, "", "7-1", begun=True, times=3, until=20.0)
    assert from_line(line_of(ran)) == ran
    assert "error" not in line_of(ran)


@pytest.mark.parametrize(
    "line",
    [
        "", "null", "[]", "{}", '{"at": 1', "[" * 100_000, '{"at":1,"host":"a","user":"b","means":"command"}',
        '{"at":1,"host":"a","user":"b","means":"magic","what":"c"}',
        '{"at":"1","host":"a","user":"b","means":"command","what":"c"}',
        '{"at":NaN,"host":"a","user":"b","means":"command","what":"c"}',
        '{"at":1e300,"host":"a","user":"b","means":"command","what":"c"}',
        '{"at":1,"host":["a"],"user":"b","means":"command","what":"c"}',
        '{"at":1,"host":"a","user":"b","means":"command","what":"c","begun":1}',
        '{"at":1,"host":"a","user":"b","means":"command","what":"c","status":true}',
    ],
)  # fmt: skip
def test_what_is_no_line_of_ours_is_none(line):
    assert from_line(line) is None


def test_a_beginning_and_its_end_are_one_thing():
    one = Ran(1, "a", "u", "terminal", "top", run="1-1", begun=True)
    other = Ran(2, "a", "u", "command", "true", 0)
    end = Ran(1, "a", "u", "terminal", "top", 0, 5.0, run="1-1")
    assert joined([one, other, end]) == [end, other]
    assert joined([other, one]) == [one, other]


def test_a_host_s_trial_is_its_own_and_what_was_lost_is_anybody_s():
    assert about("a", Ran(1, "a (test)", "u", "login", "x"))
    assert about("a", Ran(1, "", "", "lost", "x"))
    assert not about("a", Ran(1, "ab", "u", "login", "x"))
