"""The arguments of `docker run`, [FLAGS] IMAGE [COMMAND…], read into a profile: the table of flags, walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gpuws.config.imports.run.flags import BY_NAME
from gpuws.config.imports.run.reading import VARIABLE, Reading, is_digits, pairs
from gpuws.config.imports.run.values import gpu_named
from gpuws.config.imports.run.words import Word
from gpuws.config.yaml.problems import ConfigProblems, Problem, nearest, problem_at
from gpuws.model.sizes import parse_size

_ON = ("1", "t", "T", "true", "TRUE", "True")
_OFF = ("0", "f", "F", "false", "FALSE", "False")
_PERIOD = 100_000
"""Microseconds: what a quota is of where nothing is said."""
_USUAL_RUNTIMES = ("nvidia", "runc", "io.containerd.runc.v2")


def read_arguments(words: Sequence[Word], reading: Reading) -> None:
    """All of it. ConfigProblems where no image is named, or a flag is none of docker's, or its value is wrong."""
    problems: list[Problem] = []
    left = _read_flags(words, reading, problems)
    if not left:
        reading.line = words[-1].line if words else reading.line
        problems.append(problem_at(reading.mark, "", "expected an image after the flags of docker run"))
    else:
        reading.line = left[0].line
        reading.say("image", left[0].text)
    if len(left) > 1:
        reading.line = left[1].line
        reading.say("command", [word.text for word in left[1:]])
    _finish(reading, problems)
    for key, usual in (("init", False), ("user", "image")):
        if key not in reading.draft.said:
            reading.say(key, usual)


def read_flags(words: Sequence[Word], reading: Reading) -> None:
    """Flags alone, as another kind of recipe hands them on to docker. ConfigProblems as above, and where a word is
    left. Where each word means itself, texts are not escaped, and the draft is finished as its owner does."""
    problems: list[Problem] = []
    left = _read_flags(words, reading, problems)
    problems += (problem_at(replace(reading.mark, line=one.line), one.text, "expected flags only") for one in left)
    _finish(reading, problems)


def _finish(reading: Reading, problems: list[Problem]) -> None:
    reading.written = ""
    for finish in (_gpus, _runtime, _swap, _quota, _log):
        try:
            finish(reading)
        except ValueError as error:
            problems.append(problem_at(reading.mark, reading.written, str(error)))
    if problems:
        raise ConfigProblems(problems)


def _read_flags(words: Sequence[Word], reading: Reading, problems: list[Problem]) -> Sequence[Word]:
    """What is left: the image and its command."""
    left = list(words)
    while left and left[0].text.startswith("-") and left[0].text != "-":
        word = left.pop(0)
        if word.text == "--":
            break
        reading.line = word.line
        try:
            _read_one(word.text, left, reading)
        except ValueError as error:
            problems.append(problem_at(reading.mark, reading.written, str(error)))
        except LookupError:
            problems.append(_unknown(reading))
            break  # whether a word follows it, nobody knows
    else:
        return left
    return left if not problems else left or [Word("", reading.line)]


def _read_one(text: str, left: list[Word], reading: Reading) -> None:
    """One word of flags, and the value behind it. LookupError where docker has no such flag."""
    if text.startswith("--"):
        name, equals, value = text[2:].partition("=")
        _apply(name, f"--{name}", value if equals else None, left, reading)
        return
    letters = text[1:]
    while letters:
        name, letters = letters[0], letters[1:]
        reading.written = f"-{name}"
        joined = letters.startswith("=") or not BY_NAME[name].switch
        _apply(name, f"-{name}", letters.removeprefix("=") if joined and letters else None, left, reading)
        letters = "" if joined else letters


def _apply(name: str, written: str, value: str | None, left: list[Word], reading: Reading) -> None:
    reading.written = written
    flag = BY_NAME[name]
    if flag.switch:
        value = _switched(value)
    elif value is None:
        if not left:
            raise ValueError("expected a value behind it")
        value = left.pop(0).text
    reading.written = written if flag.switch and value == "true" else f"{written} {value}"
    if flag.put is not None:
        reading.written = written if flag.switch or flag.names[0] in ("env", "label") else reading.written
        flag.put(reading, value)
    elif flag.why and value != flag.usual:
        reading.lose(flag.why, flag.instead)


def _switched(value: str | None) -> str:
    if value is None or value in _ON:
        return "true"
    if value in _OFF:
        return "false"
    raise ValueError(f"expected true or false, not {value}")


def _unknown(reading: Reading) -> Problem:
    written = reading.written
    near = nearest(written.lstrip("-"), [name for name in BY_NAME if len(name) > 1]) if len(written) > 2 else ""
    return problem_at(reading.mark, written, "docker run has no such flag", near and f"--{near}")


def _at(reading: Reading, part: str) -> None:
    reading.line = reading.marks[part].line


def _gpus(reading: Reading) -> None:
    """`--gpus`, CDI's devices, device files, and the variable that NVIDIA's runtime reads: all say which GPUs."""
    named = reading.parts.get("gpus")
    if named is None and "visible" in reading.parts:
        _at(reading, "visible")
        named = [word for word in (reading.last("visible") or "void").split(",") if word not in ("void", "none")]
    elif named is not None:
        _at(reading, "gpus")
    if not named:
        return
    if "all" in named:
        reading.say("gpus", "all")
    elif counts := [word for word in named if word.startswith("count=")]:
        count = counts[-1].removeprefix("count=")
        reading.say("gpus", int(count) if is_digits(count) else count)
    elif found := [one for word in dict.fromkeys(named) if (one := gpu_named(reading, word)) is not None]:
        reading.say("gpus", found)


def _runtime(reading: Reading) -> None:
    """NVIDIA's is what `gpus` asks for. Where nobody says which, its images ask for all."""
    if (runtime := reading.last("runtime")) is None:
        return
    _at(reading, "runtime")
    if runtime == "nvidia" and not {"gpus", "visible"} & reading.parts.keys():
        reading.say("gpus", "all")
        why = "which GPUs, its image says, and NVIDIA's images say all"
        reading.lose(why, "gpus: 1, or --gpus when it is launched", "--runtime nvidia")
    elif runtime not in _USUAL_RUNTIMES:
        reading.lose("a profile runs with the engine's own runtime", "", f"--runtime {runtime}")


def _swap(reading: Reading) -> None:
    """Where nothing is said of swap, docker gives as much again as memory."""
    memory, swap = reading.last("memory"), reading.last("swap")
    if swap is None and memory is not None and not VARIABLE.search(memory):
        swap = _doubled(memory)
    if swap is not None and swap != "0":
        _at(reading, "swap" if "swap" in reading.parts else "memory")
        reading.say("memswap_limit", int(swap) if swap == "-1" or is_digits(swap) else swap)


def _doubled(memory: str) -> str | None:
    """None: it is no size, and its own key says so."""
    try:
        size = 2 * parse_size(int(memory) if is_digits(memory) else memory)
    except ValueError:
        return None
    return str(size)


def _quota(reading: Reading) -> None:
    """A quota of time comes to a number of CPUs."""
    if (quota := reading.last("quota")) is None or quota in ("0", "-1"):
        return
    _at(reading, "quota")
    reading.written = "--cpu-quota"
    period = reading.last("period") or str(_PERIOD)
    if not (is_digits(quota) and is_digits(period) and int(period)):
        raise ValueError("expected microseconds")
    reading.say("cpus", round(int(quota) / int(period), 3))


def _log(reading: Reading) -> None:
    driver, options = reading.last("log driver"), reading.parts.get("log option", [])
    if driver is None and not options:
        return
    _at(reading, "log driver" if driver else "log option")
    said: dict[str, Any] = {"driver": driver or "json-file"}
    reading.say("logging", {**said, **({"options": dict(pairs(options))} if options else {})})
