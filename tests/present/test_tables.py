"""Tables that the shell and the screen share: the same columns, in the same order, each drawn in its own way."""

from dataclasses import replace

import pytest

from gpuws.cli.toolkit.tables import Style, columns, render
from gpuws.model.profile.captured import Difference
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.image import Image
from gpuws.present.line import Span, one, text_of
from gpuws.present.tables import drift, images, notebooks, people, processes, sessions, tunnels, workspaces
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.fitting import width
from tests.factories import NOW, container, gpu, session, snapshot
from tests.tui.lab import down

HOSTILE = "evil\x1b[2J\u202e[bold red]\n訓練"
ALPHA = snapshot(
    gpus=(gpu(0, user="alice", used=9, mine=True), gpu(1, user="bob", used=3, idle=9000.0)),
    workspaces=(container(gpus=("GPU-alpha-0",)), container("jup", mine=False, owner="bob", state="exited")),
    sessions=(session(container="torch-dev"), session("notes", attached=2)),
)
IMAGES = (
    Image("alpha", "sha256:" + "a" * 64, ("torch:2.8", "torch:new"), size=9 << 30, created=NOW - 9e5, used_by=("jup",)),
    Image("alpha", "sha256:" + "b" * 64, size=3 << 30),
)
TUNNEL = Tunnel("t", TunnelTarget("alpha", "jup", 8888), 20001, "refuses", error="no route to host")
DIFFERENCES = [Difference("init", None, "true")]
SHARED = {
    "workspaces": (workspaces.listing(workspaces.Fleet([ALPHA], NOW, "host")), workspaces.of_host(ALPHA, None, NOW)),
    "sessions": (sessions.listing([ALPHA], NOW), sessions.of_host(ALPHA, NOW)),
    "images": (images.listing({"alpha": IMAGES}, NOW), images.of_host(IMAGES, {}, NOW)),
    "people": (people.listing([ALPHA], 1800.0), people.with_all([ALPHA], 1800.0, NOW)),
    "tunnels": (tunnels.listing([TUNNEL], NOW), tunnels.listing([TUNNEL], NOW, "none")),
    "drift": (
        drift.listing(DIFFERENCES),
        drift.listing(DIFFERENCES, "none"),
    ),
}


def titles_on_the_screen(table, size=300):
    return [table.columns[index].title for index, _, _ in table_lines.placed(table.columns, size)]


@pytest.mark.parametrize("subject", SHARED)
def test_titles_and_their_order_are_the_same(subject):
    shell, screen = SHARED[subject]
    alone = {column.title for column in shell.columns if column.only}
    printed = [title for title in shell.columns if title.only != "screen" and title.title not in alone]
    assert [column.title for column in printed] == [t for t in titles_on_the_screen(screen) if t not in alone]
    head = render(shell, Style())[0]
    assert [head.index(column.title) for column in printed] == sorted(head.index(column.title) for column in printed)


@pytest.mark.parametrize("size", [40, 60, 80, 100, 120, 160, 240])
@pytest.mark.parametrize("subject", [*SHARED, "processes", "notebooks"])
def test_every_line_is_as_wide_as_the_screen_has_room(subject, size):
    more = {"processes": (processes.of_place(ALPHA, None, None, NOW),), "notebooks": (notebooks.of_host(ALPHA, NOW),)}
    table = (SHARED | more)[subject][-1]
    assert width(table_lines.heading(table.columns, size)) == size
    assert {width(table_lines.table_line(table, row, size)) for row in table.rows} <= {size}


def test_columns_get_more_where_there_is_room_and_none_is_lost():
    both = [table_lines.placed(workspaces.OF_HOST, size) for size in (120, 200)]
    narrow, wide = ({place.column: place.size for place in places} for places in both)
    assert narrow.keys() <= wide.keys()
    assert all(wide[index] >= room for index, room in narrow.items())
    state = next(index for index, column in enumerate(workspaces.OF_HOST) if column.title == "STATE")
    assert wide[state] > narrow[state]


def test_a_host_that_shows_nothing_keeps_its_row_in_listings():
    for table in (workspaces.listing(workspaces.Fleet([down()], NOW)), sessions.listing([down()], NOW)):
        [row] = table.rows
        assert len(row.cells) == len(table.columns)
        assert [text_of(cell) for cell in row.cells if any(span.role == "error" for span in cell)] == ["down"]


def test_cells_of_several_spans_are_cut_coloured_and_harmless_in_the_shell():
    row = TableRow("x", ((Span("warm ", "warn"), Span(HOSTILE, "error")), one("end")))
    table = Table((Column("A"), Column("B")), (row,))
    assert "\x1b" not in render(table, Style())[1]
    drawn = render(table, Style(width=17, colour=True))[1]
    assert drawn.startswith("\x1b[33mwarm \x1b[0m\x1b[31mevil")
    assert "…" in drawn
    assert "\x1b[2J" not in drawn
    assert columns(render(table, Style(width=17))[1]) <= 17


def test_a_tunnels_error_stands_beside_its_state():
    assert "refuses: no route to host" in render(tunnels.listing([TUNNEL], NOW), Style())[1]


@pytest.mark.parametrize(("said", "shown"), [("alpha/jup exited 0", "exited 0"), ("alpha: no answer", "no answer")])
def test_a_tunnels_error_does_not_name_its_target_again(said, shown):
    row = tunnels.listing([replace(TUNNEL, state="gone", error=said)], NOW).rows[0]
    assert text_of(row.cells[2]) == f"gone: {shown}"


def test_below_it_stands_all_of_a_reason_and_what_becomes_of_the_port():
    gone = replace(TUNNEL, state="gone", error="alpha/jup exited 0")
    assert tunnels.told(gone) == "alpha/jup exited 0; the port is kept for what gets that name next"
    assert tunnels.told(TUNNEL) == "no route to host"
    assert tunnels.told(replace(TUNNEL, state="up", error=None, last_error="refused")) == "before: refused"
    assert tunnels.told(replace(TUNNEL, state="up", error=None, remark="its hub")) == "its hub"


def test_figures_of_tunnels_leave_for_a_reason_on_a_narrow_screen():
    def titles(one: Tunnel) -> list[str]:
        table = tunnels.listing([one], NOW)
        return [table.columns[place.column].title for place in table_lines.placed(table.columns, 75)]

    up = replace(TUNNEL, state="up", error=None)
    assert titles(up) == ["LOCAL", "TARGET", "STATE", "FOR", "CONN", "IN", "OUT"]
    assert titles(TUNNEL)[:4] == ["LOCAL", "TARGET", "STATE", "FOR"]
    assert "OUT" not in titles(TUNNEL)
    long = replace(up, target=TunnelTarget("alpha", "n" * 60, 8888))
    assert {column.title: column.size for column in tunnels.listing([long], NOW).columns}["TARGET"] == 32
