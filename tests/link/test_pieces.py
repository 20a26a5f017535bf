from hypothesis import given
from hypothesis import strategies as st

from gpuws.link.pieces import Pieces


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(1, 30)), max_size=40))
def test_what_was_added_is_taken_in_order_and_nothing_twice(steps):
    pieces, added, taken = Pieces(), b"", b""
    for step in steps:
        if isinstance(step, bytes):
            pieces.add(step)
            added += step
        else:
            part = pieces.take(step)
            assert len(part) == min(step, len(added) - len(taken))
            taken += part
        assert len(pieces) == len(added) - len(taken)
    assert taken + pieces.take(len(added)) == added


def test_a_whole_piece_is_not_copied():
    pieces, piece = Pieces(), bytes(1000)
    pieces.add(piece)
    assert pieces.take(1 << 18) is piece
