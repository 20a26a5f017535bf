"""The whole fleet at a glance: one line a host, orders, filters, people, totals, chips."""

from dataclasses import replace

import pytest

from gpuws.fleet.events import HostsChanged
from gpuws.model.alarms import same_bus
from gpuws.model.errors import UsageError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Holder
from gpuws.model.gpu.reading import Disk, Gap, HostFacts, Xid
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.usage import totals
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.settings import Thresholds
from gpuws.present.alerts import alerts, saying
from gpuws.present.line import Span, one, text_of
from gpuws.present.tables import hosts, people
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.sorting import Sort
from gpuws.tui.app import Opened
from gpuws.tui.feed import Batch
from gpuws.tui.fleet import header, row_lines
from gpuws.tui.fleet.below import below
from gpuws.tui.fleet.cells import View
from gpuws.tui.fleet.columns import layout
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.order import CONFIGURED, ORDERS, gpus_in, hosts_in
from gpuws.tui.fleet.row import Row
from gpuws.tui.fleet.vacancy import vacancy
from gpuws.tui.leaving import farewell
from gpuws.tui.state import State
from gpuws.tui.toolkit import bars
from gpuws.tui.toolkit.fitting import fitted, width
from tests.factories import GIB, NOW, gpu, snapshot
from tests.tui.driving import TestApp, running, say, text
from tests.tui.lab import StubFleet, lab


async def test_one_line_for_each_host_and_back():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        await pilot.press("v")
        assert [row.key for row in fleets.rows] == [("alpha", ""), ("bravo", "")]
        assert "█▂○" not in text(app)
        assert "alice 1" in text(app)
        assert "bob 1" in text(app)
        await pilot.press("right")
        assert len(fleets.rows) == 5
        await pilot.press("v")
        assert len(fleets.rows) == 2
        await pilot.press("v")
        assert len(fleets.rows) == 7


async def test_the_list_has_the_lines_that_it_needs_and_the_panel_the_others():
    async with running(lab(), (120, 40)) as (app, pilot):
        fleets, panel = app.screen.list, app.screen.panel

        def heights():
            return fleets.size.height, panel.size.height

        await pilot.until(lambda: heights()[0] == 8)
        assert panel.region.y == fleets.region.bottom
        assert panel.region.bottom == app.screen.query_one("Footer").region.y
        await pilot.press("v")
        await pilot.until(lambda: heights()[0] == 3)
        await pilot.press("v", "slash", "b", "o", "b")
        await pilot.until(lambda: len(fleets.rows) == 2)
        assert heights()[0] == 8


async def test_what_else_a_host_has_stands_where_lines_would_stay_empty():
    async with running(lab(), (120, 40)) as (app, pilot):
        panel = app.screen.panel
        await pilot.until(lambda: "─ 2 Containers 3 ─" in text(app))
        assert "─ 3 Sessions 2 ─" in text(app)
        assert panel.query_one("#panel-below").region.y == panel.table.region.bottom
        line = next(at for at, line in enumerate(text(app).split("\n")) if "old" in line and "exited" in line)
        await pilot.click("#panel-below", offset=(4, line - panel.query_one("#panel-below").region.y))
        await pilot.until(lambda: panel.tab == 2)
        assert panel.selection().container.name == "old"
        await pilot.until(lambda: "─ 1 Processes 1 ─" in text(app))
        await pilot.resize_terminal(120, 18)
        await pilot.until(lambda: "─ 3 Sessions 2 ─" not in text(app))
    assert below([(1, "A", Table()), (2, "B", Table((Column("N", 4),), (TableRow("k", (one("n"),)),)))], 40, 2) == []


async def test_hosts_that_come_later_look_like_the_others():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("v")
        fleet.put(snapshot("charlie", gpus=(gpu(0, host="charlie"),)))
        await pilot.until(lambda: "charlie" in text(app))
        assert len(app.screen.list.rows) == 3


async def test_the_order_is_cycled_and_shown():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        key = fleets.current.key
        await pilot.press("r")
        assert "↓ free first" in text(app)
        assert [row.gpu.index for row in fleets.rows if row.gpu and row.snapshot.name == "alpha"] == [2, 1, 0]
        assert fleets.current.key == key
        await pilot.press("r", "r")
        assert "↑ by who" in text(app)
        await pilot.press("r")
        assert "↑" not in text(app).split("\n")[0]


def test_orders():
    idle, busy = snapshot("idle", gpus=(gpu(0), gpu(1))), snapshot("busy", gpus=(gpu(0, user="bob", used=9),))
    mine = snapshot("mine", gpus=(gpu(0, user="alice", mine=True, used=9), gpu(1)))
    away = snapshot("away", state=HostState.STALE, gpus=(gpu(0), gpu(1), gpu(2)))
    every = [away, busy, idle, mine]

    def names(order):
        return [each.name for each in hosts_in(order, every)]

    assert names(CONFIGURED) == ["away", "busy", "idle", "mine"]
    assert names(ORDERS[1]) == ["idle", "mine", "busy", "away"]
    assert names(Sort("util")) == ["busy", "mine", "idle", "away"]
    assert names(Sort("who")) == ["mine", "busy", "idle", "away"]


def test_small_changes_move_no_row():
    def order(first, second):
        gpus = [replace(gpu(n, user="bob", used=9), trend=(load,)) for n, load in enumerate((first, second))]
        return [each.index for each in gpus_in(Sort("util"), gpus)]

    assert order(71, 73) == order(73, 71) == [0, 1]
    assert order(20, 73) == [1, 0]


async def test_a_filter_that_is_none_yet_says_so_in_its_line():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        await pilot.press("slash")
        await say(pilot, "free")
        await pilot.until(lambda: len([row for row in fleets.rows if row.gpu]) == 2)
        await pilot.press(">")
        await pilot.until(lambda: "a value is missing" in text(app))
        assert len([row for row in fleets.rows if row.gpu]) == 2
        await pilot.press("enter")
        assert app.screen.query("FilterBar")
        await say(pilot, "70g")
        await pilot.until(lambda: "a value is missing" not in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: not app.screen.query("FilterBar"))
        assert [row.key for row in fleets.rows if row.gpu] == [("alpha", "GPU-alpha-2"), ("bravo", "GPU-bravo-1")]


async def test_the_filter_line_can_be_read_while_it_is_typed():
    async with running(lab(), (80, 24)) as (app, pilot):
        await pilot.press("slash")
        await say(pilot, "alice")
        await pilot.until(lambda: "/ alice" in text(app).split("\n")[-2])


def test_filters_combine():
    alpha = snapshot(
        gpus=(gpu(0, user="alice", mine=True, used=9), gpu(1, user="bob", used=60), gpu(2)), tags=("room-3",)
    )

    def found(expression, **more):
        chosen = Filter.of(expression, **more)
        return [each.index for each in alpha.gpus if chosen.gpu(alpha, each)]

    assert found("!free") == found("alice,bob") == found("alice | bob") == [0, 1]
    assert found("bob", mine=True) == []
    assert found("alice | bob", mine=True) == [0]
    assert found("room-3 mem>50%") == [1]
    assert Filter.of("  ").on is False
    with pytest.raises(UsageError):
        Filter.of("free>lots")


async def test_people_their_containers_and_processes():
    async with running(lab(), (120, 40)) as (app, pilot):
        await pilot.press("w")
        await pilot.until(lambda: "Who holds what" in text(app))
        people_ = app.screen.rows
        assert [(row.level, row.key) for row in people_.rows] == [
            (0, 'user="alice"'), (1, 'holder="torch-dev" host="alpha"'), (2, "alpha 100"),
            (0, 'user="carol"'), (1, "bravo 100"),
            (0, 'user="bob"'), (1, 'holder="jup" host="alpha"'), (2, "alpha 101"),
            (0, "=held"),
        ]  # fmt: skip
        people_.select("alpha 101")
        await pilot.press("left", "left")
        assert people_.current.key == 'user="bob"'
        assert [row.key for row in people_.rows][-2:] == ['user="bob"', "=held"]
        await pilot.press("right")
        assert people_.rows[-2].key == 'holder="jup" host="alpha"'
        await pilot.press("enter")
        await pilot.until(lambda: app.screen.id == "home")
        assert [row.key for row in app.screen.list.rows if row.gpu] == [("alpha", "GPU-alpha-1")]
        await pilot.press("escape")
        await pilot.until(lambda: len(app.screen.list.rows) == 7)


async def test_a_process_of_somebody_is_shown_among_those_of_its_gpu():
    async with running(lab(), (120, 40)) as (app, pilot):
        await pilot.press("w")
        await pilot.until(lambda: "Who holds what" in text(app))
        app.screen.rows.select("bravo 100")
        await pilot.press("enter")
        await pilot.until(lambda: app.screen.id == "home")
        assert app.screen.list.current.key == ("bravo", "GPU-bravo-0")
        assert app.screen.focused is app.screen.panel.table


async def test_where_people_do_not_fit_processes_of_containers_are_folded():
    async with running(lab(), (80, 12)) as (app, pilot):
        await pilot.press("w")
        await pilot.until(lambda: "Who holds what" in text(app))
        assert {row.level for row in app.screen.rows.rows} == {0, 1}
        app.screen.rows.select('holder="torch-dev" host="alpha"')
        await pilot.press("right")
        assert app.screen.rows.select("alpha 100")


def number(row, column):
    at = [each.title for each in people.COLUMNS].index(column)
    said = text_of(row.cells[at])
    return 0 if said == "·" else int(said)


def test_the_sum_of_people_is_the_headers():
    """Shared, reserved, idle and failing GPUs, and a host that is not seen."""
    both = replace(
        gpu(0, user="alice", used=9), held_by=(Holder("process", "a", "alice"), Holder("process", "b", "bob"))
    )
    gpus = (
        both,
        gpu(1, user="carol", kind="reservation", idle=7200.0),
        gpu(2),
        gpu(3, health="lost"),
        gpu(4, gaps=(Gap("memory", "no permission"),)),
    )
    every = [snapshot("alpha", gpus=gpus), snapshot("gone", state=HostState.STALE, gpus=(gpu(0, user="bob", used=9),))]
    *rows, shared, held = people.with_all(every, 1800, NOW).rows
    persons = [row for row in rows if row.level == 0]
    for column in ("GPUS", "IDLE", "RESERVED"):
        assert sum(number(row, column) for row in (*persons, shared)) == number(held, column)
    assert [number(row, "GPUS") for row in persons] == [1, 1, 1]
    assert number(shared, "GPUS") == -1
    assert {text_of(row.cells[0]): number(row, "NOT SEEN") for row in persons}["bob"] == 1
    sums = totals(every)
    assert number(held, "GPUS") == sums.held == 2
    assert text_of(held.cells[-1]) == "+ 1 free, 1 unknown, 1 failing, 1 not seen"


def test_nobody_has_no_filter():
    table = people.with_all([snapshot(gpus=(replace(gpu(0, user="x", used=9), held_by=()),))], 1800, NOW)
    assert table.rows == ()
    assert "Nobody holds" in table.empty


async def test_hosts_that_are_gone_leave():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.emit(HostsChanged(("bravo", "charlie")))
        await pilot.until(lambda: "alpha" not in app.state.hosts)
        assert list(app.state.hosts) == ["bravo", "charlie"]
        await pilot.until(lambda: "charlie" in text(app))
        assert "torch-dev" not in text(app)


def test_totals_count_nothing_unknown_as_zero():
    def shown(*gpus, **more):
        return text_of(header.top_line(header.Top([snapshot(gpus=gpus, **more)], 0, 0, None, "14:32"), 120))

    assert "· 80G free · 300 W" in shown(gpu(0))
    assert "· ≥80G free · ≥300 W" in shown(gpu(0), replace(gpu(1), memory_used=None, power=None))
    assert "· 80G free · ⚠ 1 failing · 300 W" in shown(
        gpu(0), replace(gpu(1), health="lost", memory_used=None, power=None)
    )
    assert "G free" not in shown(replace(gpu(0), memory_used=None), replace(gpu(1), memory_used=None)).split("GPU")[1]
    assert "1 free" not in shown(gpu(0), state=HostState.STALE)


def test_a_host_sums_only_what_is_told():
    def shown(*gpus):
        row = Row("host", snapshot(gpus=gpus))
        return text_of(row_lines.line(row, row_lines.Scene(layout(120, 20), View(NOW, Thresholds()))))

    assert "40/80G" in shown(replace(gpu(0), memory_used=40 * GIB), replace(gpu(1), memory_used=None))
    assert "–/80G" in shown(replace(gpu(0), memory_used=None))


def test_chips():
    full = snapshot(
        disks=(Disk("/data", 95, 100), Disk("/", 99, 100), Disk("/home", None, 100), Disk("/tmp", 10, 100)),
        warnings=(
            Fault("reboot-pending", "the driver on disk is newer than the loaded one: a reboot is pending", "reboot"),
            Fault("other", "odd thing: mend it"),
        ),
        xids=(Xid(79, "0000:3b:00", "off the bus", NOW), Xid(31, "0000:3b:00", "old", NOW - 1e6)),
    )
    found = alerts(full, NOW)
    assert [chip.text for chip in found] == ["Xid 79", "/ 99%", "reboot pending", "odd thing", "/data 95%"]
    assert [chip.role for chip in found] == ["error", "error", "warn", "warn", "warn"]
    assert saying(Fault("persistence", "persistence mode is off: …")) == "persistence off"
    assert same_bus("0000:3b:00", "00000000:3B:00.0")
    assert not same_bus("0000:3c:00", "00000000:3B:00.0")
    assert not same_bus("0000:3b:00", None)


@pytest.mark.parametrize("room", range(4, 60, 5))
def test_parts_that_do_not_fit_are_counted(room):
    parts = [(Span(word, "text"),) for word in ("3 free", "1 idle", "alice 2", "bob 1")]
    shown = text_of(fitted(parts, room))
    assert shown.startswith("3 free")
    assert width(fitted(parts, room)) <= max(room, len("3 free · +3"))


def test_what_is_left_out_has_the_colour_of_the_worst():
    parts = [
        (Span("3 free", "free"),),
        (Span("1 idle", "idle"),),
        (Span("⚠ Xid 79", "error"),),
        (Span("bob 1", "text"),),
    ]
    assert fitted(parts, 12)[-1] == Span("+3", "error")
    assert fitted(parts, 13)[-1] == Span("⚠ +3", "error")
    assert fitted(parts, 31)[-1] == Span("+1", "muted")


def test_a_folded_row_shows_each_gpu():
    gpus = (
        gpu(0, user="bob", used=9), gpu(1), gpu(2, user="carol", used=9, idle=9000.0), gpu(3, health="lost"),
    )  # fmt: skip
    folded = Row("host", snapshot(gpus=gpus), folded=True)
    assert text_of(vacancy(folded, 1800, NOW, 60)).startswith("▆○◔✗  1 free · ⚠ 1 failing · 1 idle · bob 1 · carol 1")
    assert "█○" not in text_of(vacancy(replace(folded, folded=False), 1800, NOW, 60))


def test_trends():
    assert bars.trend((), 8) == ""
    assert bars.trend((100,) * 10, 4) == "  ⣿⣿"
    assert bars.trend(tuple(range(0, 100, 5)), 4) == "⣀⣤⣶⣿"
    assert bars.trend((0, None), 10) == "         ⡀"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ((), None),
        ((False,), None),
        ((True, False), "1 tunnel stays open in the keeper: gpuws tunnels · gpuws keeper stop"),
        ((True, True), "2 tunnels stay open in the keeper: gpuws tunnels · gpuws keeper stop"),
    ],
)
def test_what_is_said_on_leaving(kept, said):
    assert (
        farewell([Tunnel(str(n), TunnelTarget("a", None, 1), 1, kept=one) for n, one in enumerate(kept)], (), ())
        == said
    )


def test_waits_stay_too_and_ended_ones_are_told():
    order = WaitOrder("2", ("alpha",), "torch")
    going, failed = QueuedWait("1", order, 1.0), QueuedWait("2", order, 1.0, "failed", "no image", 5.0)
    said = "1 tunnel and 1 wait stay open in the keeper: gpuws tunnels · gpuws waits · gpuws keeper stop"
    assert farewell([Tunnel("t", TunnelTarget("a", None, 1), 1, kept=True)], (going, failed), ()) == said
    assert farewell((), (going,), ()) == "1 wait stays open in the keeper: gpuws waits · gpuws keeper stop"
    state = State()
    for _ in range(2):
        state.apply(Batch(waits=(going, failed)), 9.0)
    (told,) = state.journal.events
    assert (told.at, told.role, told.text) == (5.0, "error", "wait 2 for torch: failed no image")


@pytest.mark.parametrize("keeps", [True, False])
async def test_leaving_says_what_the_keeper_keeps(keeps):
    fleet = StubFleet(snapshot(), tunnels=(Tunnel("t", TunnelTarget("alpha", None, 1), 20001, kept=True),))
    app = TestApp(lambda: Opened(fleet, keeps=keeps), lambda _: 0)
    async with app.run_test(headless=False) as pilot:
        while not app.state.tunnels:
            await pilot.pause(0.01)
        await pilot.press("q")
    assert bool(app.farewell) is keeps


def test_a_host_without_a_word_is_shown_as_connecting():
    row = Row("host", HostSnapshot("new"))
    assert row.key == ("new", "")


def test_one_machine_under_two_names_is_one_row_with_one_story():
    facts = HostFacts("ann", 1, 1, (), "/", "box", boot_id="b", pid_namespace=4026)
    state, names = State(), ("alpha", "again")
    state.reset(HostSnapshot(name) for name in names)
    for xids in (), (Xid(79, "0000:01:00.0", "GPU has fallen off the bus", NOW),):
        state.apply(Batch({name: snapshot(name, facts=facts, xids=xids) for name in names}), NOW)
    [row] = state.snapshots
    assert "also again" in text_of(hosts.facts(row))
    assert [event.host for event in state.journal.events if "79" in event.text] == ["alpha"]
    assert list(state.hosts) == ["alpha", "again"]
