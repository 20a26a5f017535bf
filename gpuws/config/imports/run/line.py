"""A text with a `docker run` line in it, as people paste it from wikis, notes and histories, as a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gpuws.config.imports.draft import Draft
from gpuws.config.imports.run.arguments import read_arguments
from gpuws.config.imports.run.places import Place, places
from gpuws.config.imports.run.reading import Reading
from gpuws.config.imports.run.recipe import finished
from gpuws.config.imports.run.words import Words, one_kind_of_ends, split
from gpuws.model.errors import UsageError
from gpuws.model.profile.imported import Imported, Lost

_SET = re.compile(r"([A-Za-z_]\w*)=(\S*)")
_SET_ALONE = re.compile(r"\s*(?:[$>]\s+)?(?:export\s+)?([A-Za-z_]\w*)=([^\s;&|$`]+)\s*;?\s*\Z")
_ELSEWHERE = re.compile(r"\bssh\s+(?:-\S+\s+)*([\w.@-]+)\s+\S*\Z")
_QUOTES = "'\"`"
_SAYS_NOTHING = re.compile(r"\s*(?:#.*|```.*|~~~.*)?\Z")
_MOST_LINES = 8
"""That are named by their number."""
_ENGINE = ("which engine it runs on is said when it is launched", "-H HOST")


def read_run_lines(text: str, name: str, source: str) -> tuple[Imported, ...]:
    """A profile for each line of `docker run` in a text. Nothing of it is run, no variable looked up.

    UsageError where there is none; ConfigProblems say what is wrong with one."""
    text = one_kind_of_ends(text)
    made: list[Imported] = []
    spans: list[range] = []
    for place in places(text):
        if spans and place.line in spans[-1]:
            continue  # a word of the one before
        words = _words(text, place)
        spans.append(range(place.line, words.last + 1))
        made.append(_imported(place, words, name, source, text))
    if not made:
        raise UsageError("there is no docker run line in it", "such as docker run --gpus all IMAGE")
    return (_with_others(made[0], text, spans[0]),) if len(made) == 1 else tuple(made)


def _words(text: str, place: Place) -> Words:
    """The words behind `run`. In quotes, or in brackets, the command ends with them."""
    before, stop = place.before.rstrip(), len(text)
    quote = before[-1:]
    if quote and quote in _QUOTES and before.count(quote) % 2 and (closing := text.find(quote, place.end)) > 0:
        stop = closing
    words = split(text[place.end : stop], 1 + text.count("\n", 0, place.end))
    if quote == "(" and words.rest == ")":
        words.rest = ""
    return words


def _imported(place: Place, words: Words, name: str, source: str, text: str) -> Imported:
    reading = Reading(Draft(source), words.expansions, line=place.line)
    _read_before(place, reading)
    read_arguments(words.words, reading)
    if words.rest:
        reading.line = words.last
        reading.lose("a shell's own, not part of the container", "", words.rest)
    above = text.split("\n")[: place.line]
    known = {match[1]: match[2].strip("'\"") for match in map(_SET_ALONE.match, above) if match}
    return finished(reading, name, known)


def _read_before(place: Place, reading: Reading) -> None:
    """What stands in front: another engine, variables for docker's program, the GPUs of old for `nvidia-docker`."""
    if place.above:
        reading.lose(*_ENGINE, what=f"{place.program} {place.above}")
    if elsewhere := _ELSEWHERE.search(place.before):
        reading.lose("which host it runs on is said when it is launched", "-H HOST", f"ssh {elsewhere[1]}")
    for name, value in _SET.findall(place.before):
        match name:
            case "NV_GPU":
                for gpu in value.strip("'\"").split(","):
                    reading.keep("gpus", gpu)
            case "DOCKER_HOST" | "DOCKER_CONTEXT":
                reading.lose(*_ENGINE, what=f"{name}={value}")
            case "CUDA_VISIBLE_DEVICES":
                reading.lose("docker does not hand it on", "gpus: [0, 1] gives it those", f"{name}={value}")
    if place.program.startswith("nvidia-docker"):
        reading.keep("runtime", "nvidia")


def _with_others(one: Imported, text: str, span: Sequence[int]) -> Imported:
    """With a line about the other lines of the text, that nobody may think they are done."""
    lines = enumerate(text.split("\n"), 1)
    others = [number for number, line in lines if number not in span and not _SAYS_NOTHING.match(line)]
    if not others:
        return one
    shown = ", ".join(map(str, others[:_MOST_LINES])) + (" …" if len(others) > _MOST_LINES else "")
    what = f"line{'s' if len(others) > 1 else ''} {shown}"
    return replace(one, lost=(*one.lost, Lost(what, 0, "not read: only docker run is")))
