"""Snapshots to lines: pure, so checked without a terminal."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Holder, MigInstance
from gpuws.model.gpu.reading import Gap, GpuCounters
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Check, Progress
from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.settings import Thresholds
from gpuws.model.task import Task
from gpuws.model.workspace.engine import Caps, EngineInfo
from gpuws.present import host_state, levels
from gpuws.present.figures import memory, model, models, watts
from gpuws.present.line import Span, text_of
from gpuws.present.tables import processes, workspaces
from gpuws.present.tables.sorting import Sort
from gpuws.tui.dialogs import fuzzy
from gpuws.tui.fleet import header, row_lines
from gpuws.tui.fleet.cells import View
from gpuws.tui.fleet.columns import chosen, layout
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.row import Row
from gpuws.tui.fleet.rows import best_start, rows
from gpuws.tui.gpu.page import Subject, page
from gpuws.tui.launch import lines, where
from gpuws.tui.logs.text import log_line
from gpuws.tui.text.wrapping import chunks, matching
from gpuws.tui.toolkit import bars, table_lines
from gpuws.tui.toolkit.fitting import cells, cut, fit, left, right, spread, trim, width
from tests.factories import GIB, NOW, container, gpu, snapshot
from tests.tui.lab import down

TWO = Holder("process", "a", "alice"), Holder("process", "b", "bob")
HOSTILE = "\x1b[31m[bold red]訓練コンテナ[/]\x00\u202eevil " + "x" * 300


@given(st.text(max_size=60), st.integers(0, 40))
def test_cut_text_is_never_wider_than_asked(text, limit):
    assert cells(cut(text, limit)) <= limit


@given(st.text(alphabet=st.characters(exclude_categories=["C", "M", "Z"]), max_size=60), st.integers(1, 40))
def test_padding_is_exact(text, size):
    assert cells(left(text, size)) == cells(right(text, size)) == size


@given(st.lists(st.text(alphabet="ab訓 ", max_size=12), max_size=6), st.integers(0, 40))
def test_lines_are_cut_and_filled_to_the_cell(parts, size):
    line = tuple(Span(part) for part in parts)
    assert width(trim(line, size)) <= size
    assert width(fit(line, size)) == size


def test_what_is_left_out_shows():
    assert text_of(trim((Span("abcdef"), Span("ghi")), 6)) == "abcde…"
    assert text_of(spread((Span("abcdef"),), (Span("XY"),), 6)) == "abc…XY"


def test_bars():
    assert text_of(bars.bar(0.5, 4, "calm")) == "▄▄▁▁"
    assert text_of(bars.bar(0.62, 4, "calm")) == "▄▄▖▁"
    assert text_of(bars.bar(0.011, 4, "calm")) == "▖▁▁▁"
    assert text_of(bars.bar(0.004, 4, "calm")) == "▁▁▁▁"
    assert text_of(bars.bar(7.0, 4, "calm")) == "▄▄▄▄"
    assert text_of(bars.bar(None, 4, "calm")) == "┄┄┄┄"
    assert text_of(bars.bar(0.62, 4, "calm", bars.SLIM)) == "━━╸─"
    assert bars.spark([0, 50, 100, None]) == "▁▄▆ "


@pytest.mark.parametrize(
    ("place", "role"),
    [
        (gpu(0), "calm"),
        (gpu(0, user="alice", used=79), "calm"),
        (gpu(0, user="bob", used=20, idle=32400.0), "warm"),
        (gpu(0, user="carol", kind="reservation", idle=7200.0), "warm"),
        (replace(gpu(0, used=79), held_by=TWO), "warm"),
        (replace(gpu(0, used=60), held_by=TWO), "calm"),
        (replace(gpu(0, used=79), held_by=TWO, mig_instances=(MigInstance("M-0", 0),)), "calm"),
        (gpu(0, user="alice", used=9, health="lost"), "hot"),
    ],
)
def test_memory_is_warm_for_what_deserves_a_look_and_red_for_trouble_alone(place, role):
    assert levels.memory(place, Thresholds()) == role


def test_quiet_and_busy_are_told_apart_by_the_thresholds():
    assert [levels.amount(p, (10, 80)) for p in (None, 9, 10, 100)] == ["muted", "muted", "text", "text"]
    assert [levels.load(p, (10, 80)) for p in (None, 79, 80)] == ["spark", "spark", "calm"]
    assert [levels.heat(c) for c in (None, 84, 85)] == ["muted", "muted", "warn"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("NVIDIA A100-SXM4-80GB", "A100-80"),
        ("NVIDIA H100 80GB HBM3", "H100-80"),
        ("NVIDIA A100 80GB PCIe", "A100-80"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA H200", "H200"),
        ("Tesla V100-SXM2-32GB", "V100-32"),
        ("", "GPU"),
    ],
)
def test_gpu_models_as_people_call_them(name, short):
    assert model(name) == short


def test_figures():
    assert memory(74 * GIB, 80 * GIB) == "74/80G"
    assert memory(3000 * GIB, 20000 * GIB) == "2.9/19.5T"
    assert memory(None, 80 * GIB) == "–/80G"
    assert (watts(398), watts(4100), watts(None)) == ("398 W", "4.1 kW", "")
    assert models([gpu(0), gpu(1), gpu(2, model="Tesla T4")]) == "2×A100-80 1×T4"


def test_columns_leave_in_the_agreed_order():
    seen = [layout(width, 20) for width in range(60, 200)]
    first = [next(number for number, each in enumerate(seen) if id_ in each.ids) for id_ in ("power", "trend", "temp")]
    assert first == sorted(first, reverse=True)
    assert all({"name", "memory", "util", "who"} <= set(each.ids) for each in seen)


def test_wide_screens_are_used():
    both = layout(100, 20), layout(200, 30)
    sizes = [{each.column(place).id: place.size for place in each.places} for each in both]
    assert all(sizes[0][id_] < sizes[1][id_] for id_ in ("name", "memory", "util", "trend", "who"))
    assert "program" in sizes[1]
    assert "program" not in sizes[0]


def test_chosen_columns_stand_in_their_order_behind_the_name():
    shown = layout(120, 20, chosen(("who", "nonsense", "free", "name", "who")))
    assert shown.ids == ["name", "who", "free"]
    assert layout(120, 20, chosen(("nonsense",))).ids == layout(120, 20).ids


def scene(size=120):
    return row_lines.Scene(layout(size, 20), View(NOW, Thresholds()))


@pytest.mark.parametrize("size", [30, 60, 80, 100, 120, 160, 240])
def test_every_row_is_exactly_as_wide_as_the_list(size):
    parts = (MigInstance("M1", 0, HOSTILE, held_by=gpu(0, user=HOSTILE).held_by), MigInstance("M2", 1))
    divided = replace(gpu(2, user=HOSTILE, used=9), mig=parts, mig_instances=parts)
    held = gpu(0, user=HOSTILE, name=HOSTILE, used=10)
    bad = snapshot(
        HOSTILE[:40],
        gpus=(held, gpu(1, health="lost"), divided),
        warnings=(Fault("other", HOSTILE), Fault("reboot-pending", "reboot")),
    )
    every = [bad, down(), snapshot("local", telemetry_error=Fault("other", HOSTILE))]
    found = [row for folded in (False, True) for row in rows(every, lambda _, folded=folded: folded, Filter())]
    assert {row.kind for row in found} == {"host", "gpu", "mig"}
    assert {width(row_lines.line(row, scene(size))) for row in found} == {size}
    assert width(row_lines.heading(scene(size), Sort("util"))) == size


def test_hostile_text_is_harmless_on_a_row():
    row = Row("gpu", snapshot(), gpu(0, user=HOSTILE, name=HOSTILE, used=10))
    shown = text_of(row_lines.line(row, scene(160)))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold red]" in shown


def line_of(snapshot_, gpu_, size=140):
    return text_of(row_lines.line(Row("gpu", snapshot_, gpu_), scene(size)))


def test_a_row_says_calmly_what_is_not_used_well_where_there_is_room():
    starved, well = GpuCounters(2.0, 40.0, 30.0, 5.0, 20.0, 5.0), GpuCounters(2.0, 99.0, 96.0, 14.0, 90.0, 16.0)
    alpha, one = snapshot(), gpu(0, user="alice", used=70)
    assert line_of(alpha, replace(one, counters=starved), 160).count("   starved") == 1
    assert "starved" not in line_of(alpha, replace(one, counters=starved), 90)
    assert line_of(alpha, replace(one, counters=well), 160) == line_of(alpha, one, 160)


def test_a_row_says_who_lives_there():
    alpha = snapshot(workspaces=(container(),))
    assert "alice     torch-dev" in line_of(alpha, gpu(0, user="alice", name="torch-dev", kind="container", used=70))
    assert "free" in line_of(alpha, gpu(2))
    assert "reserved, unused" in line_of(alpha, gpu(0, user="carol", name="eval", kind="reservation"))
    assert "idle 9h00 ◔" in line_of(alpha, gpu(0, user="bob", used=20, idle=32400.0))
    assert "held by somebody unseen, 20G" in line_of(alpha, gpu(0, used=20))
    assert "⚠ Xid 79" in line_of(alpha, gpu(0, health="lost", error="Xid 79"))


SHUT = gpu(1, gaps=(Gap("memory", "no permission"), Gap("reservations", "no permission")))
BLIND = gpu(2, gaps=(Gap("reservations", "no permission"),))


def test_what_is_unknown_is_said_and_never_shown_as_free():
    alpha = snapshot(gpus=(SHUT, BLIND, gpu(0, utilization=100.0)))
    rows = [row_lines.line(Row("gpu", alpha, each), scene(160)) for each in alpha.gpus]
    texts_ = [text_of(row) for row in rows]
    assert "unknown: memory can't be read: no permission" in texts_[0]
    assert "free, reservations can't be seen here" in texts_[1]
    assert "unknown: busy without a process that is seen" in texts_[2]
    assert [any(span.role == "free" for span in row) for row in rows] == [False, True, False]
    top = header.Top([alpha], 0, 0, None, "12:00")
    assert "1 free · 2 unknown" in text_of(header.top_line(top, 80))
    folded = text_of(row_lines.line(Row("host", alpha, folded=True), scene(160)))
    assert "1 free" in folded
    assert "2 unknown" in folded


def test_a_table_without_processes_says_whether_none_runs():
    alpha = snapshot(gpus=(SHUT, gpu(0, used=20), gpu(2)))
    said = [processes.of_place(alpha, each, None, NOW).empty for each in alpha.gpus]
    assert said[0] == "GPU 1 of alpha: unknown: memory can't be read: no permission."
    assert said[1] == "GPU 0 of alpha: held by somebody unseen, 20G."
    assert said[2].startswith("No process runs on GPU 2")
    long = replace(SHUT, since=NOW - 300)
    assert processes.of_place(alpha, long, None, NOW).empty.endswith("no permission, seen so for 5m.")


def test_the_page_of_a_gpu_says_why_it_is_unknown_and_for_how_long():
    shut = replace(SHUT, since=NOW - 300)
    subject = Subject(snapshot(gpus=(shut,)), shut, Thresholds(), NOW)
    told = "\n".join(text_of(line) for line in page(subject, 100))
    assert "unknown: memory can't be read: no permission · for 5m" in told
    assert "nothing that is seen runs on it" in told


def test_idle_stays_when_the_row_is_narrow():
    row = gpu(0, user="bob", name="a-very-long-program-name-indeed.py", used=20, idle=32400.0)
    assert "idle 9h00 ◔" in line_of(snapshot(), row, 100)


def test_what_is_said_of_a_place_runs_on_over_cells_that_are_empty():
    reserved = gpu(0, user="carol", name="eval", kind="reservation", idle=2 * 86400.0)
    assert "eval reserved, unused 2d  ◔" in line_of(snapshot(), reserved, 80)
    busy = gpu(0, user="carol", name="a-very-long-program-name-indeed.py", used=20)
    assert line_of(snapshot(), busy, 80).rstrip().endswith("1h00")
    crowd = snapshot("alpha", gpus=tuple(gpu(n, user=f"u{n}", used=9) for n in range(8)), cpu_percent=25.0)
    folded, open_ = (text_of(row_lines.line(Row("host", crowd, folded=each), scene(200))) for each in (True, False))
    assert "u7 1" in folded
    assert "cpu" not in folded
    assert "cpu 25%" in open_


def test_mine_comes_first_among_several_holders():
    shared = gpu(0, user="bob", used=20)
    both = replace(shared, held_by=(*shared.held_by, replace(shared.held_by[0], user="alice", mine=True)))
    shown = line_of(snapshot(), both)
    assert "alice" in shown
    assert "+1" in shown


def test_a_host_in_trouble_says_what_and_when():
    lost = snapshot(state=HostState.STALE, error="link lost", updated_at=NOW - 12, retry_at=NOW + 4)
    shown = text_of(row_lines.line(Row("host", lost), scene()))
    assert "◐" in shown
    assert "12s old · link lost" in shown
    assert shown.rstrip().endswith("retry in 4s")
    assert [row.kind for row in rows([down()], lambda _: False, Filter())] == ["host"]


def test_what_to_do_stands_in_the_row_where_all_of_it_fits():
    wide, narrow = (text_of(row_lines.line(Row("host", down()), scene(size))) for size in (120, 48))
    assert "did not answer within 10 s — is it on?" in wide
    assert "is it on?" not in narrow


def test_stale_values_fade_with_age():
    lost = snapshot(state=HostState.STALE, updated_at=NOW - 12)
    assert [host_state.fade(lost, NOW + age) for age in (0, 60, 3600)] == [1, 2, 3]
    assert host_state.fade(snapshot(), NOW + 3600) == 0


def test_every_state_has_its_glyph():
    marks = {host_state.glyph(snapshot(state=state))[0] for state in HostState}
    assert marks == {"○", "◐", "⚠", "✗"}
    assert host_state.glyph(snapshot(gpus=(gpu(),)))[0] == "●"


def test_filter_words():
    alpha = snapshot(
        gpus=(gpu(0, user="alice", mine=True, used=9), gpu(1, user="bob", used=9), gpu(2)), tags=("room-3",)
    )

    def found(text, **more):
        return [row.gpu.index for row in rows([alpha], lambda _: True, Filter.of(text, **more)) if row.gpu]

    assert found("free") == [2]
    assert found("busy") == [0, 1]
    assert found("mine") == found("", mine=True) == [0]
    assert found("bob") == [1]
    assert found("a100 free") == [2]
    assert found("room-3 train.py") == [0, 1]
    assert found("nobody") == []
    assert rows([alpha], lambda _: True, Filter.of("nobody")) == []


def test_the_cursor_starts_on_my_things_else_on_the_first_free_gpu():
    mine = snapshot("bravo", gpus=(gpu(0, user="alice", mine=True, used=9, host="bravo"),))
    free = snapshot("alpha", gpus=(gpu(0, user="bob", used=9), gpu(1)))
    every = rows([free, mine], lambda _: False, Filter())
    assert best_start(every) == ("bravo", "GPU-bravo-0")
    assert best_start(rows([free, mine], lambda _: True, Filter())) == ("bravo", "")
    assert best_start(rows([free], lambda _: False, Filter())) == ("alpha", "GPU-alpha-1")
    assert best_start([]) is None


def test_all_gpus_of_the_header_are_told():
    gpus = (gpu(0), gpu(1, user="bob", used=9), gpu(2, health="lost"), SHUT)
    old = snapshot("old", state=HostState.DOWN, gpus=(gpu(0, user="alice", mine=True, used=9),))
    top = header.Top([snapshot(gpus=gpus), old], 0, 0, None, "14:32")
    said = text_of(header.top_line(top, 120))
    assert "5 GPUs · 1 free · 1 unknown · 1 held · " in said
    assert " · ⚠ 1 failing · 1 not seen" in said
    assert "old 0 (not seen now)" in text_of(header.mine_line([old], 1800))


def test_header_sums_what_is_seen():
    old = snapshot("old", state=HostState.DOWN, gpus=(gpu(0),))
    top = header.Top([snapshot(gpus=(gpu(0), gpu(1, user="bob", used=9))), old], 2, 0, "14:32")
    shown = text_of(header.top_line(top, 120))
    for words in (
        "2 hosts (1 unseen)", "3 GPUs", "1 free", "1 held", "1 not seen", "151G free", "600 W", "2 tunnels", "14:32",
    ):  # fmt: skip
        assert words in shown
    assert width(header.top_line(top, 60)) == 60
    queued = header.Top([snapshot(gpus=(gpu(0),))], 1, 0, "14:32", waits=2)
    assert re.search(r"1 tunnel +2 waiting +14:32", text_of(header.top_line(queued, 80)))


@pytest.mark.parametrize("size", [40, 60, 80, 120, 200])
def test_header_shows_work_in_the_background(size):
    task = Task("1", "m", "launch", "launch torch-dev", "alpha", NOW, progress=Progress("pulling", "3 of 8", 0.4))
    shown = header.top_line(header.Top([], 1, 1, "14:32", tasks=(task, task)), size)
    assert width(shown) == size
    if size >= 80:
        assert "launch" in text_of(shown)
        assert "▕" in text_of(shown)


def test_what_i_hold_and_what_of_it_is_idle():
    alpha = snapshot(gpus=(gpu(0, user="alice", mine=True, used=9, idle=7200.0), gpu(1)))
    shown = text_of(header.mine_line([alpha], 1800))
    assert "1 GPU" in shown
    assert "alpha 0" in shown
    assert "idle: train.py 2h00" in shown
    assert "no GPU" in text_of(header.mine_line([], 1800))


@pytest.mark.parametrize("size", [40, 60, 80, 120, 200])
def test_tables_fit_and_drop_columns(size):
    alpha = snapshot(
        gpus=(gpu(0, user=HOSTILE, name=HOSTILE, used=9),),
        workspaces=(container(HOSTILE), container("b", gpus=("all",))),
    )
    for table in (processes.of_place(alpha, None, None, NOW), workspaces.of_host(alpha, None, NOW)):
        assert {width(table_lines.table_line(table, row, size)) for row in table.rows} == {size}
        assert width(table_lines.heading(table.columns, size)) == size


def test_containers_of_the_selected_gpu_come_first():
    held = gpu(0, user="bob", name="zeta", kind="container", used=9)
    alpha = snapshot(gpus=(held,), workspaces=(container("mine-1"), container("zeta", mine=False, owner="bob")))
    assert workspaces.of_host(alpha, held, NOW).rows[0].key == "zeta-id"
    assert workspaces.of_host(alpha, None, NOW).rows[0].key == "mine-1-id"


def test_empty_panels_say_what_would_be_there():
    assert "n launches" in workspaces.of_host(snapshot(), None, NOW).empty
    assert "is it on?" in workspaces.of_host(down(), None, NOW).empty


def test_fuzzy():
    assert fuzzy.match("ad", "alpha/torch-dev") is not None
    assert fuzzy.match("xyz", "alpha") is None
    assert fuzzy.match("", "alpha") == ()
    dev = fuzzy.match("dev", "deep-v/dev")
    assert dev == (7, 8, 9)
    assert text_of(fuzzy.lit("alpha", (0, 2))) == "alpha"


def test_log_lines_are_harmless():
    assert log_line("\x1b[32mok\x1b[0m \x1b]0;title\x07done\x07") == "ok done"
    assert log_line(" 10%\r 50%\r100%\r") == "100%"
    assert log_line("    indented\tx") == "    indented    x"


def test_wrapping():
    assert chunks("abcdef", 4) == ["abcd", "ef"]
    assert chunks("訓訓訓", 4) == ["訓訓", "訓"]
    assert chunks("", 4) == [""]
    assert matching(["Epoch 1", "loss", "epoch 2"], "EPOCH") == [0, 2]


def test_checks_say_what_is_wrong_and_the_remedy():
    checks = [
        Check("engine", "ok", "engine 26.1"),
        Check("driver", "ok", "driver 570"),
        Check("image", "warn", "7.8 GB to pull", "minutes"),
        Check("volume", "fail", "~/work is not writable", "chown it, or choose another directory"),
    ]
    shown = [text_of(line) for line in lines.check_lines(checks, 50)]
    assert shown[0].startswith("✗ ~/work is not writable — chown it")
    assert shown[-2] == "⚠ 7.8 GB to pull — minutes"
    assert shown[-1] == "✓ engine 26.1   ✓ driver 570"
    assert all(cells(line) <= 50 for line in shown)
    many = [Check("engine", "ok", f"check number {number}") for number in range(9)]
    assert [text_of(line) for line in lines.check_lines(many, 50, brief=True)] == [
        "✓ check number 0   ✓ check number 1   ✓ +7"
    ]


def test_hosts_with_enough_free_gpus_come_first():
    few = snapshot("few", gpus=(gpu(0), gpu(1, user="bob", used=9)))
    many = snapshot("many", gpus=(gpu(0), gpu(1)))
    shut = snapshot("shut", readonly=True, gpus=(gpu(0), gpu(1), gpu(2)))
    assert [host.name for host in where.ranked([shut, few, many], 2)] == ["many", "few", "shut"]
    assert "read-only" in lines.host_label(shut)


def test_a_host_without_docker_is_offered_what_needs_none():
    none = EngineInfo("none", error="bare has no Docker", beside={"process": Caps()})
    bare, box = snapshot("bare", engine=none), snapshot("box", engine=EngineInfo("docker"))
    own, said, image = ProfileSummary("own"), ProfileSummary("own", engine="process"), ProfileSummary("c", image="x")
    assert [where.able(bare, one) for one in (own, said, image, None)] == [True, True, False, False]
    assert where.candidates([bare, box], 0, said) == ("bare", "box")
    assert where.candidates([bare, box], 0, image) == ("box",)
    assert not where.able(replace(bare, readonly=True), own)
