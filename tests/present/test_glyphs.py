"""The table of signs: whatever a screen draws is told there."""

import re
from pathlib import Path

from gpuws.present.glyphs import COLOURS, GLYPHS

GOLDEN = Path(__file__).parents[1] / "tui" / "golden"
WORDS = re.compile(r"[\x00-\x7f·–—…°🔎]|[\u2500-\u259f\u2800-\u28ff]|[^\W\d_]")
"""Letters and punctuation, and what frames, bars and charts are drawn with."""


def test_every_sign_that_a_screen_draws_is_told():
    drawn = {sign for page in GOLDEN.glob("*.txt") for sign in page.read_text(encoding="utf-8")}
    told = {sign for glyph in GLYPHS for sign in glyph.signs}
    assert {sign for sign in drawn if not WORDS.match(sign)} - told == set()


def test_each_sign_and_each_colour_is_told_once():
    assert len({glyph.signs for glyph in GLYPHS}) == len(GLYPHS)
    assert len({colour.role for colour in COLOURS}) == len(COLOURS)
