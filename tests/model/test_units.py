import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model import units
from gpuws.model.text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64g", 64 << 30),
        ("40GiB", 40 << 30),
        ("512m", 512 << 20),
        ("1024", 1024),
        ("1.5k", 1536),
        (" 2 TB ", 2 << 40),
        ("10b", 10),
    ],
)
def test_sizes_are_binary_as_in_compose(text, expected):
    assert units.parse_size(text) == expected


@pytest.mark.parametrize("text", ["", "g", "-1", "1x", "64 gigs", "0x10", "1e9", "٣"])
def test_what_is_not_a_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        units.parse_size(text)


@given(st.integers(min_value=0, max_value=1 << 60))
def test_a_size_never_outgrows_its_column(count):
    assert len(units.size(count)) <= 5


def test_unknown_is_a_dash_not_zero():
    assert units.size(None) == units.percent(None) == units.duration(None) == "–"
    assert units.size(0) == "0B"
    assert units.timestamp(None) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h00"), (11520, "3h12"), (200000, "2d"), (-5, "0s")],
)
def test_durations_fit_a_column(seconds, expected):
    assert units.duration(seconds) == expected


def test_times_are_rfc_3339_utc():
    assert units.timestamp(0) == "1970-01-01T00:00:00Z"


@given(st.text())
def test_no_control_character_survives(text):
    cleaned = plain(text)
    assert len(cleaned) <= 500
    assert all(character.isprintable() or not character.isascii() for character in cleaned)
    assert not set(cleaned) & set("\x1b\n\r\t\x07\x9b\u202e")


def test_long_text_is_cut_with_a_mark():
    assert plain("x" * 600, 10) == "xxxxxxxxx…"
