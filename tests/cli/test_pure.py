"""The pure parts: JSON, tables, filters, times."""

from __future__ import annotations

import json as standard_json
from datetime import datetime

import pytest

from gpuws.cli.completion import names as seen
from gpuws.cli.inside.execution import environment
from gpuws.cli.inside.log_output import Cleaner
from gpuws.cli.inside.log_window import lines, moment
from gpuws.cli.listings import commands, filters, order
from gpuws.cli.listings.frame import framed
from gpuws.cli.listings.kinds import Containers, Moment, containers
from gpuws.cli.listings.picture import Picture
from gpuws.cli.terminal.alternate_screen import BEGIN, END, Window
from gpuws.cli.toolkit.selection import with_engine
from gpuws.cli.toolkit.tables import Style, columns, cut, filled, harmless, render, widths
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.gpu.reading import Gap, Xid
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.notebook import Notebook
from gpuws.model.settings import Thresholds
from gpuws.model.units import timestamp
from gpuws.model.workspace.engine import EngineInfo
from gpuws.present.documents import gpus as gpu_documents
from gpuws.present.documents import listings as documents
from gpuws.present.documents import sessions as session_documents
from gpuws.present.documents.base import printed
from gpuws.present.holders import holding
from gpuws.present.line import Span, one, text_of
from gpuws.present.tables import gpus
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.sorting import Sort
from gpuws.present.tables.workspaces import Fleet
from gpuws.present.tables.workspaces import listing as listed
from tests import factories

NOW = 1_800_000_000.0
GIB = 1 << 30


@pytest.fixture
def lab() -> tuple[HostSnapshot, ...]:
    return DemoFleet(tick=0, clock=lambda: NOW).snapshots()


def test_unknown_is_null_and_never_zero():
    bare = HostSnapshot("x", HostState.UP, gpus=(Gpu(0, "GPU-1", "NVIDIA H200"),))
    host = gpu_documents.gpus([bare], NOW)["hosts"][0]
    assert host["age_seconds"] is None
    assert host["cpu_percent"] is None
    gpu = host["gpus"][0]
    unknown = [key for key in gpu if key.endswith(("bytes", "percent", "celsius", "watts"))]
    assert len(unknown) == 8
    assert all(gpu[key] is None for key in unknown)
    assert gpu["mig_instances"] == []


def test_json_says_of_each_place_whether_it_is_free_why_and_since_when():
    shut = (Gap("memory", "no permission"),)
    instances = MigInstance("MIG-0", 0), MigInstance("MIG-1", 1, gaps=shut, since=NOW)
    lost = Gpu(1, "GPU-1", "NVIDIA H200", health="lost", error="fell off the bus", mig=(), mig_instances=instances)
    gpus = Gpu(0, "GPU-0", "NVIDIA H200", mig=(), mig_instances=instances), lost
    whole, broken = gpu_documents.gpus([HostSnapshot("x", HostState.UP, gpus=gpus)], NOW)["hosts"][0]["gpus"]
    unread = "memory can't be read: no permission"
    assert [(one["free"], one["reason"]) for one in whole["mig_instances"]] == [(True, None), (None, unread)]
    assert whole["mig_instances"][1]["since"] == timestamp(NOW)
    assert (whole["free"], broken["free"]) == (None, None)
    assert {one["reason"] for one in (broken, *broken["mig_instances"])} == {"fell off the bus"}


def test_json_of_the_whole_lab_is_json_with_the_contracts_keys(lab):
    data = standard_json.loads(printed(gpu_documents.gpus(lab, NOW)))
    assert set(data["hosts"][0]) >= {
        "name", "state", "error", "age_seconds", "driver", "cuda", "telemetry", "cpu_percent", "memory_used_bytes",
        "io_wait_percent", "memory_total_bytes", "disks", "gpus", "load", "warnings", "xids", "faults", "notebooks",
        "probe", "backend", "backend_reason",
    }  # fmt: skip
    assert set(data["hosts"][0]["gpus"][0]) >= {
        "index", "uuid", "name", "health", "memory_used_bytes", "memory_total_bytes", "utilization_percent",
        "temperature_celsius", "power_watts", "power_limit_watts", "mig_instances", "held_by", "processes",
        "error", "memory_is_the_hosts", "fan_percent", "persistence", "bus_id", "free", "reason", "since",
        "memory_activity_percent", "counters", "usage", "throttled",
    }  # fmt: skip
    assert set(data["hosts"][0]["gpus"][0]["processes"][0]) >= {
        "pid", "user", "command", "memory_bytes", "utilization_percent", "container", "session", "notebook",
        "inner_pid", "started", "cpu_percent", "job", "mig_uuid", "io_wait_percent",
    }  # fmt: skip
    assert set(data["hosts"][0]["gpus"][0]["held_by"][0]) >= {
        "kind", "name", "user", "mine", "idle_seconds", "idle_evidence",
    }  # fmt: skip
    containers = documents.containers(lab, NOW)["containers"]
    assert set(containers[0]) >= {
        "host", "id", "name", "image", "state", "created", "reason", "owner", "mine", "profile", "gpus",
        "health", "memory_limit_bytes", "gpu_memory_bytes", "ports", "started", "restarts", "project",
        "cpu_limit_percent", "cpu_percent", "memory_used_bytes", "tunnels",
    }  # fmt: skip
    sessions = session_documents.sessions(lab, NOW)["sessions"]
    assert set(sessions[0]) >= {
        "host", "container", "name", "id", "owner", "mine", "windows", "attached", "created", "activity", "command",
    }  # fmt: skip


DIVIDED = HostSnapshot(
    "mig",
    HostState.STALE,
    updated_at=NOW - 12,
    warnings=(Fault("persistence", "persistence mode is off"),),
    xids=(Xid(79, "0000:3b:00.0", "GPU has fallen off the bus", NOW),),
    notebooks=(Notebook("k1", "exp7.ipynb", 8888, "jup", "idle", NOW),),
    gpus=(
        Gpu(0, "GPU-0", "A100", fan=30.0, held_by=(Holder("process", "a.py", "dave", mine=True),), mig_instances=(
            MigInstance("MIG-1", 0, "1g.10gb", memory_used=GIB, memory_total=10 * GIB,
                        held_by=(Holder("process", "a.py", "dave", 60.0, mine=True, idle_evidence="watched since"),),
                        processes=(GpuProcess(7, "dave", mig_uuid="MIG-1", started_at=NOW),)),
            MigInstance("MIG-2", 1),
        )),
    ),
)  # fmt: skip


def test_instances_stand_under_their_gpu_and_old_values_say_their_age():
    lines_ = render(gpus.listing([DIVIDED], NOW), Style())
    assert [line.split()[1] for line in lines_] == ["GPU", "0", "0:0", "0:1"]
    assert lines_[1].endswith("12s ago: 2 MIG instances, 1 free")
    assert lines_[2].endswith("12s ago: dave a.py (idle 1m)")
    assert "MIG 1g.10gb" in lines_[2]
    assert "1/10G" in lines_[2]
    assert lines_[3].endswith("12s ago: free")


def test_json_has_instances_warnings_faults_and_notebooks():
    host = standard_json.loads(printed(gpu_documents.gpus([DIVIDED], NOW)))["hosts"][0]
    assert host["warnings"] == ["persistence mode is off"]
    assert host["xids"][0]["number"] == 79
    assert host["notebooks"][0]["path"] == "exp7.ipynb"
    gpu = host["gpus"][0]
    assert gpu["fan_percent"] == 30.0
    first, second = gpu["mig_instances"]
    assert first["memory_total_bytes"] == 10 * GIB
    assert first["held_by"][0]["idle_evidence"] == "watched since"
    assert first["processes"][0]["pid"] == 7
    assert second["memory_used_bytes"] is None
    assert second["held_by"] == []
    assert (second["free"], second["reason"]) == (None, "free when it was last seen")


def table(titles, *rows, right=""):
    columns_ = tuple(Column(title, at_right=title == right) for title in titles.split())
    return Table(columns_, tuple(TableRow("", tuple(one(text) for text in row)) for row in rows))


def test_columns_never_get_narrower_while_watching():
    wide, narrow = (table("A B", ("long words", "x")), table("A B", ("s", "x")))
    least = widths(narrow, widths(wide))
    assert least == (10, 1)
    assert render(narrow, Style(), least) == ["A           B", "s           x"]


def test_what_is_offered_to_sort_by_can_be_sorted_by():
    assert commands.COLUMNS == order.NAMES


HEAD, ROWS = [(Span("sums"),), (Span("HOST"),)], [(Span(f"row {index}"),) for index in range(9)]


def frame(height: int, top: int = 0, notes: int = 0) -> tuple[list[str], int]:
    said = [(Span(f"note {number}"),) for number in range(notes)]
    found = framed(HEAD, ROWS, said, (("q", "quit"),), height, top)
    return [text_of(line).strip() for line in found.lines], found.top


def test_a_frame_ends_where_the_window_ends():
    assert frame(12) == (["sums", "HOST", *(f"row {index}" for index in range(9)), "q quit"], 0)
    lines, _ = frame(8, notes=9)
    assert lines[:6] == ["sums", "HOST", "row 0", "row 1", "note 0", "note 1"]
    assert lines[6:] == ["and 7 more", "q quit  1–2 of 9; --filter shows less"]
    assert [len(frame(height, notes=5)[0]) for height in range(1, 5)] == [1, 2, 3, 4]


def test_a_frame_scrolls_as_far_as_there_are_rows():
    assert frame(7, top=2)[0][2:6] == ["row 2", "row 3", "row 4", "row 5"]
    assert frame(7, top=99)[1] == 5
    assert frame(20, top=3)[1] == 0


def test_a_window_writes_only_what_reads_differently(capsysbinary):
    window = Window()
    window._shown = []
    window.draw(["one", "two"])
    assert b"one" in capsysbinary.readouterr().out
    window.draw(["one", "2nd"])
    assert capsysbinary.readouterr().out == f"{BEGIN}\x1b[2;1H2nd{END}".encode()
    window.draw(["one", "2nd"])
    assert capsysbinary.readouterr().out == b""
    window.draw(["one"])
    assert capsysbinary.readouterr().out == f"{BEGIN}\x1b[2;1H\x1b[J{END}".encode()


def test_what_is_drawn_steers_no_terminal():
    line = filled(harmless((Span(" evil\x1b[2J"), Span("  more", "free"))), 13)
    assert text_of(line) == "evil [2J  mo…"


def test_each_holder_of_a_shared_gpu_has_a_row_with_its_memory():
    people = (Holder("process", "a.py", "dave"), Holder("reservation", "eval", "carol"))
    running = (GpuProcess(7, "dave", "python a.py", 3 * GIB),)
    gpu = Gpu(0, "GPU-0", "GPU", memory_total=10 * GIB, memory_used=3 * GIB, held_by=people, processes=running)
    lines = Picture(Thresholds()).lines([factories.snapshot("alpha", gpus=(gpu,))], 100, Sort(), 0.0)
    shares = [text_of(line) for line in lines if "└" in text_of(line)]
    assert [share.split()[:2] for share in shares] == [["└", "dave"], ["└", "carol"]]
    assert "3/10G" in shares[0]
    assert "0/10G" in shares[1]
    assert all(columns(text_of(line)) == 100 for line in lines)


def test_names_that_are_no_text_still_print():
    assert "?" in printed({"name": "bad\udcff"})


def test_wide_and_combining_characters_take_their_columns():
    assert columns("abc") == 3
    assert columns("訓練") == 4
    assert columns("e\u0301") == 1
    assert cut("訓練データ", 5) == "訓練…"
    assert cut("訓練データ", 4) == "訓…"
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 0) == ""


def test_columns_align_whatever_stands_in_them():
    mixed = table("NAME N END", ("訓練", "7", "x"), ("ab", "123", "y"), right="N")
    assert render(mixed, Style()) == ["NAME    N  END", "訓練    7  x", "ab    123  y"]


def test_a_terminal_gets_cut_lines_and_colour_after_cutting():
    coloured = Table(
        (Column("NAME"), Column("END")), (TableRow("", (one("a", "ok"), one("long words here", "error"))),)
    )
    lines_ = render(coloured, Style(width=18, colour=True))
    assert lines_[1] == "\x1b[32ma   \x1b[0m  \x1b[31mlong words …\x1b[0m"
    assert render(coloured, Style(width=18))[1] == "a     long words …"


@pytest.mark.parametrize("width", range(40, 200, 5))
def test_one_long_name_starves_no_column(width):
    containers = [
        factories.workspace("alpha", "f" * 64, name, "img:" + "x" * 60, "running") for name in ("a" * 96, "short")
    ]
    drawn = render(listed(Fleet([HostSnapshot("alpha", HostState.UP, workspaces=tuple(containers))], NOW)),
                   Style(width=width))  # fmt: skip
    assert all(columns(line) <= width for line in drawn)
    assert drawn[0].split()[:3] == ["HOST", "NAME", "STATE"]
    assert all("running" in line for line in drawn[1:])
    assert drawn[1].split()[1].startswith("aaaaaaaaaaa")
    long = Holder("process", "p" * 96, "u" * 96)
    crowd = HostSnapshot(
        "h" * 96, HostState.UP, gpus=(Gpu(0, "GPU-0", "N" * 96, held_by=(long,)), Gpu(1, "GPU-1", "x"))
    )
    drawn = render(gpus.listing([crowd], NOW), Style(width=width))
    assert all(columns(line) <= width for line in drawn)
    assert "HELD BY" in drawn[0]
    assert " uuuuuuuu" in drawn[1]


def test_quiet_rows_are_targets_whatever_an_engine_calls_its_containers():
    evil = factories.workspace("alpha", "0123456789abcdef", "x\n\x1b]0;t\x07$(reboot)", "img", "running")
    at = Moment([HostSnapshot("alpha", HostState.UP, workspaces=(evil,))], NOW, 60.0)
    shown = containers(Containers(everything=True, quiet=True)).lines
    assert shown is not None
    assert shown(at) == ["alpha/0123456789ab"]


def test_json_is_ascii_and_says_what_a_name_is():
    name = "a\x9b31m\u202e\u200b\U000e0041\x7f é"
    shown = printed({"name": name})
    assert shown.isascii()
    assert shown.replace("\n", "").isprintable()
    assert standard_json.loads(shown) == {"name": name}


def test_control_characters_of_hosts_never_reach_the_terminal():
    evil = table("NAME", ("evil\x1b[2Jname\r\n\u202e",))
    assert render(evil, Style())[1] == "evil [2Jname"


def test_a_holder_in_words():
    assert holding(Holder("reservation", "eval", "carol", 200_000)) == "carol eval (reserved, unused 2d)"
    assert holding(Holder("container", "jup", "bob", 9 * 3600)) == "bob jup (idle 9h00)"
    assert holding(Holder("process", "train.py", None)) == "somebody train.py"


@pytest.mark.parametrize(
    ("expressions", "count"),
    [
        ([], 22), (["free"], 3), (["!free"], 19), (["mine"], 3), (["name=*H100*"], 8), (["name!=*H100*"], 14),
        (["user=carol"], 4), (["host=alpha", "held"], 3), (["host=alpha held"], 3), (["health!=ok"], 2),
        (["holder=*.py"], 3), (["h100"], 8), (["carol|free"], 7),
    ],
)  # fmt: skip
def test_gpu_filters(lab, expressions, count):
    assert sum(len(snapshot.gpus) for snapshot in filters.gpus(lab, expressions)) == count


def test_a_filter_that_is_not_known_names_those_that_are(lab):
    with pytest.raises(UsageError, match="free, busy, held, unknown, idle, lost, mine"):
        filters.gpus(lab, ["colour=red"])
    with pytest.raises(UsageError, match="state="):
        filters.containers(lab, ["phase=x"])


def test_since_takes_durations_times_and_seconds():
    assert moment("10m", NOW) == NOW - 600
    assert moment("1h30m", NOW) == NOW - 5400
    assert moment("1700000000", NOW) == 1_700_000_000
    assert moment("2026-05-01T12:00:00Z", NOW) == moment("2026-05-01T14:00:00+02:00", NOW)
    here = datetime(2026, 5, 1, 12).astimezone().isoformat()  # as docker takes what says no zone
    assert moment("2026-05-01T12:00:00", NOW) == moment(here, NOW)
    for wrong in ("", "soon", "10 parsecs", "-5", "9" * 400, "0001-01-01", "1e400"):
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


def test_memory_of_what_was_seen_survives_nonsense(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    file = tmp_path / ".local/state/gpuws/seen.json"
    file.parent.mkdir(parents=True)
    for text in ("", "[]", "{}", '{"hosts": 7}', '{"hosts": [["x"]]}'):
        file.write_text(text)
        assert isinstance(seen.recall(), seen.Names)


def test_a_host_that_has_not_told_its_containers_is_remembered_as_it_was():
    before = seen.Names(("alpha", "bravo"), running=("alpha/torch", "bravo/old"), sessions=("bravo:main",))
    late = HostSnapshot("alpha", HostState.UP)
    told = HostSnapshot("bravo", HostState.UP, complete=frozenset({"containers"}))
    now = seen._seen(before, before.hosts, (late, told))
    assert (now.running, now.sessions) == (("alpha/torch",), ("bravo:main",))


def test_gpus_that_were_not_read_yet_are_not_called_none():
    late = HostSnapshot("alpha", HostState.UP)
    assert "not read yet" in render(gpus.listing([late], NOW), Style())[1]
    assert "no GPU" in render(gpus.listing([HostSnapshot("alpha", HostState.UP, coverage="none")], NOW), Style())[1]


LOG = (
    "plain é\r\n\x1b[1;31mred\x1b[0m\t10%\r20%\n\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\bell\x07 \x1b[2J\x1b[5A\x1b[?1049h"
    "\x1bPdcs\x1b\\\x9b31m\x1bcend\u202e\n"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_log_on_a_terminal_keeps_colours_and_progress_and_steers_nothing(size):
    data, clean = LOG.encode(), Cleaner("utf-8")
    shown = b"".join(clean(data[at : at + size]) for at in range(0, len(data), size)).decode()
    assert shown == "plain é\r\n\x1b[1;31mred\x1b[0m\t10%\r20%\nbell 31mend\n"


def test_an_escape_sequence_that_never_ends_holds_back_no_more_than_a_while():
    clean = Cleaner("utf-8")
    shown = b"".join(clean(b"\x1b]0;" + b"x" * 1000) for _ in range(9))
    assert len(shown) > 4000
    assert b"\x1b" not in shown


@pytest.mark.parametrize(("shut", "code"), [(False, 1), (True, 3)])
def test_an_engine_that_i_may_not_use_is_a_host_that_refused(shut, code):
    """One that is not there is no fault of the host."""
    engine = EngineInfo("docker", error="you may not use it", remedy="ask its admin", shut=shut)
    with pytest.raises(GpuwsError, match="alpha: you may not use it — ask its admin") as failed:
        with_engine(HostSnapshot("alpha", HostState.UP, engine=engine))
    assert failed.value.exit_code == code
