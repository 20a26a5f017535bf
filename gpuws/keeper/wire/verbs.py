"""The verbs of the Fleet as they cross the socket, derived from the protocol's annotations when each is first used."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from gpuws.fleet.base import Fleet, Process, Stream, Terminal
from gpuws.fleet.crossing import Crossing, crossing_of

Kind = Literal["plain", "long", "terminal", "process", "stream"]
Given = dict[str, Any]
"""Arguments by name."""

STREAMS: Mapping[Any, Kind] = {Terminal: "terminal", Process: "process", Stream: "stream"}


@dataclass(frozen=True)
class Verb:
    """`takes`: the types of what crosses of its arguments, by name; `progress`: of what is reported meanwhile.

    `kind` "long": it reports progress and can be cancelled. The last three open a stream of bytes."""

    name: str
    kind: Kind
    signature: inspect.Signature
    takes: Mapping[str, Any]
    gives: Any
    progress: Any
    crossing: Crossing

    def bind(self, args: tuple[Any, ...], kwargs: Given, environ: Mapping[str, str]) -> tuple[Given, Given]:
        """The arguments of one call: those that cross, as plain data, and those that stay here. TypeError as of any
        call. `environ`: the caller's own."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        crossing = {name: _plain(bound.arguments[name], type_) for name, type_ in self.takes.items()}
        if (name := self.crossing.environ) and not crossing[name].environ:
            crossing[name] = replace(crossing[name], environ=dict(environ))
        return crossing, {name: value for name, value in bound.arguments.items() if name not in self.takes}

    def arguments(self, data: bytes) -> Given:
        """What a client sent, checked. This and the next two raise msgspec.DecodeError."""
        found = _decoded(self._arguments, data)
        return {name: getattr(found, name) for name in self.takes}

    def value(self, data: bytes) -> Any:
        """What the keeper answered."""
        return _decoded(self._value, data)

    def step(self, data: bytes) -> Any:
        """What the keeper reported meanwhile."""
        return _decoded(self._step, data)

    @cached_property
    def _arguments(self) -> msgspec.msgpack.Decoder[Any]:
        fields = list(self.takes.items())
        return msgspec.msgpack.Decoder(msgspec.defstruct(self.name, fields, forbid_unknown_fields=True))

    @cached_property
    def _value(self) -> msgspec.msgpack.Decoder[Any]:
        return msgspec.msgpack.Decoder(self.gives)

    @cached_property
    def _step(self) -> msgspec.msgpack.Decoder[Any]:
        return msgspec.msgpack.Decoder(self.progress)


@cache
def verb(name: str) -> Verb:
    """KeyError where the Fleet has no verb of that name."""
    if name not in verbs():
        raise KeyError(name)
    method = getattr(Fleet, name)
    types = get_type_hints(method)
    gives = types.pop("return")
    local = {argument: type_ for argument, type_ in types.items() if _stays(type_)}
    takes = {argument: _as_data(type_) for argument, type_ in types.items() if argument not in local}
    progress = next((get_args(type_)[0][0] for type_ in local.values() if type_ is not threading.Event), None)
    kind = STREAMS.get(gives, "long" if local else "plain")
    signature = inspect.signature(method)
    signature = signature.replace(parameters=list(signature.parameters.values())[1:])  # without `self`
    return Verb(name, kind, signature, takes, gives, progress, crossing_of(method))


@cache
def verbs() -> frozenset[str]:
    """The names of all; what is only looked at is none."""
    methods = inspect.getmembers(Fleet, inspect.isfunction)
    return frozenset(name for name, one in methods if not name.startswith("_") and not crossing_of(one).view)


def _stays(type_: Any) -> bool:
    """What is called or set while the verb works does not cross: `report` and `cancel`."""
    return type_ is threading.Event or get_origin(type_) is Callable


def _as_data(type_: Any) -> Any:
    """What a caller may give in any form crosses as one that never changes, or that is plainly a map."""
    if get_origin(type_) is Sequence:
        return tuple[get_args(type_)[0], ...]  # type: ignore[misc] # known at run time only
    return dict[get_args(type_)] if get_origin(type_) is Mapping else type_  # type: ignore[misc]


def _plain(value: Any, type_: Any) -> Any:
    form = get_origin(type_)
    return form(value) if form in (tuple, dict) else value


def _decoded(decoder: msgspec.msgpack.Decoder[Any], data: bytes) -> Any:
    try:
        return decoder.decode(data)
    except UnicodeDecodeError as error:  # a name that is no text
        raise msgspec.DecodeError(str(error)) from error
