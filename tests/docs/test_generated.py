"""Pages that are written from the code are as the code is."""

from __future__ import annotations

import ast
import re

import pytest

from gpuws.model.host.host import HostState
from scripts import footprint, glyphs, messages, reference
from scripts.sentences import Module
from tests.docs.pages import ROOT, text


@pytest.mark.parametrize("script", [glyphs, messages, footprint], ids=lambda script: script.__name__)
def test_the_page_is_up_to_date(script):
    """`make docs` writes it."""
    assert script.PAGE.read_text("utf-8") == script.page()


@pytest.mark.parametrize(("name", "page"), [("json.md", reference.json_page), ("commands.md", reference.commands_page)])
def test_the_reference_is_up_to_date(name, page):
    """`make docs` writes it."""
    assert text(ROOT / "docs" / name) == page()


def test_what_is_quoted_is_what_is_said():
    """`…` in curly quotes: words of a message."""
    told = messages.PAGE.read_text("utf-8").replace("\\", "")
    said_elsewhere = re.compile(r"…|\d+")
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for quoted in re.findall("“([^”]+)”", text(page)):
            words = said_elsewhere.split(quoted)
            assert re.search(".*?".join(map(re.escape, words[:3])), told), f"{page.name}: {quoted}"


def test_every_row_before_a_launch_is_explained():
    rows = messages.PAGE.read_text("utf-8").partition("## Rows before a launch")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE))
    shown = text(ROOT / "docs" / "launching.md")
    assert len(named) > 20
    assert [name for name in named if f"`{name}`" not in shown] == []


def test_every_state_of_a_host_that_is_not_well_is_explained():
    shown = text(ROOT / "docs" / "troubleshooting.md")
    assert [state for state in HostState if f"`{state}`" not in shown] == [HostState.CONNECTING, HostState.UP]


def said(code, wanted="E"):
    return [call.words for call in Module(ast.parse(code)).calls({wanted: ("message", "remedy")})]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("E('gone')", [(("gone",), ("",))]),
        ("E(f'{name}: gone', remedy='look')", [(("…: gone",), ("look",))]),
        ("E('up' if there else 'down')", [(("up", "down"), ("",))]),
        ("E(error.words or 'broken')", [(("…", "broken"), ("",))]),
        ("E('left' + (' and right' if both else ''))", [(("left and right", "left"), ("",))]),
        ("E('took %.1f s' % seconds)", [(("took … s",), ("",))]),
        ("SOON = 'soon'\nE('wait', SOON)", [(("wait",), ("soon",))]),
        ("FIXES = {1: 'reset'}\nE('bad', FIXES.get(kind, 'ask'))", [(("bad",), ("reset", "ask"))]),
        (
            "def fix(x):\n    if x:\n        return 'mend'\n    return 'wait'\nE('bad', fix(1))",
            [(("bad",), ("mend", "wait"))],
        ),
    ],
)
def test_what_a_call_can_say_is_told(code, words):
    assert said(code) == words


def test_methods_of_one_name_and_coroutines_are_all_read():
    code = """
class A:
    def run(self):
        E('first')
class B:
    def run(self):
        E('second')
    async def go(self):
        E('third')
"""
    assert said(code) == [((each,), ("",)) for each in ("first", "second", "third")]


def test_a_name_says_what_it_was_given_last_on_the_way_there():
    code = """
def rule(x):
    text = 'first'
    E(text)
    text = 'second'
    if x:
        text = 'third'
    E(text)
"""
    assert said(code) == [(("first",), ("",)), (("second", "third"), ("",))]
