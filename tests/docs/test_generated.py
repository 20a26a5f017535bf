"""Pages that are written from the code are as the code is."""

from __future__ import annotations

import ast

import pytest

from scripts import glyphs, messages
from scripts.sentences import Module


@pytest.mark.parametrize("script", [glyphs, messages], ids=lambda script: script.__name__)
def test_the_page_is_up_to_date(script):
    """`make docs` writes it."""
    assert script.PAGE.read_text("utf-8") == script.page()


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
