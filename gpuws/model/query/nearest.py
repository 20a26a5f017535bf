"""What was meant by a name that is none: the nearest of those that are known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

CUTOFF = 0.6  # likeness, 0 to 1: below it a guess helps nobody
CLOSE = 0.05  # of two that differ by less either may be meant
SHORTENED = 0.75  # likeness of a name of which only a part was typed
SHORTEST = 3  # characters of a part: fewer are in too many names
LONGEST = 64  # characters that are looked at


def likeness(word: str, name: str) -> float:
    """From 0, nothing in common, to 1, the same but for case."""
    from difflib import SequenceMatcher  # only once something went wrong

    word, name = word[:LONGEST].lower(), name[:LONGEST].lower()
    shortened = len(word) >= SHORTEST and word in name
    return max(SequenceMatcher(None, word, name).ratio(), SHORTENED if shortened else 0.0)


def meant(word: str, known: Iterable[str], rest: str = "") -> str:
    """`did you mean NAME?`, with the `rest` that was typed behind it; "" where nothing comes close."""
    return asked(best([(likeness(word, name), name) for name in known]), rest)


def nearest_names(word: str, known: Iterable[str]) -> str:
    """`NAME`, or `NAME or OTHER` where either may be meant; "" where nothing comes close."""
    return " or ".join(best([(likeness(word, name), name) for name in known]))


def best(scored: Sequence[tuple[float, str]], preferred: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Those most alike, by likeness and name: at most two, only preferred ones where there is such."""
    top = max((score for score, _ in scored), default=0.0)
    if top < CUTOFF:
        return ()
    near = [(score, name) for score, name in scored if score > top - CLOSE]
    mine = [pair for pair in near if pair[1] in preferred]
    return tuple(name for _, name in sorted(mine or near, key=lambda pair: -pair[0])[:2])


def asked(names: Sequence[str], rest: str = "") -> str:
    return f"did you mean {' or '.join(name + rest for name in names)}?" if names else ""
