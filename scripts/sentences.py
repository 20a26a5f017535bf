"""What sentences a file of Python can say: the words of a call's arguments, `…` for what only a run knows. Pure."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

UNKNOWN = "…"
MOST = 6
"""Wordings of one expression: what is beyond is left out."""
Texts = tuple[str, ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Path = tuple[tuple[int, str], ...]
"""Where a node stands: each block that it is in, from the outermost."""


@dataclass(frozen=True, slots=True)
class Call:
    """`name`: what is called. `words`: the wordings of each argument that was asked for; ("",): it is not given."""

    name: str
    words: tuple[Texts, ...]


@dataclass(frozen=True, slots=True)
class _Put:
    """A value that a name is given somewhere."""

    line: int
    block: tuple[int, str]
    value: ast.expr


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an expression stands: in which function, and where there. `asked`: names that are being looked up."""

    scope: ast.AST
    line: int
    path: Path
    asked: frozenset[str] = frozenset()


class Module:
    """One parsed file. Its own constants, functions and local names are followed, nothing of other files."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._puts: dict[int, dict[str, list[_Put]]] = {}

    def calls(self, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Call]:
        """Each call of a name in `wanted`, whose value is the names of its parameters from the first on."""
        for scope in (self._tree, *self._scopes):
            for node, path in _nodes(scope):
                name = _name(node.func) if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and name in wanted:
                    spot = _Spot(scope, node.lineno, path)
                    yield Call(name, tuple(self._given(node, at, key, spot) for at, key in enumerate(wanted[name])))

    def after(self, marks: Collection[str]) -> Iterator[Call]:
        """Each text that stands behind one of these words, in a tuple or a call."""
        for scope in (self._tree, *self._scopes):
            for node, path in _nodes(scope):
                values = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
                for mark, value in pairwise(values):
                    if isinstance(mark, ast.Constant) and mark.value in marks:
                        yield Call(str(mark.value), (self._texts(value, _Spot(scope, value.lineno, path)),))

    def _given(self, node: ast.Call, at: int, key: str, spot: _Spot) -> Texts:
        named = next((word.value for word in node.keywords if word.arg == key), None)
        given = node.args[at] if at < len(node.args) else named
        return self._texts(given, spot) if given is not None else ("",)

    @cached_property
    def _scopes(self) -> list[Function]:
        return [node for node in ast.walk(self._tree) if isinstance(node, Function)]

    @cached_property
    def _functions(self) -> dict[str, Function]:
        """Those that a bare name calls: of the file itself."""
        return {node.name: node for node in self._tree.body if isinstance(node, Function)}

    @cached_property
    def _methods(self) -> dict[str, Function]:
        """Those of one name in the whole file: of others nobody knows whose is called."""
        often = Counter(one.name for one in self._scopes)
        return {one.name: one for one in self._scopes if often[one.name] == 1 and one.name not in self._functions}

    def _texts(self, node: ast.expr, spot: _Spot) -> Texts:
        """All wordings of an expression."""
        match node:
            case ast.Constant(value=str() as text):
                return (text,)
            case ast.JoinedStr(values=values):
                return _joined([self._texts(value, spot) for value in values])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self._texts(left, spot), self._texts(right, spot)])
            case ast.IfExp(body=body, orelse=other):
                return _distinct((*self._texts(body, spot), *self._texts(other, spot)))
            case ast.BoolOp(op=op, values=values):
                chosen = values if isinstance(op, ast.Or) else [ast.Constant(""), values[-1]]
                return _distinct(text for value in chosen for text in self._texts(value, spot))
        return self._led_to(node, spot)

    def _led_to(self, node: ast.expr, spot: _Spot) -> Texts:
        """All wordings of an expression whose words stand elsewhere."""
        match node:
            case ast.FormattedValue(value=value):
                return self._texts(value, spot)
            case ast.BinOp(left=left, op=ast.Mod()):
                return tuple(re.sub(r"%[-.\d]*[a-z]", UNKNOWN, text) for text in self._texts(left, spot))
            case ast.Name(id=name):
                return self._named(name, spot)
            case ast.Call(func=func, args=args):
                return self._called(func, args, spot)
        return (UNKNOWN,)

    def _named(self, name: str, spot: _Spot) -> Texts:
        values = [
            *self._put(spot, name),
            *(self._constant(name) if spot.scope is not self._tree else ()),
        ]
        if not values or name in spot.asked:
            return (UNKNOWN,)
        deeper = _Spot(spot.scope, spot.line, spot.path, spot.asked | {name})
        return _distinct(text for value in values for text in self._texts(value, deeper))

    def _constant(self, name: str) -> list[ast.expr]:
        return [one.value for one in self._given_in(self._tree).get(name, ())]

    def _put(self, spot: _Spot, name: str) -> list[ast.expr]:
        """What the name may be at the spot: what it was given since the last time that holds on every way there."""
        since: list[ast.expr] = []
        for one in reversed(self._given_in(spot.scope).get(name, ())):
            if one.line < spot.line:
                since.append(one.value)
                if one.block in spot.path:
                    break
        return since[::-1]

    def _given_in(self, scope: ast.AST) -> Mapping[str, list[_Put]]:
        """Name → what it is given in the scope, in its order."""
        known = self._puts.get(id(scope))
        if known is None:
            known = self._puts[id(scope)] = {}
            for node, path in _nodes(scope):
                for name, value in _assignments(node):
                    known.setdefault(name, []).append(_Put(value.lineno, path[-1], value))
        return known

    def _called(self, func: ast.expr, args: list[ast.expr], spot: _Spot) -> Texts:
        """What this file defines by what it returns; `TABLE.get(key, other)` by all that stands in the table."""
        match func:
            case ast.Attribute(value=ast.Name(id=name), attr="get") if tables := self._constant(name):
                values = [one for each in tables if isinstance(each, ast.Dict) for one in each.values]
                return _distinct(text for value in [*values, *args[1:]] for text in self._texts(value, spot))
            case ast.Name(id=name) if name in self._functions and name not in spot.asked:
                return self._returned(self._functions[name], spot)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if (
                name in self._methods and name not in spot.asked
            ):
                return self._returned(self._methods[name], spot)
        return (UNKNOWN,)

    def _returned(self, function: Function, spot: _Spot) -> Texts:
        found = [(node, path) for node, path in _nodes(function) if isinstance(node, ast.Return) and node.value]
        asked = spot.asked | {function.name}
        told = (self._texts(one.value, _Spot(function, one.lineno, path, asked)) for one, path in found if one.value)
        return _distinct(text for texts in told for text in texts) or (UNKNOWN,)


def _name(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _nodes(scope: ast.AST, path: Path = ()) -> Iterator[tuple[ast.AST, Path]]:
    """The nodes of a scope in their order, without those of the functions within it."""
    for name, value in ast.iter_fields(scope):
        here = (*path, (id(scope), name))
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not isinstance(node, Function):
                yield node, here
                yield from _nodes(node, here)


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from ((one.id, value) for one, value in zip(names, values, strict=False) if isinstance(one, ast.Name))


def _joined(parts: list[Texts]) -> Texts:
    return _distinct("".join(each) for each in product(*(part[:MOST] for part in parts)))


def _distinct(texts: Iterable[str]) -> Texts:
    return tuple(dict.fromkeys(texts))[:MOST]
