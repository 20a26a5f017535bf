"""What the words of a copy mean: looked at at both ends, before anything is sent."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gpuws.files import here
from gpuws.files.unpack import special
from gpuws.fleet.copying.end import End
from gpuws.fleet.copying.here import Here
from gpuws.fleet.copying.there import There
from gpuws.fleet.copying.transfer import Transfer
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.files.destination import Copy, copies, shown
from gpuws.model.files.files import Seen
from gpuws.model.files.spot import Spot
from gpuws.model.meter import Meter
from gpuws.model.text import plain

NO_PATTERNS = "its engine knows no patterns: name the directory, or start the container, if it has sh and tar"


@dataclass(frozen=True, slots=True)
class Source:
    """`contents`: what lies in it is meant, without itself."""

    end: Here | There
    seen: Seen
    contents: bool


def seen_sources(named: Sequence[tuple[Spot, Here | There]]) -> list[Source]:
    """Patterns become what they match. GpuwsError where nothing is there."""
    found: list[Source] = []
    for end in dict.fromkeys(id(end) for _, end in named):
        spots = [(spot, one) for spot, one in named if id(one) == end]
        rows = _look([spot for spot, _ in spots], spots[0][1])
        found += [
            Source(one, seen, spot.contents and seen.directory)
            for (spot, one), row in zip(spots, rows, strict=True)
            for seen in _there(spot, row, one)
        ]
    return found


def seen_target(end: Here | There, spot: Spot, *, writing: bool) -> tuple[Seen, Seen]:
    """What lies at the destination, and at the directory above it."""
    if isinstance(end, Here):
        (there,) = here.look(spot.path, pattern=False)
        (above,) = here.look(posixpath.dirname(there.path).decode(errors="surrogateescape") or "/", pattern=False)
        return there, above
    (there,) = _one(spot, end.look([spot.raw], writing=writing)[0])
    (above,) = _one(spot, end.look([posixpath.dirname(there.path) or b"/"], writing=writing)[0])
    return there, above


def planned(
    named: Sequence[tuple[Spot, Here | There]], target: Here | There, spot: Spot, *, writing: bool = True
) -> list[tuple[Source, Copy]]:
    """What comes to lie where. `writing` False: the destination is only looked at."""
    sources = seen_sources(named)
    there, above = seen_target(target, spot, writing=writing)
    found = copies([(one.seen, one.contents) for one in sources], there, above, slash=spot.slash, word=spot.word)
    pairs = list(zip(sources, found, strict=True))
    need_apart(pairs, target)
    return pairs


def need_apart(pairs: Sequence[tuple[Source, Copy]], target: End) -> None:
    """UsageError where a thing would be copied over, or into, itself."""
    for source, one in pairs:
        if source.end.label != target.label:
            continue
        if one.final == source.seen.path:
            raise UsageError(f"{target.label}{shown(one.final)} would be copied over itself")
        if source.seen.kind == "directory" and one.final.startswith(source.seen.path + b"/"):
            raise UsageError(f"{target.label}{shown(source.seen.path)} would be copied into itself")


def transfers_of(pairs: Sequence[tuple[Source, Copy]], target: End, meter: Meter) -> list[Transfer]:
    """What lies in one directory goes together; an engine gives one thing at a time."""
    made: list[Transfer] = []

    def together(pair: tuple[Source, Copy]) -> tuple[int, bytes, bytes]:
        return id(pair[0].end), posixpath.dirname(pair[1].source.path), pair[1].stage_in

    for _, group in groupby(pairs, key=together):
        members = list(group)
        end, its = members[0][0].end, tuple(one for _, one in members)
        apart = end.road is not None and end.road.kind == "engine"
        made += [Transfer(end, target, some, meter) for some in ([(one,) for one in its] if apart else [its])]
    return made


def _look(spots: Sequence[Spot], end: Here | There) -> Sequence[tuple[Seen, ...]]:
    if isinstance(end, Here):
        return [here.look(spot.path, pattern=True) for spot in spots]
    return end.look([spot.raw for spot in spots], writing=False)


def _there(spot: Spot, row: Sequence[Seen], end: Here | There) -> Sequence[Seen]:
    if rest := [seen for seen in row if seen.kind != "other"]:  # of what a pattern matches, as of a directory
        for seen in row:
            if seen not in rest:
                end.leave(special(seen.path))
        row = rest
    for seen in row:
        if not seen.there and set("*?[") & set(spot.path):
            outside = end.road is not None and end.road.kind == "engine"
            raise GpuwsError(f"nothing matches {plain(spot.word)}", NO_PATTERNS if outside else "")
        if not seen.there:
            raise GpuwsError(f"there is no {plain(spot.word)}")
        if seen.kind == "other":
            raise GpuwsError(f"{plain(spot.word)} is neither file, directory nor link")
        if seen.path == b"/":
            raise UsageError(f"{plain(spot.word)} is all there is", "name what is in it")
    return row


def _one(spot: Spot, row: Sequence[Seen]) -> Sequence[Seen]:
    if len(row) != 1:
        raise UsageError(f"{plain(spot.word)} matches several things: a destination is one")
    return row
