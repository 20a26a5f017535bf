from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.engines.docker.api.frames import Chunks, Frames, Malformed


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """`data` in pieces as a network would deliver them."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


SIZES = st.lists(st.integers(0, 20), max_size=40)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), SIZES)
def test_chunks_come_together_however_they_were_cut(parts, sizes):
    wire = b"".join(f"{len(part):x};note=1\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"
    chunks = Chunks()
    assert b"".join(chunks.feed(piece) for piece in cut(wire, sizes)) == b"".join(parts)
    assert chunks.ended


@pytest.mark.parametrize("wire", [b"xyz\r\n", b"\r\n", b"-5\r\n", b"1_0\r\n", b"f" * 2000])
def test_a_chunk_without_a_size_is_refused(wire):
    with pytest.raises(Malformed):
        Chunks().feed(wire)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2, 3]), st.binary(max_size=50)), max_size=8), SIZES)
def test_frames_are_parted_however_they_were_cut(parts, sizes):
    wire = b"".join(bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data for kind, data in parts)
    frames = Frames()
    got = [found for piece in cut(wire, sizes) for found in frames.feed(piece)]
    for which, kinds in (("stdout", (0, 1)), ("stderr", (2, 3))):
        expected = b"".join(data for kind, data in parts if kind in kinds)
        assert b"".join(data for name, data in got if name == which) == expected


def test_plain_text_is_not_taken_for_frames():
    with pytest.raises(Malformed):
        Frames().feed(b"hello, this is no frame")
