"""Strategies for whatever crosses the keeper's socket: every field of every type is drawn, defaults are not enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import msgspec
from hypothesis import strategies as st

from gpuws.keeper.wire.typed import encode

WHOLE = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def whole(type_: Any) -> st.SearchStrategy[Any]:
    """Values of `type_`, which names the types of all it holds."""
    for each in {type_, *_within(type_, set())}:
        if is_dataclass(each):
            assert isinstance(each, type)
            filled = {field.name: ... for field in fields(each) if field.init}
            st.register_type_strategy(each, st.builds(each, **filled))
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        taken = {field.name: st.from_type(field.type) for field in msgspec.structs.fields(type_)}
        return st.builds(type_, **taken)
    return st.from_type(type_)


def _within(type_: Any, seen: set[Any]) -> Iterator[Any]:
    """The types of which values of `type_` are made."""
    if is_dataclass(type_) or (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
        inner = tuple(get_type_hints(type_).values())
    else:
        inner = get_args(type_)
    for each in inner:
        if each not in seen and each is not ...:
            seen.add(each)
            yield each
            yield from _within(each, seen)


def _of_tuple(type_: Any) -> st.SearchStrategy[Any]:
    args = get_args(type_)
    if args[1:] == (...,):
        return st.lists(st.from_type(args[0]), max_size=1).map(tuple)
    return st.tuples(*map(st.from_type, args))


def _of_mapping(type_: Any) -> st.SearchStrategy[Any]:
    key, value = get_args(type_)
    return st.dictionaries(st.from_type(key), st.from_type(value), max_size=1)


st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(int, WHOLE)
st.register_type_strategy(str, st.text(max_size=4))
st.register_type_strategy(object, JSON)
st.register_type_strategy(tuple, _of_tuple)
st.register_type_strategy(Mapping, _of_mapping)
st.register_type_strategy(msgspec.Raw, JSON.map(lambda value: msgspec.Raw(encode(value))))
