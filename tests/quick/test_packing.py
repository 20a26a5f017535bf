"""The small MessagePack against the library's."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gpuws.quick.packing import DEEPEST, packed, unpacked

WORDS = some.text(max_size=300)
PLAIN = some.none() | some.booleans() | some.integers(-(1 << 63), (1 << 63) - 1) | WORDS
VALUES = some.recursive(PLAIN, lambda one: some.lists(one) | some.dictionaries(WORDS, one), max_leaves=20)


@given(VALUES)
def test_each_reads_what_the_other_wrote(value):
    assert msgspec.msgpack.decode(packed(value)) == value
    assert unpacked(msgspec.msgpack.encode(value)) == value
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize("size", [0, 31, 32, 255, 256, 65535, 65536])
def test_every_width(size):
    for value in ("x" * size, list(range(size)), {str(number): number for number in range(size)}):
        assert unpacked(msgspec.msgpack.encode(value)) == value
    assert unpacked(msgspec.msgpack.encode(size << 32)) == size << 32


@given(some.binary(max_size=60))
def test_anything_else_is_a_value_error_and_no_other(data):
    try:
        unpacked(data)
    except ValueError:
        return
    msgspec.msgpack.decode(data, strict=False)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xa2x", b"\xc1", b"\x92\x01", b"\xc0\xc0", b"\xa1\xff", b"\x81\x90\x01", b"\x91" * DEEPEST + b"\x90"],
)
def test_what_it_does_not_take(data):
    with pytest.raises(ValueError):  # noqa: PT011 - the only kind
        unpacked(data)


def test_what_has_no_place():
    with pytest.raises(ValueError, match="float"):
        packed({"size": [1.5]})
    with pytest.raises(ValueError):  # noqa: PT011
        packed("\udcff")
