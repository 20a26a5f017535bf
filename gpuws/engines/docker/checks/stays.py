"""A program that only speaks with a person ends at once where there is none to speak with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.existing.parse import rows
from gpuws.engines.docker.launch.wrapper import main_of
from gpuws.model.placement.plan import Check
from gpuws.model.session.shells import SHELLS

_PROMPTS = re.compile(r"i?python[\d.]*|pypy3?|node|irb|ghci|R|julia|lua|bpython|ptpython|sqlite3|bc")
"""Interpreters that read what a person types where they are given no program."""
_RUNS = frozenset({"-c", "-m", "-e", "--eval", "--command", "--init-command"})
"""Options behind which a program stands."""
REMEDY = "write command: [sleep, infinity] and enter it with gpuws attach; tty: true keeps its prompt"


def program(evidence: Evidence) -> Iterator[Check]:
    """Of the image's own command only where the image is there to be asked."""
    profile = evidence.profile
    if profile.tty or profile.stdin_open:
        return
    said = evidence.spec.command
    command = main_of(said) if said is not None else tuple(map(str, rows(evidence.image_config.get("Cmd"))))
    entrypoint = profile.entrypoint or tuple(map(str, rows(evidence.image_config.get("Entrypoint"))))
    words = [*entrypoint, *command] if prompts([*entrypoint[:1]]) or not command else command
    if not prompts(words):
        return
    own = said is None and profile.entrypoint is None
    what = f"the image's own command is `{words[0]}`" if own else f"`{' '.join(words)}`"
    text = f"{what}, which has no terminal and nothing to read: it ends at once"
    yield Check("command", "warn", text, REMEDY)


def prompts(words: Sequence[str]) -> bool:
    """Whether all it would do is to wait for what a person types: `bash -l`, and not `bash train.sh`."""
    if not words:
        return False
    name, rest = PurePosixPath(words[0]).name, words[1:]
    if name == "env" and rest:
        return prompts([word for word in rest if "=" not in word and not word.startswith("-")])
    if name == "busybox" and rest:
        return prompts(rest)
    known = name in SHELLS or name == "busybox" or _PROMPTS.fullmatch(name)
    return bool(known) and not any(word in _RUNS or not word.startswith("-") or _runs(word) for word in rest)


def _runs(word: str) -> bool:
    """`-lc` and the like."""
    return re.fullmatch(r"-[a-zA-Z]*[cme]", word) is not None and not word.startswith("--")
