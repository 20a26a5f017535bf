"""How light the terminal is: asked, answered in time, late, in pieces or never, and never taken for what is typed."""

import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from gpuws.tui.terminal.background import QUERY, Answers, dark_by_environment, lightness
from tests.terminal import ScreenTerminal

SCRIPT = Path(__file__).with_name("pty_app.py")
WHITE, BLACK, ATTRIBUTES = "\x1b]11;rgb:ffff/ffff/ffff\x07", "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", "\x1b[?62;22c"


def asked():
    answers = Answers()
    assert answers.ask() == QUERY
    return answers


@pytest.mark.parametrize(
    ("answer", "dark"), [(WHITE, False), (BLACK, True), ("\x1b]11;nonsense\x07", None), ("", None)]
)
def test_the_answer_is_taken_out_of_what_is_typed(answer, dark):
    answers = asked()
    assert answers.take(f"ab{answer}c\x1b[A{ATTRIBUTES}d") == "abc\x1b[Ad"
    assert (answers.dark, answers.over) == (dark, True)
    assert answers.take("\x1b") == "\x1b"  # from now on no key is held
    assert answers.take(f"e{WHITE[:12]}") + answers.take(f"{WHITE[12:]}f") == "ef"  # it may be told anew
    assert answers.dark is False


@pytest.mark.parametrize("answer", [WHITE, BLACK])
def test_it_may_come_in_pieces(answer):
    whole = f"x{answer}y{ATTRIBUTES}z"
    for at in range(len(whole) + 1):
        answers = asked()
        assert answers.take(whole[:at]) + answers.take(whole[at:]) == "xyz", at
    answers = asked()
    assert "".join(answers.take(letter) for letter in whole) == "xyz"
    assert answers.dark == (answer == BLACK)


def test_a_key_is_held_no_longer_than_a_tick():
    answers = asked()
    assert answers.take("\x1b") == ""
    assert answers.rest() == "\x1b"
    assert answers.take("\x1b]") + answers.rest() == "\x1b]"  # alt+]
    assert answers.take("\x1bOP\x1b[15~\x1b[<0;1;2M\x1b[?2026;2$y") == "\x1bOP\x1b[15~\x1b[<0;1;2M\x1b[?2026;2$y"
    assert answers.take("\x1b]11;rgb:ffff/") + answers.rest() == ""  # nobody types that
    assert answers.take("ffff/ffff\x07") == ""
    assert answers.dark is False


@pytest.mark.parametrize(
    ("told", "light"),
    [("rgb:ff/ff/ff", 1), ("rgb:f/f/f", 1), ("rgb:0000/0000/0000", 0), ("rgba:ffff/ffff/ffff/0000", 1), ("#fff", None)],
)
def test_colours_have_one_to_four_digits(told, light):
    assert lightness(told) == (light if light is None else pytest.approx(light))


@pytest.mark.parametrize(
    ("said", "dark"),
    [
        ("15;0", True),
        ("0;15", False),
        ("0;default;15", False),
        ("12;8", True),
        ("7", False),
        ("", None),
        ("15;x", None),
    ],
)
def test_some_terminals_say_it_in_their_environment(said, dark):
    assert dark_by_environment({"COLORFGBG": said} if said else {}) is dark


LIGHT, DARK = b"48;2;250;251;252", b"48;2;15;19;24"  # the backgrounds of the two themes


@pytest.fixture
def start():
    open_screens = []

    def begin(**environ):
        open_screens.append(ScreenTerminal([sys.executable, str(SCRIPT)], {**os.environ, **environ}, 120, 36))
        return open_screens[-1]

    yield begin
    for screen in open_screens:
        screen.close()


def backgrounds(screen):
    """Light or dark, in the order in which they were painted, each once until the next."""
    places = sorted(
        (at, colour) for colour in (LIGHT, DARK) for at in range(len(screen.raw)) if screen.raw.startswith(colour, at)
    )
    colours = [colour for _, colour in places]
    return [colours[0], *(after for before, after in pairwise(colours) if after != before)] if colours else []


def test_a_light_terminal_is_light_from_the_first_row(start, tmp_path):
    opens = tmp_path / "opens"
    os.mkfifo(opens)
    screen = start(OPENS_AFTER=str(opens))
    screen.wait_for(lambda _: QUERY.encode() in screen.raw)
    screen.send(f"{WHITE}{ATTRIBUTES}")
    opens.write_text("now")
    screen.wait_for("HELD BY")
    assert backgrounds(screen) == [LIGHT]


def test_an_answer_that_comes_late_changes_it_once_and_types_nothing(start):
    screen = start()
    screen.wait_for("HELD BY")
    screen.press("/")
    screen.wait_for("free  alice")
    screen.send(f"ali{WHITE[:9]}")
    screen.send(f"{WHITE[9:]}{ATTRIBUTES}ce")
    screen.wait_for("/ alice")
    screen.wait_for(lambda _: LIGHT in screen.raw)
    assert backgrounds(screen) == [DARK, LIGHT]


def test_where_nothing_is_answered_the_environment_tells(start):
    screen = start(COLORFGBG="0;15")
    screen.wait_for("HELD BY")
    screen.press("q")
    assert screen.wait_exit() == 0
    assert backgrounds(screen) == [LIGHT]


def test_without_colours_there_are_none(start):
    screen = start(NO_COLOR="1")
    screen.wait_for("HELD BY")
    screen.wait_for("▌")
    raw = bytes(screen.raw)
    assert b"38;" not in raw
    assert b"48;" not in raw
    assert b"\x1b[7;39;49m" in raw  # the row under the cursor
