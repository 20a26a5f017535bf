"""What could stand where a filter is being typed: its words, keys and the values that are there to be found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gpuws.model.query.expression import Vocabulary
from gpuws.model.text import plain

T = TypeVar("T")

_TOKEN = re.compile(r"(?:[^\s|,!\"']|!=)*\Z")
_COMPARISON = re.compile(r"([^<>=!]+)(<=|>=|!=|==?|<|>)(.*)\Z")
_PLAIN = re.compile(r"[^\s|,!<>=\"'][^\s|,!<>=\"']*\Z")


@dataclass(frozen=True, slots=True)
class Completion:
    """`words`: each would stand instead of the characters from `start` to `end`."""

    start: int
    end: int
    words: tuple[str, ...] = ()

    def put(self, text: str, index: int) -> tuple[str, int]:
        """`text` with one of them, and where the cursor is then."""
        word = self.words[index]
        return text[: self.start] + word + text[self.end :], self.start + len(word)


def complete(text: str, at: int, vocabulary: Vocabulary[T], things: Sequence[T], named: Iterable[str]) -> Completion:
    """For the word that ends at character `at`. `things`: what there is to be found; `named`: those keys of texts whose
    values are found without their key, too."""
    token = _TOKEN.search(text, 0, at)
    start = token.start() if token else at
    typed = text[start:at].lower()
    compared = _COMPARISON.match(typed)
    if compared is None:
        names = [_quoted(value) for key in named for value in _values(key, vocabulary, things)]
        keys = [*(f"{key}=" for key in vocabulary.texts), *(figure.example for figure in vocabulary.figures.values())]
        words: Iterable[str] = (*vocabulary.states, *names, *keys)
    elif compared[1] in vocabulary.texts:
        lead = typed[: len(typed) - len(compared[3])]
        words = (lead + _quoted(value) for value in _values(compared[1], vocabulary, things))
    else:
        words = (figure.example for key, figure in vocabulary.figures.items() if key == compared[1])
    fitting = dict.fromkeys(word for word in words if _begins(word, typed) and word.lower() != typed)
    return Completion(start, at, tuple(fitting))


def _begins(word: str, typed: str) -> bool:
    """Quotes are no part of what is looked for."""
    return word.lower().replace('"', "").startswith(typed)


def _values(key: str, vocabulary: Vocabulary[T], things: Sequence[T]) -> list[str]:
    """All there are, each once, in their order as words."""
    read = vocabulary.texts[key]
    found = dict.fromkeys(plain(value, 60) for thing in things for value in read(thing) or () if value)
    return sorted(found, key=str.lower)


def _quoted(value: str) -> str:
    """As it is read again; a value with quotes of both kinds can't be."""
    if _PLAIN.match(value):
        return value
    return f'"{value}"' if '"' not in value else f"'{value}'"
