"""The language of filters: words, `KEY=VALUE`, comparisons, and how they are combined. Pure.

    either  := both ('|' both)*            alice free | lost
    both    := test+                       alice free
    test    := ('!' | 'not')* choice       !free
    choice  := one (',' one)*              alice,bob      binds tightest: `!alice,bob` is neither of them
    one     := word | 'quoted words' | key ('=' | '!=' | '<' | '<=' | '>' | '>=') value

`and` and `or` may be written for a space and `|`. What can't be told stays so when it is negated, and never matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from gpuws.model.errors import UsageError
from gpuws.model.text import plain

T = TypeVar("T")
Test = Callable[[T], bool | None]
"""None: it can't be told."""
Values = Callable[[T], Iterable[str | None] | None]
"""None: it can't be told; () where there is none."""

LONGEST = 2000  # characters of an expression; nobody types more
_BLANK = re.compile(r"\s*")
_MARK = re.compile(r"[|,!]")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_WORD = re.compile(r"[^\s|,!<>=\"'][^\s|,!<>=]*")
_OPERATOR = re.compile(r"\s*(<=|>=|!=|==?|<|>)\s*")
_VALUE = re.compile(r"[^\s|,\"'][^\s|,]*")
_NUMBER = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)([a-z%°]*)\Z")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """A number of a thing, None where unknown. `units`: factor of each suffix; `share`: the same as percent of all."""

    value: Callable[[T], float | None]
    units: Mapping[str, float]
    example: str
    share: Callable[[T], float | None] | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary(Generic[T]):
    """`states`: words that are true or not. `names`: where any other word is looked for, as a part, ignoring case."""

    states: Mapping[str, Test[T]]
    texts: Mapping[str, Values[T]]
    figures: Mapping[str, Figure[T]]
    names: Callable[[T], Iterable[str | None]]


def compile_expression(text: str, vocabulary: Vocabulary[T]) -> Test[T]:
    """The test that `text` stands for; an empty one is always true. UsageError says what is wrong, and where."""
    if len(text) > LONGEST:
        raise UsageError(f"the filter is longer than {LONGEST} characters", "give --filter several times")
    return _Parser(text, vocabulary).whole()


class _Parser(Generic[T]):
    def __init__(self, text: str, vocabulary: Vocabulary[T]) -> None:
        self._text, self._words, self._at = text, vocabulary, 0

    def whole(self) -> Test[T]:
        self._skip()
        if self._at == len(self._text):
            return lambda _: True
        either = [self._both()]
        while self._take("|", "or"):
            either.append(self._both())
        if self._at < len(self._text):
            raise self._wrong(self._missing())
        return _any(either)

    def _both(self) -> Test[T]:
        tests = [self._test()]
        while self._at < len(self._text) and self._next() not in ("|", "or"):
            self._take("and")
            tests.append(self._test())
        return _all(tests)

    def _test(self) -> Test[T]:
        negated = self._negated()
        choice = [self._one()]
        while self._take(","):
            inner = self._negated()
            choice.append(_not(self._one()) if inner else self._one())
        return _not(_any(choice)) if negated else _any(choice)

    def _negated(self) -> bool:
        negated = False
        while self._take("!", "not"):
            negated = not negated
        return negated

    def _one(self) -> Test[T]:
        if (quoted := self._match(_QUOTED)) is not None:
            self._skip()
            return _named(quoted[quoted.lastindex or 0], self._words)
        if (word := self._match(_WORD)) is None:
            raise self._wrong(self._missing())
        if (operator := self._match(_OPERATOR)) is not None:
            return self._comparison(word[0].lower(), operator[1].replace("==", "="))
        self._skip()
        return self._words.states.get(word[0].lower()) or _named(word[0], self._words)

    def _comparison(self, key: str, operator: str) -> Test[T]:
        if key not in self._words.texts and key not in self._words.figures:
            raise self._unknown(key)
        found = self._match(_QUOTED) or self._match(_VALUE)
        if found is None:
            raise self._wrong(f"a value is missing after {key}{operator}")
        value = found[found.lastindex or 0]
        self._skip()
        if (figure := self._words.figures.get(key)) is not None:
            return _compared(key, figure, operator, value)
        if operator not in ("=", "!="):
            raise UsageError(f"{key} has no order: {key}{operator} says nothing", f"write {key}=… or {key}!=…")
        return _matching(self._words.texts[key], value, negated=operator == "!=")

    # reading

    def _skip(self) -> None:
        self._match(_BLANK)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _next(self) -> str:
        """The mark or the bare word that comes next; "" for anything else."""
        found = _MARK.match(self._text, self._at) or _WORD.match(self._text, self._at)
        if found is None or (len(found[0]) > 1 and _OPERATOR.match(self._text, found.end())):
            return ""
        return found[0].lower()

    def _take(self, *marks: str) -> bool:
        word = self._next()
        if not word or word not in marks:
            return False
        self._at += len(word)
        self._skip()
        return True

    # errors

    def _missing(self) -> str:
        rest = self._text[self._at :]
        if rest[:1] in ("'", '"'):
            return "a quote is not closed"
        return f"{rest[:1]!r} is out of place" if rest else "something is missing at its end"

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"filter {plain(self._text, 60)!r}: {what}", self._known())

    def _unknown(self, key: str) -> UsageError:
        from difflib import get_close_matches

        keys = [*self._words.texts, *self._words.figures]
        near = get_close_matches(key[:40], keys, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return UsageError(f"filter {plain(self._text, 60)!r}: {plain(key, 40)!r} is not known", hint + self._known())

    def _known(self) -> str:
        texts = ", ".join(f"{key}=…" for key in self._words.texts)
        figures = ", ".join(figure.example for figure in self._words.figures.values())
        return f"write {texts}, {figures}, {', '.join(self._words.states)}, or a part of a name"


def _any(tests: list[Test[T]]) -> Test[T]:
    return tests[0] if len(tests) == 1 else lambda thing: _fold((test(thing) for test in tests), sure=True)


def _all(tests: list[Test[T]]) -> Test[T]:
    return tests[0] if len(tests) == 1 else lambda thing: _fold((test(thing) for test in tests), sure=False)


def _fold(results: Iterable[bool | None], *, sure: bool) -> bool | None:
    """`sure` as soon as one result is; else None where one can't be told."""
    told = True
    for result in results:
        if result is sure:
            return sure
        told = told and result is not None
    return not sure if told else None


def _not(test: Test[T]) -> Test[T]:
    def negated(thing: T) -> bool | None:
        result = test(thing)
        return None if result is None else not result

    return negated


def _named(word: str, vocabulary: Vocabulary[T]) -> Test[T]:
    part = word.lower()
    return lambda thing: any(part in name.lower() for name in vocabulary.names(thing) if name)


def _matching(values: Values[T], pattern: str, *, negated: bool) -> Test[T]:
    from fnmatch import translate

    matches = re.compile(translate(pattern.lower())).match

    def test(thing: T) -> bool | None:
        found = values(thing)
        return None if found is None else any(matches(value.lower()) for value in found if value) is not negated

    return test


def _compared(key: str, figure: Figure[T], operator: str, text: str) -> Test[T]:
    number = _NUMBER.match(text.lower())
    if number is None or (number[2] not in figure.units and not (number[2] == "%" and figure.share)):
        raise UsageError(f"{plain(text, 40)!r} is not a value of {key}", f"write {figure.example}")
    share = number[2] == "%" and figure.share is not None
    wanted = float(number[1]) * (1.0 if share else figure.units[number[2]])
    value, compare = (figure.share if share and figure.share else figure.value), _COMPARE[operator]

    def test(thing: T) -> bool | None:
        found = value(thing)
        return None if found is None else compare(found, wanted)

    return test
