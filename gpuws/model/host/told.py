"""How what gpuws runs on a host is told in its log: in one line, without secrets, long scripts cut. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from gpuws.model.secret import HIDDEN, masked, masked_words
from gpuws.model.text import plain

LONGEST_WORD = 200
LONGEST = 700
"""Characters of a word and of a whole command that are kept: scripts of gpuws' own are longer."""

_NAME = r"[A-Za-z_]\w*="
_BARE = r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")*"
_QUOTED = r"(?:[^']|'\"'\"')*"
_GIVEN = re.compile(rf"\benv(?:\s+(?:'{_NAME}{_QUOTED}'|\"{_NAME}[^\"]*\"|{_NAME}{_BARE}))+")
"""`env A=b 'C=d e' …` in a script: gpuws itself gives a program its variables so."""
_VALUE = re.compile(rf"(?<=')({_NAME}){_QUOTED}(?=')|(?<=\")({_NAME})[^\"]*(?=\")|(?<=\s)({_NAME}){_BARE}")
_SET = ("-e", "--env")
_SAID = ("-u", "--user", "-p")
"""`curl -u NAME:PASSWORD`, `sshpass -p PASSWORD`."""
_ID = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


def words_told(argv: Sequence[str]) -> str:
    """A command line to be read, without what looks like a secret; a long script only as it begins."""
    return _short(" ".join(shlex.quote(_cut(word)) for word in _without_values(masked_words(argv))))


def request_told(method: str, target: str, argv: Sequence[str] = ()) -> str:
    """A call of the engine without its query, which may hold what is nobody's business. `argv`: what it is to run."""
    path = _ID.sub(r"\1", re.sub(r"^/v\d+\.\d+(?=/)", "", target.partition("?")[0]))
    return _short(f"{method} {masked(path)}{': ' + words_told(argv) if argv else ''}")


def reason_told(text: str) -> str:
    """A sentence of ours, which may quote a host."""
    return plain(masked(text), 200)


def _without_values(words: Iterable[str]) -> Iterator[str]:
    """No value of a variable that a command is given, and no password of an option, whatever it looks like."""
    option, program, environment = "", "", False
    for number, word in enumerate(words):
        name, equals, _ = word.partition("=")
        program = program or word.rpartition("/")[2]
        environment = environment if number and (equals or word.startswith("-")) else word.rpartition("/")[2] == "env"
        if equals and (option in _SET or (environment and name.isidentifier())):
            yield f"{name}={HIDDEN}"
        elif equals and (name in _SET or (word.startswith("-e") and name[2:].isidentifier())):
            inner = word.removeprefix("--env=") if name == "--env" else word[2:]
            yield f"{word[: len(word) - len(inner)]}{inner.partition('=')[0]}={HIDDEN}"
        elif option in _SAID and (":" in word or (option == "-p" and program == "sshpass")):
            yield f"{word.partition(':')[0]}:{HIDDEN}" if ":" in word else HIDDEN
        else:
            yield _GIVEN.sub(lambda found: _VALUE.sub(rf"\1\2\3{HIDDEN}", found[0]), word)
        option = word


def _cut(word: str) -> str:
    word = re.sub(r"\s+", " ", plain(word, len(word) + 1))
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"


def _short(text: str) -> str:
    return plain(text, LONGEST)
