"""MessagePack of plain values, for programs that are done before the library would be loaded: text, whole numbers,
true, false and nothing, and lists and maps of them. What else comes is a ValueError."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 32  # lists in lists: no message is deeper


def packed(value: Any) -> bytes:
    """Always in the widest form: any reader takes it. Whole numbers have 64 bits."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xd3" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, str):
        data = value.encode()
        return b"\xdb" + _size(data) + data
    if isinstance(value, dict):
        return b"\xdf" + _size(value) + b"".join(packed(key) + packed(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return b"\xdd" + _size(value) + b"".join(map(packed, value))
    raise ValueError(f"{type(value).__name__} has no place in a message")


def unpacked(data: bytes) -> Any:
    """The one value that `data` holds."""
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise ValueError("more than one value")
    return value


def _size(things: Any) -> bytes:
    return len(things).to_bytes(4, "big")


_SINGLE = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {0xCC: (1, False), 0xCD: (2, False), 0xCE: (4, False), 0xCF: (8, False)} | {
    0xD0: (1, True), 0xD1: (2, True), 0xD2: (4, True), 0xD3: (8, True),
}  # fmt: skip
_TEXTS = {0xD9: 1, 0xDA: 2, 0xDB: 4}  # to the bytes of their length
_LISTS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins at `at`, and where the next one does."""
    kind, at = _number(data, at, 1)
    if kind in _SINGLE:
        return _SINGLE[kind], at
    if kind < 0x80 or kind >= 0xE0:
        return (kind if kind < 0x80 else kind - 0x100), at
    if kind in _NUMBERS:
        return _number(data, at, *_NUMBERS[kind])
    for inline, mask, wide, read in (
        (0xA0, 0x1F, _TEXTS, _text), (0x90, 0x0F, _LISTS, _list), (0x80, 0x0F, _MAPS, _map),
    ):  # fmt: skip
        if kind in wide:
            count, at = _number(data, at, wide[kind])
            return read(data, at, count, depth)
        if kind & ~mask == inline:
            return read(data, at, kind & mask, depth)
    raise ValueError(f"nothing begins with {kind:#x} here")


def _number(data: bytes, at: int, size: int, signed: bool = False) -> tuple[int, int]:
    return int.from_bytes(_cut(data, at, size), "big", signed=signed), at + size


def _text(data: bytes, at: int, count: int, depth: int) -> tuple[str, int]:  # noqa: ARG001 - as the others
    return _cut(data, at, count).decode(), at + count


def _list(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    if depth >= DEEPEST:
        raise ValueError("too deep")
    found = []
    for _ in range(count):
        value, at = _value(data, at, depth + 1)
        found.append(value)
    return found, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    flat, at = _list(data, at, 2 * count, depth)
    try:
        return dict(zip(flat[::2], flat[1::2], strict=True)), at
    except TypeError as error:
        raise ValueError("a list is no key") from error


def _cut(data: bytes, at: int, size: int) -> bytes:
    piece = data[at : at + size]
    if len(piece) < size:
        raise ValueError("it ends in the middle of a value")
    return piece
