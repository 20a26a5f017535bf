"""The relay's frames, whatever pieces they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.link.relay.far.frames import (
    AMOUNT,
    CLOSE,
    CREDIT,
    DATA,
    END,
    LARGEST_DATA,
    LARGEST_WORD,
    OPEN,
    OPENED,
    Frames,
    Malformed,
    head,
)

numbers = st.integers(1, (1 << 32) - 1)
words = st.tuples(st.sampled_from([OPEN, OPENED, END, CLOSE]), numbers, st.binary(max_size=40))
grants = st.tuples(st.just(CREDIT), numbers, st.integers(1, 1 << 31).map(AMOUNT.pack))
data = st.tuples(st.just(DATA), numbers, st.binary(min_size=1, max_size=100))
frames = st.lists(st.one_of(words, grants, data), max_size=20)


def joined(found):
    """The parts of each DATA together again."""
    whole = []
    for kind, number, payload in found:
        if whole and kind == DATA and whole[-1][:2] == (DATA, number):
            whole[-1] = (DATA, number, whole[-1][2] + payload)
        else:
            whole.append((kind, number, payload))
    return whole


@given(frames, st.lists(st.integers(1, 60), min_size=1))
def test_they_come_out_as_they_went_in_however_they_are_cut(sent, sizes):
    text = b"".join(head(kind, number, len(payload)) + payload for kind, number, payload in sent)
    reader, found, at = Frames(), [], 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        found += reader.feed(text[at : at + size])
        at += size
    assert joined(found) == joined(sent)


@given(st.binary(max_size=200))
def test_noise_is_refused_or_waited_out(noise):
    reader = Frames()
    try:
        found = reader.feed(noise)
    except Malformed:
        return
    assert sum(len(payload) for _, _, payload in found) <= len(noise)


@pytest.mark.parametrize(
    "text",
    [
        head(0, 1, 0),
        head(99, 1, 0),
        head(DATA, 1, LARGEST_DATA + 1),
        head(OPEN, 1, LARGEST_WORD + 1),
        head(CREDIT, 1, 3) + b"abc",
    ],
)
def test_what_no_relay_says_is_refused(text):
    with pytest.raises(Malformed):
        Frames().feed(text)


def test_a_part_of_a_data_frame_is_handed_on_at_once():
    assert Frames().feed(head(DATA, 7, 10) + b"abc") == [(DATA, 7, b"abc")]
