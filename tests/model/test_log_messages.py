"""A log's messages: how they cross, and their times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.workspace.log_messages import Message, Messages, epoch_of, framed, stamp_of

STAMP = "2026-05-01T12:00:00.123456789Z"


@given(
    st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=40)), max_size=8), st.integers(1, 9)
)
def test_messages_cross_in_any_pieces(said, size):
    sent = [Message(output, STAMP, data) for output, data in said]
    data, reader = b"".join(map(framed, sent)), Messages()
    assert [one for at in range(0, len(data), size) for one in reader.feed(data[at : at + size])] == sent


def test_what_the_engine_says_itself_has_no_time():
    assert Messages().feed(b"\3\0\0\0\0\0\0\x08went bad") == [Message("stderr", "", b"went bad")]


@pytest.mark.parametrize("data", [b"HTTP/1.1 200 OK", b"\1\0\0\0\xff\xff\xff\xff", b"\1\0\1\0\0\0\0\1x"])
def test_what_is_no_log_is_told(data):
    with pytest.raises(ValueError, match="not a log"):
        Messages().feed(data)


def test_times_to_the_microsecond_and_back():
    assert epoch_of(stamp_of(1_800_000_000.25)) == 1_800_000_000.25
    assert stamp_of(1_800_000_000.25) == "2027-01-15T08:00:00.250000000Z"
    assert epoch_of("2027-01-15T08:00:00Z") == 1_800_000_000
    assert epoch_of("yesterday") == 0
