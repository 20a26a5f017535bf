"""What a log's bytes are on the screen: lines with their colours, harmless, bounded; progress as one line; rows."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color as TerminalColour
from textual.color import Color

from gpuws.model import sgr
from gpuws.model.sgr import Look, Part
from gpuws.model.workspace.log_messages import Message
from gpuws.tui.logs.layout import Layout, places
from gpuws.tui.logs.merge import Backwards, Merge
from gpuws.tui.logs.older import Older
from gpuws.tui.logs.store import LogStore
from gpuws.tui.logs.text import LINE_LIMIT, PARTIAL_LIMIT, LineMaker, LogLine
from gpuws.tui.toolkit import contrast, shades
from tests.logs import Log, message

ODD = (
    *("\x1b[31m", "\x1b[2J", "\x1b[5A", "\x1b]0;t\x07", "\x1b]52;c;aGk=\x1b\\", "\x1b[", "\x1b", "\x9b31m"),
    *("\r", "\n", "\t", "\x00", "\u202e", "[bold red]", "訓", "x" * 10_000),
    *("\x1b[38;2;1;2;3m", "\x1b[999;58;5m", "é", "\x1b[?1049h"),
)
HOSTILE = st.lists(st.sampled_from(ODD) | st.text(max_size=5), max_size=12).map("".join)


def lines_of(*written):
    maker = LineMaker()
    found = maker.feed(Message("stdout", "", data) for data in written)
    return [line.text for line in (*found, *maker.end())]


@given(HOSTILE, st.integers(1, 50))
def test_nothing_in_a_log_steers_the_screen(text, size):
    data = text.encode("utf-8", "surrogatepass")
    maker = LineMaker()
    found = maker.feed(Message("stdout", "", data[at : at + size]) for at in range(0, len(data), size))
    for line in (*found, *maker.end()):
        assert len(line.text) <= LINE_LIMIT
        assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign == "\u202e" for sign in line.text)
        assert all(0 <= tint.start < tint.end <= len(line.text) for tint in line.tints)


def test_colours_are_kept_where_they_stood():
    (line,) = LineMaker().feed([Message("stderr", "s", b"\x1b[1;33mWARN\x1b[0m\tslow\x1b[38;5;208m!\n")])
    assert line.text == "WARN    slow!"
    assert [(line.text[a:b], look) for a, b, look in line.tints] == [
        ("WARN", Look(foreground=3, bold=True)), ("!", Look(foreground=208)),
    ]  # fmt: skip


def test_sequences_of_colours_as_terminals_read_them():
    assert sgr.after(sgr.PLAIN, "38:2::1:2:3") == sgr.after(sgr.PLAIN, "38;2;1;2;3") == Look((1, 2, 3))
    assert sgr.after(sgr.PLAIN, "4:3;91;48;5;300") == Look(9, 255, underline=True)
    assert sgr.after(Look(1, 2, bold=True, dim=True), "22;39") == Look(None, 2)
    assert sgr.after(Look(1, 2, bold=True), "") == sgr.PLAIN
    assert sgr.parts("\x1b[8mhidden") == [Part("hidden", sgr.PLAIN)]


def test_progress_is_one_line_as_on_a_terminal():
    assert lines_of(b"a\nb\n\xe8\xa8", b"\x93\n 1%\r 2%") == ["a", "b", "訓", " 2%"]
    assert lines_of(b" 10%\r 50%\r100%\r\n") == ["100%"]
    assert lines_of(b"50%\r\x1b[K\r   \r\n") == ["50%"]


def test_several_bars_are_drawn_over():
    drawn = [b"\rinner %d\x1b[A\router %d\n" % (step, step) for step in range(50)]
    assert lines_of(b"outer 1\n", *drawn, b"\ndone\n") == ["outer 1", "outer 49", "inner 49", "done"]


def test_a_log_without_newlines_is_bounded():
    maker = LineMaker()
    for _ in range(64):
        maker.feed([Message("stdout", "", b"x" * 65536)])
    (line,) = maker.writing()
    assert len(line.text) == LINE_LIMIT
    assert len(maker._outputs["stdout"].rows[0].raw) <= PARTIAL_LIMIT


def log_lines(*texts, source=0):
    return [LogLine(f"{number:04}", "stdout", text, (), source) for number, text in enumerate(texts)]


@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.text(alphabet="ab訓", max_size=9), max_size=5)), max_size=12),
    st.integers(0, 5),
    st.sampled_from(["", "a"]),
)
def test_rows_that_are_kept_are_those_that_were_laid_out_anew(steps, width, letters):
    """Whatever comes at the end or on top and falls off at the other."""
    store = LogStore(limit=12)
    kept = Layout(store)
    kept.width = width
    kept.wanted = kept.sought = letters
    for on_top, texts in steps:
        new = [LogLine("", "stdout", text) for text in texts]
        if on_top:
            store.prepend(new)
            kept.preceded(len(new))
        else:
            store.append(new)
            kept.grown()
        anew = Layout(store)
        anew.width, anew.wanted, anew.sought = width, letters, letters
        anew.anew()
        assert (kept.rows, kept.hits) == (anew.rows, anew.hits)


def test_letters_are_found_whatever_their_case():
    assert places("Loss loss", "LOSS") == [(0, 4), (5, 9)]
    assert places("loss", "") == []


def test_several_logs_are_one_by_their_times():
    merge = Merge(2)
    merge.put(0, [LogLine("1", "stdout", "a"), LogLine("4", "stdout", "d")])
    assert merge.take() == []
    merge.put(1, [LogLine("2", "stdout", "b"), LogLine("3", "stdout", "c")])
    assert [line.text for line in merge.take()] == ["a", "b", "c"]
    merge.open.discard(1)
    assert [line.text for line in merge.take()] == ["d"]
    back = Backwards(2)
    back.put(0, [LogLine("1", "stdout", "a"), LogLine("4", "stdout", "d")])
    assert back.missing == [1]
    back.put(1, [LogLine("2", "stdout", "b"), LogLine("3", "stdout", "c")])
    assert [line.text for line in back.take(9)] == ["b", "c", "d"]
    back.put(1, [])
    assert [line.text for line in back.take(9)] == ["a"]
    back.put(0, [])
    assert back.at_start


@given(st.integers(0, 255), st.sampled_from(["#101418", "#ffffff", "#204060"]))
def test_whatever_colour_a_log_has_it_can_be_read(colour, background):
    behind = Color.parse(background)
    usual = shades.Style(color=TerminalColour.parse("#cccccc"), bgcolor=behind.rich_color)
    for look in (Look(colour), Look(colour, colour), Look(colour, reverse=True), Look(colour, dim=True)):
        style = shades._mixed(look, behind, usual, in_256=False)
        assert contrast.ratio(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)) >= 4.4


def test_messages_are_counted_where_a_line_has_several():
    (line,) = LineMaker().feed([message(1)._replace(data=b"half "), message(1)._replace(data=b"line\n")])
    assert (line.text, line.parts) == ("half line", 2)


@pytest.mark.parametrize("rare", [1, 60])
def test_far_back_in_a_log_that_was_written_quickly_lines_stay_in_their_order(rare, monkeypatch):
    """Thousands a second, of two logs, one of which writes seldom; what is newest is let go on the way back."""
    monkeypatch.setattr("gpuws.tui.logs.older.PAGE", 70)
    logs: list[list[Message]] = [[], []]
    for number in range(600):
        logs[number % rare == 0].append(message(number, at=number / 5000))
    store = LogStore(120)
    ends = [(source, one) for source, log in enumerate(logs) for one in log if one.stamp >= message(0, at=0.1).stamp]
    for source, one in sorted(ends, key=lambda end: end[1].stamp):
        store.append(LineMaker(source).feed([one]))
    older = Older([Log(log) for log in logs], store)
    while not older.at_start:
        store.prepend(older.take(older.read(older.wanted())))
        numbers = [int(line.text) for line in store.lines]
        assert numbers == [*range(numbers[0], numbers[0] + len(numbers))]
    assert numbers[0] == 0
