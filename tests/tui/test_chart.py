"""From samples to dots, axes and words: what is known is drawn where it belongs, what is not stays blank."""

import pytest

from gpuws.model.timeline import Series
from gpuws.present.line import text_of
from gpuws.tui.charts.chart import LABELS, Chart, Cursor, Figure, cell_of, draw, round_up, steps_of, top_of
from gpuws.tui.charts.grid import columns_for, marks
from gpuws.tui.charts.view import changed

LOAD = Figure("load", "LOAD", "7%", lambda value: f"{value:.0f}%", 100.0)


def series(*values, peaks=None):
    return Series(values, values if peaks is None else peaks, tuple(int(value is not None) for value in values))


def chart(*values, peaks=None, cursor=None, figure=LOAD):
    return Chart(figure, series(*values, peaks=peaks), marks("5m"), cursor)


def lines(shown, width, height):
    return [text_of(line) for line in draw(shown, width, height)]


def dots(shown, cells, height):
    return [line[LABELS:] for line in lines(shown, cells + LABELS, height)[1:]]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ((None, None), " "),
        ((0, 0), "⣀"),  # nothing is something that is known
        ((1, 100), "⣸"),
        ((50, None), "⡄"),
        ((100, 100), "⣿"),
        ((25, 75), "⣰"),
    ],
)
def test_a_cell_is_two_columns_of_four_dots(values, drawn):
    assert dots(chart(values[0], values[0], *values, values[1], values[1]), 3, 2)[0][1] == drawn


def test_an_area_is_as_high_as_its_values_and_a_gap_is_blank():
    assert dots(chart(100, 100, 50, 50, None, None, 0, 0), 4, 3) == ["⣿   ", "⣿⣿ ⣀"]


def test_an_area_that_is_known_from_the_middle_of_a_cell_has_no_edge_there():
    bottom = draw(chart(None, *[100] * 7), 4 + LABELS, 5)[3]
    assert {span.role for span in bottom[1:]} == {"track"}


def test_a_peak_stands_over_its_mean():
    assert dots(chart(25, 25, peaks=(100, 100)), 2, 2) == ["⣉⣉"]


def test_fewer_cells_than_steps_show_their_mean_and_their_highest():
    [row] = dots(chart(*[0] * 15, 100, *[0] * 16), 4, 2)
    assert [index for index, cell in enumerate(row) if cell != "⣀"] == [1]


def test_axes_have_units_and_are_right_aligned():
    found = lines(chart(*[50] * 10), 40, 8)
    assert [line[:LABELS] for line in found[1:7]] == [
        "  100% ", "       ", "       ", "   50% ", "       ", "    0% "
    ]  # fmt: skip
    assert found[7].split() == ["-5m", "-4", "-3", "-2", "-1", "now"]
    assert found[7].endswith("now")
    assert all(len(line) <= 40 for line in found)


def test_where_there_is_little_room_marks_leave_first_and_nothing_overlaps():
    assert len(lines(chart(1, 2), 20, 3)) == 3
    assert lines(chart(1, 2), LABELS + 9, 5)[-1].split() == ["-5m", "now"]
    assert len(lines(chart(1, 2), 3, 2)) == 2


def test_the_title_says_now_mean_and_highest_and_gives_way_to_the_value():
    assert lines(chart(10, 30), 60, 5)[0].split() == ["LOAD", "7%", "mean", "20%", "peak", "30%"]
    assert lines(chart(10, 30), 24, 5)[0].split() == ["LOAD", "7%", "peak", "30%"]
    assert lines(chart(10, 30), 14, 5)[0].split() == ["LOAD", "7%"]
    assert lines(chart(None), 60, 5)[0].split() == ["LOAD", "7%"]


def test_the_cursor_reads_out_its_moment():
    read = chart(10, 20, 90, None, cursor=Cursor(2, 2, "14:32:10"))
    assert "90% at 14:32:10" in lines(read, 60, 6)[0]
    assert "14:32:10" in lines(read, 60, 6)[-1]
    last = chart(*[10] * 53, cursor=Cursor(52, 52, "14:32:10"))
    assert lines(last, 60, 6)[-1].endswith("14:32:10")
    assert len(lines(last, 60, 6)[-1]) == 60
    roles = [span.role for line in draw(read, 60, 6)[1:5] for span in line if span.text == "│"]
    assert roles == ["key"] * 4
    near = chart(*[10] * 53, cursor=Cursor(12, 12, "14:32:10"))
    assert lines(near, 60, 6)[-1].split() == ["-5m", "14:32:10", "-3", "-2", "-1", "now"]  # no half of -4
    several = chart(10, 20, 90, None, peaks=(10, 20, 95, None), cursor=Cursor(1, 2, "14:32"))
    assert "55% peak 95% at 14:32" in lines(several, 70, 6)[0]
    assert lines(several, 24, 6)[0].strip() == "LOAD  55% peak 95%"
    assert lines(several, 16, 6)[0].strip() == "LOAD  55%"
    unknown = chart(10, 20, 90, None, cursor=Cursor(3, 3, "14:32:14"))
    assert "– not seen at 14:32:14" in lines(unknown, 70, 6)[0]
    assert [line for line in dots(unknown, 40, 6)[:-1] if "│" in line[30:]]


def test_the_scale_holds_every_sample():
    assert top_of(chart(10, 30)) == 100
    assert top_of(chart(10, 30, peaks=(10, 130))) == 200
    open_ended = Figure("load", "LOAD", "", str)
    assert top_of(chart(3, figure=open_ended)) == 4
    assert top_of(chart(None, figure=open_ended)) == 1


@pytest.mark.parametrize(("value", "rounded"), [(0, 1), (0.3, 0.4), (1, 1), (1.1, 2), (5, 8), (9, 10), (812, 1000)])
def test_scales_end_at_figures_that_read_well(value, rounded):
    assert round_up(value) == pytest.approx(rounded)


@pytest.mark.parametrize("steps", [1, 7, 60, 150, 240])
@pytest.mark.parametrize("size", [2, 30, 72, 300])
def test_every_cell_leads_to_a_step_and_back(steps, size):
    for cell in range(size):
        first, last = steps_of(cell, steps, size)
        assert 0 <= first <= last < steps
    for step in range(steps):
        assert 0 <= cell_of(step, steps, size) < size
    if steps <= size:
        assert all(cell_of(steps_of(cell, steps, size)[0], steps, size) <= cell for cell in range(size))


def test_only_what_differs_is_painted():
    one, two = (draw(chart(*values), 30, 5)[2] for values in ((50, 50, 50), (50, 0, 50)))
    assert changed(one, one) is None
    span = changed(one, two)
    assert span is not None
    assert LABELS < span[0] < span[1] < 30


def test_charts_stand_beside_each_other_where_there_is_room():
    few, many = ((4, 80), (4, 50), (1, 200), (4, 200)), ((6, 200), (6, 100), (3, 80), (3, 120))
    assert [columns_for(*each) for each in few] == [2, 1, 1, 2]
    assert [columns_for(*each) for each in many] == [3, 2, 1, 3]
