"""What of a host's text may reach a terminal."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.text import ESCAPES, about, harmless, plain

STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")


def test_no_control_format_or_tag_character_of_unicode_is_left():
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in STEERING:
            assert plain(f"a{char}b") == "a b", hex(code)
            assert harmless(f"a{char}é") == (f"a{char}é" if char in "\t\n" else "aé"), hex(code)


def test_letters_of_all_the_world_stay():
    for text in ("Zoë", "訓練", "हिन्दी", "العربية", "e\u0301", "🚀", "naïve – “quoted” …"):
        assert plain(text) == harmless(text) == text


@given(st.text(alphabet="ab\x1b[]0;31mHJKP\\\x07?^_\n\t\r\x9b", max_size=60))
def test_only_colours_are_left_of_sequences(text):
    shown = harmless(text)
    rest = ESCAPES.sub(lambda match: "" if match[0].endswith("m") else match[0], shown)
    assert rest.replace("\n", "").replace("\t", "").isprintable()
    assert harmless(shown) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alpha: the link was lost", "alpha: the link was lost"),
        ("alpha has no Docker", "alpha has no Docker"),
        ("alpha/jup: no Jupyter server runs there", "alpha/jup: no Jupyter server runs there"),
        ("alpha2 is away", "alpha: alpha2 is away"),
        ("the disk is full", "alpha: the disk is full"),
    ],
)
def test_a_text_names_its_host_once(text, said):
    assert about("alpha", text) == said
