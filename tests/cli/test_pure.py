"""The pure parts: JSON, tables, filters, times."""

from __future__ import annotations

import json as standard_json

import pytest

from gpuws.cli import filters, json, rows, seen
from gpuws.cli.executing import environment
from gpuws.cli.launching import best
from gpuws.cli.logs import lines, moment
from gpuws.cli.tables import Cell, Style, Table, columns, cut, render
from gpuws.fleet.demo import DemoFleet
from gpuws.model.errors import UsageError
from gpuws.model.gpu import Gpu, Holder
from gpuws.model.host import HostState
from gpuws.model.plan import Want
from gpuws.model.snapshot import HostSnapshot

NOW = 1_800_000_000.0


@pytest.fixture
def lab() -> tuple[HostSnapshot, ...]:
    return DemoFleet(tick=0, clock=lambda: NOW).snapshots()


def test_unknown_is_null_and_never_zero():
    bare = HostSnapshot("x", HostState.UP, gpus=(Gpu(0, "GPU-1", "NVIDIA H200"),))
    host = json.gpus([bare], NOW)["hosts"][0]
    assert host["age_seconds"] is None
    assert host["cpu_percent"] is None
    gpu = host["gpus"][0]
    unknown = [key for key in gpu if key.endswith(("bytes", "percent", "celsius", "watts"))]
    assert len(unknown) == 6
    assert all(gpu[key] is None for key in unknown)
    assert gpu["mig_instances"] == []


def test_json_of_the_whole_lab_is_json_with_the_contracts_keys(lab):
    data = standard_json.loads(json.text(json.gpus(lab, NOW)))
    assert set(data["hosts"][0]) == {
        "name", "state", "error", "age_seconds", "driver", "cuda", "telemetry", "cpu_percent", "memory_used_bytes",
        "memory_total_bytes", "disks", "gpus",
    }  # fmt: skip
    assert set(data["hosts"][0]["gpus"][0]) == {
        "index", "uuid", "name", "health", "memory_used_bytes", "memory_total_bytes", "utilization_percent",
        "temperature_celsius", "power_watts", "power_limit_watts", "mig_instances", "held_by", "processes",
    }  # fmt: skip
    assert set(data["hosts"][0]["gpus"][0]["processes"][0]) == {
        "pid", "user", "command", "memory_bytes", "utilization_percent", "container", "session", "notebook",
    }  # fmt: skip
    containers = json.containers(lab, NOW)["containers"]
    assert set(containers[0]) == {
        "host", "id", "name", "image", "state", "created", "reason", "owner", "mine", "profile", "gpus",
        "memory_limit_bytes", "gpu_memory_bytes", "ports",
    }  # fmt: skip
    sessions = json.sessions(lab, NOW)["sessions"]
    assert set(sessions[0]) == {
        "host", "container", "name", "windows", "attached", "created", "activity", "command",
    }  # fmt: skip


def test_names_that_are_no_text_still_print():
    assert "?" in json.text({"name": "bad\udcff"})


def test_wide_and_combining_characters_take_their_columns():
    assert columns("abc") == 3
    assert columns("訓練") == 4
    assert columns("e\u0301") == 1
    assert cut("訓練データ", 5) == "訓練…"
    assert cut("訓練データ", 4) == "訓…"
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 0) == ""


def test_columns_align_whatever_stands_in_them():
    table = Table(("NAME", "N", "END"), ((Cell("訓練"), Cell("7"), Cell("x")), (Cell("ab"), Cell("123"), Cell("y"))),
                  frozenset({"N"}))  # fmt: skip
    assert render(table, Style()) == ["NAME    N  END", "訓練    7  x", "ab    123  y"]


def test_a_terminal_gets_cut_lines_and_colour_after_cutting():
    table = Table(("NAME", "END"), ((Cell("a", "good"), Cell("long words here", "bad")),))
    lines_ = render(table, Style(width=12, colour=True))
    assert lines_[1] == "\x1b[32ma   \x1b[0m  \x1b[31mlong …\x1b[0m"
    assert render(table, Style(width=12))[1] == "a     long …"


def test_control_characters_of_hosts_never_reach_the_terminal():
    table = Table(("NAME",), ((Cell("evil\x1b[2Jname\r\n\u202e"),),))
    assert render(table, Style())[1] == "evil [2Jname"


def test_a_holder_in_words():
    assert rows.holder(Holder("reservation", "eval", "carol", 200_000)) == "carol eval (reserved, unused 2d)"
    assert rows.holder(Holder("container", "jup", "bob", 9 * 3600)) == "bob jup (idle 9h00)"
    assert rows.holder(Holder("process", "train.py", None)) == "? train.py"


@pytest.mark.parametrize(
    ("expressions", "count"),
    [
        ([], 22), (["free"], 7), (["!free"], 15), (["mine"], 3), (["name=*H100*"], 8), (["name!=*H100*"], 14),
        (["user=carol"], 3), (["host=alpha", "held"], 3), (["health!=ok"], 1), (["holder=*.py"], 2),
    ],
)  # fmt: skip
def test_gpu_filters(lab, expressions, count):
    assert sum(len(snapshot.gpus) for snapshot in filters.gpus(lab, expressions)) == count


def test_a_filter_that_is_not_known_names_those_that_are(lab):
    with pytest.raises(UsageError, match="free, held, mine"):
        filters.gpus(lab, ["colour"])
    with pytest.raises(UsageError, match="state="):
        filters.containers(lab, ["phase=x"])


def test_since_takes_durations_times_and_seconds():
    assert moment("10m", NOW) == NOW - 600
    assert moment("1h30m", NOW) == NOW - 5400
    assert moment("1700000000", NOW) == 1_700_000_000
    assert moment("2026-05-01T12:00:00Z", NOW) == moment("2026-05-01T14:00:00+02:00", NOW)
    assert moment("2026-05-01T12:00:00", NOW) == moment("2026-05-01T12:00:00Z", NOW)
    for wrong in ("", "soon", "10 parsecs", "-5"):
        with pytest.raises(UsageError):
            moment(wrong, NOW)


def test_tail_is_a_number_or_all():
    assert lines("all") is None
    assert lines("0") == 0
    with pytest.raises(UsageError):
        lines("-1")


def test_variables_are_given_or_taken_from_here(monkeypatch):
    monkeypatch.setenv("HERE", "1")
    monkeypatch.delenv("NOT_HERE", raising=False)
    assert environment(("A=b=c", "HERE", "NOT_HERE")) == ("A=b=c", "HERE=1")
    with pytest.raises(UsageError):
        environment(("=x",))


def test_the_best_plan_has_no_problem_and_its_image():
    fleet = DemoFleet(tick=0)
    plans = [fleet.plan(host, "pytorch-2.8-cu128", Want()) for host in ("foxtrot", "bravo", "alpha")]
    assert best(plans).host == "bravo"


def test_memory_of_what_was_seen_survives_nonsense(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    file = tmp_path / ".local/state/gpuws/seen.json"
    file.parent.mkdir(parents=True)
    for text in ("", "[]", "{}", '{"hosts": 7}', '{"hosts": [["x"]]}'):
        file.write_text(text)
        assert isinstance(seen.recall(), seen.Seen)
