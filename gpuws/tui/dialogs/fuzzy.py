"""Fuzzy matching of a few letters: in order, the closer together and the nearer to a word's start the better."""

from __future__ import annotations

from gpuws.present.line import Line, Role, Span


def match(query: str, text: str) -> tuple[int, ...] | None:
    """Places in `text` of the letters of `query`; None: they are not all there in order."""
    wanted = query.lower().replace(" ", "")
    low = text.lower()
    best: tuple[int, ...] | None = None
    starts = [i for i, c in enumerate(low) if wanted and c == wanted[0]]
    for start in starts:
        found = _from(wanted, low, start)
        if found is None:
            break
        if best is None or score(found, text) > score(best, text):
            best = found
    return best if wanted else ()


def _from(wanted: str, low: str, start: int) -> tuple[int, ...] | None:
    places: list[int] = []
    at = start
    for letter in wanted:
        at = low.find(letter, at)
        if at < 0:
            return None
        places.append(at)
        at += 1
    return tuple(places)


def score(places: tuple[int, ...], text: str) -> int:
    """Higher is better."""
    total = 0
    for number, at in enumerate(places):
        total += 8 if at == 0 or not text[at - 1].isalnum() else 0
        total += 8 if number and places[number - 1] == at - 1 else 0
    return total - (places[-1] - places[0]) if places else 0


def lit(text: str, places: tuple[int, ...], role: Role = "strong") -> Line:
    """`text` with the letters at `places` lit."""
    spans: list[Span] = []
    at = 0
    for place in places:
        if place > at:
            spans.append(Span(text[at:place], role))
        spans.append(Span(text[place], "key"))
        at = place + 1
    return (*spans, Span(text[at:], role))
