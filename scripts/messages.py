"""The page of all that gpuws says when something is wrong, collected from the code: `python -m scripts.messages`
writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from gpuws.model import errors
from gpuws.model.checkup.gpus import FIXES
from gpuws.model.gpu.fault import FaultKind
from gpuws.present import host_state
from gpuws.verify.answers import KNOWN
from scripts.sentences import UNKNOWN, Call, Module

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "messages.md"
CHECK = {"Check": ("name", "status", "detail", "remedy")}
CHECKUP = "engines/docker/checks/checkup.py"
DOCTOR = ("model/checkup/reach.py", "model/checkup/*.py", CHECKUP, "engines/docker/checks/hosts.py")
LAUNCH = ("engines/docker/checks/*.py", "engines/docker/launch/*.py", "model/placement/*.py")
OUTSIDE = ("gpuws/fleet/demo/", "gpuws/probe/agent/")
"""Not a person's own lab; and what is told as a fault."""
INTRODUCTION = """# Messages

What gpuws says when something is wrong, and what to do about it. [Troubleshooting](troubleshooting.md) begins where you
are; this page is for searching. `…` stands for a name, a number or another program's words. A dash: the sentence says
all, or the fix depends on what stands in place of `…`. This page is written by `python -m scripts.messages`.
"""
CODES = {
    3: "A host was not reached, or refused",
    5: "Refused: read-only, not confirmed, or checks that failed",
    4: "No such target, or more than one",
    2: "The command or a file is wrong",
    1: "The action failed",
}
ABOUT = {
    3: """A host that was lost is tried again by itself; `ctrl+r` on the screen tries now. One that refused a login is
not: servers ban for it. `gpuws doctor HOST` says more.""",
    5: "Nothing was begun. What is asked before what: [security.md](security.md#what-is-asked-before-harm).",
    4: "`gpuws ps -a`, `gpuws tmux ls` and `gpuws hosts` list what there is.",
    2: "Nothing was begun. Each command's `--help` says what it takes.",
    1: "What another program said stands in the sentence. Where it names the log: `gpuws paths` says where that is.",
}
"""By exit code."""


@dataclass(frozen=True, slots=True)
class Row:
    said: str
    remedy: str
    name: str = ""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, *_states()]
    parts += ["## Why GPUs can't be read", "", *_table(_faults())]
    parts += [
        "## Rows of the doctor",
        "Those that warn or fail; what is well needs no fix. A bare `…` is a sentence of another table.",
        "",
    ]
    parts += _table(_rows(_files(DOCTOR)), "row")
    parts += ["## Rows before a launch", "What they look at: [launching.md](launching.md#the-rows).", ""]
    parts += _table(_rows(one for one in _files(LAUNCH) if one not in _files([CHECKUP])), "row")
    parts += ["## What verifying torch finds", "`gpuws verify TARGET` and `launch --verify`, exit code 1.", ""]
    parts += _table(_verified())
    found = [*_errors()]
    for code, title in CODES.items():
        parts += [f"## {title} (exit code {code})", ABOUT[code], ""]
        parts += _table(row for own, row in found if own == code)
    parts += ["## Inside a file", "Each with its file, line, column and key, all of a file at once, exit code 2.", ""]
    parts += [f"- {_cell(row.said)}" for row in dict.fromkeys(_in_files())]
    return "\n".join([*parts, ""])


def _states() -> Iterator[str]:
    yield from ["## States of a host", "", "| sign | state | means | key |", "|---|---|---|---|"]
    for state, (sign, _) in host_state.GLYPHS.items():
        yield f"| {sign} | `{state}` | {host_state.WORDS[state]} | {host_state.HINTS.get(state) or '–'} |"
    yield ""


def _faults() -> Iterator[Row]:
    """Those that have a fix of their own, then what the probe says of a kind."""
    files = sorted((ROOT / "gpuws" / "probe").rglob("*.py"))
    for call in _calls(files, {"Fault": ("kind", "text", "remedy")}):
        yield from (row for row in _paired(call.words[1], call.words[2]) if row.remedy)
    kinds = get_args(FaultKind)
    for path in files:
        for call in Module(ast.parse(path.read_text("utf-8"))).after(kinds):
            fixes = [fix for kind, fix in FIXES.items() if kind == call.name]
            yield from _paired((text for text in call.words[0] if text not in kinds), fixes)


def _rows(files: Iterable[Path]) -> Iterator[Row]:
    for call in _calls(files, CHECK):
        names, status, details, remedies = call.words
        if set(status) & {"warn", "fail", UNKNOWN}:
            found = [*_paired(details, remedies, names[0])]
            yield from found or (Row(UNKNOWN, row.remedy, names[0]) for row in _paired(["none of its own"], remedies))


def _verified() -> Iterator[Row]:
    """What torch itself says and means, then what is wrong before or after it."""
    for _, sentence, remedy in KNOWN:
        yield Row(re.sub(r"\{\w+\}", UNKNOWN, sentence), remedy)
    wanted = {"Verification": ("python", "torch", "cuda", "devices", "problem", "remedy")}
    for call in _calls(_files(["verify/answers.py"]), wanted):
        yield from _paired(call.words[4], call.words[5])


def _errors() -> Iterator[tuple[int, Row]]:
    """Exit code and sentence of every error that is made anywhere."""
    files = _files(["**/*.py"])
    codes = _codes(files)
    for call in _calls(files, dict.fromkeys(codes, ("message", "remedy"))):
        for row in _paired(call.words[0], call.words[1]):
            yield codes[call.name], row


def _codes(files: Iterable[Path]) -> dict[str, int]:
    """Class of error → its exit code, those of other files by what they derive from."""
    codes = {name: kind.exit_code for name, kind in vars(errors).items() if isinstance(kind, type)
             and issubclass(kind, errors.GpuwsError)}  # fmt: skip
    for path in files:
        for name, bases in re.findall(r"^class (\w+)\(([^)]*)\):", path.read_text("utf-8"), re.MULTILINE):
            known = [codes[base] for base in re.findall(r"\w+", bases) if base in codes]
            codes.update({name: known[0]} if known and name not in codes else {})
    return codes


def _in_files() -> Iterator[Row]:
    wanted = {"ValueError": ("message",), "problem_at": ("mark", "key", "message", "suggestion")}
    for call in _calls(_files(["config/**/*.py"]), wanted):
        yield from _paired(call.words[2] if call.name == "problem_at" else call.words[0], ("",))


def _files(patterns: Iterable[str]) -> list[Path]:
    """Each once, in the order of the patterns."""
    found = (path for pattern in patterns for path in sorted((ROOT / "gpuws").glob(pattern)))
    return [path for path in dict.fromkeys(found) if not str(path.relative_to(ROOT)).startswith(OUTSIDE)]


def _calls(files: Iterable[Path], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Call]:
    for path in files:
        text = path.read_text("utf-8")
        if any(f"{name}(" in text for name in wanted):
            yield from Module(ast.parse(text)).calls(wanted)


def _paired(said: Iterable[str], remedies: Iterable[str], name: str = "") -> Iterator[Row]:
    """A row for each wording that says something of its own; where nothing is known beforehand there is nothing to
    search for."""
    fixes = _general([_tidy(text) for text in remedies if re.search(r"\w", text)])
    for text in _general([_tidy(text) for text in said if re.search(r"[A-Za-z]{2,}", text) and "()" not in text]):
        yield Row(text, " · ".join(fixes), name)


def _general(texts: list[str]) -> list[str]:
    """Without those that another one stands for, its `…` being anything."""
    patterns = {text: ".*".join(map(re.escape, text.split(UNKNOWN))) for text in texts}
    return [text for text in patterns if not any(re.fullmatch(patterns[one], text) for one in patterns if one != text)]


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(rf"{UNKNOWN}(?:\s*{UNKNOWN})+", UNKNOWN, text)).strip()


def _table(rows: Iterable[Row], first: str = "") -> list[str]:
    unique = {(row.name, row.said): row for row in reversed([*rows])}  # of two with one wording the first
    head = (
        [f"| {first} | it says | what to do |", "|---|---|---|"] if first else ["| it says | what to do |", "|---|---|"]
    )
    lines = [
        f"| `{row.name}` " * bool(first) + f"| {_cell(row.said)} | {_cell(row.remedy) or '–'} |"
        for row in reversed(unique.values())
    ]
    return [*head, *lines, ""]


def _cell(text: str) -> str:
    """As Markdown shows it as it is."""
    return re.sub(r"([\\|*_<>\[\]])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
