"""NVIDIA's binding (the module pynvml), cut down to what the agent uses.

All of it is 330 kB, which every host would have to receive, to compile and to keep in memory; a tenth is used."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

# A statement begins at the margin, unless it goes on with what is above: a decorator, or a branch of a statement.
_BEGIN = re.compile(r"^(?=[^\s#)\]}])(?!(?:else|elif|except|finally)\b)", re.MULTILINE)
_DECORATOR = re.compile(r"(?:[@#][^\n]*\n|\n)*\Z")
_NAME = re.compile(r"(?:[@#][^\n]*\n|\n)*(?:(?:def|class)\s+(\w+)|(\w+)(?:\.\w+)*\s*=(?!=))")
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"(?:nvml|NVML_|c_nvml)[\w%]*")
_IMPORT = re.compile(r"^(?:from [\w.]+ )?import (?P<name>\w+)\n", re.MULTILINE)
_STAND_INS = {"threading": {".Lock"}, "string": {".capwords"}, "wraps": {"("}}  # of what, what there is of it
_ERRORS = "NVML_ERROR_"  # the binding makes its exceptions of all names that begin so


def installed() -> str:
    """The source of the installed binding; it is not imported here."""
    spec = importlib.util.find_spec("pynvml")
    if spec is None or spec.origin is None:
        raise RuntimeError("nvidia-ml-py is a dependency of gpuws and is not installed")
    return Path(spec.origin).read_text(encoding="utf-8")


def needed(binding: str, users: Iterable[str]) -> str:
    """`binding` without the functions, classes and constants that nothing in `users` (sources) leads to.

    In users' texts `%s` stands for any part of a name. What is neither of the three stays."""
    statements = _statements(binding)
    named: dict[str, list[str]] = {}
    for name, statement in statements:
        named.setdefault(name, []).append(statement)
    calls = re.compile("|".join(sorted({_pattern(call) for text in users for call in _CALL.findall(text)})))
    open_ = {name for name in named if name.startswith(_ERRORS) or calls.fullmatch(name)}
    open_ |= {word for statement in named.get("", ()) for word in _WORD.findall(statement)} & named.keys()
    kept = {""}
    while open_:
        kept |= open_
        words = {word for name in open_ for statement in named[name] for word in _WORD.findall(statement)}
        open_ = (words & named.keys()) - kept
    return _small_imports("".join(statement for name, statement in statements if name in kept))


def _small_imports(source: str) -> str:
    """Without imports that nothing uses, and with `agent.stand_ins` for those of which it has all that is used."""

    def shrunk(found: re.Match[str]) -> str:
        name = found["name"]
        uses = set(re.findall(rf"\b{name}(\.\w+|\()", source))
        if not uses:
            return ""
        return f"from agent.stand_ins import {name}\n" if uses <= _STAND_INS.get(name, set()) else found[0]

    return _IMPORT.sub(shrunk, source)


def _pattern(call: str) -> str:
    return re.escape(call).replace("%s", r"\w+")


def _statements(source: str) -> list[tuple[str, str]]:
    """Each statement at the margin with the name that it gives, "" for none."""
    starts = [found.start() for found in _BEGIN.finditer(source)]
    texts = [source[a:b] for a, b in zip(starts, [*starts[1:], len(source)], strict=True)]
    found = [("", source[: starts[0]])]  # whose it is
    before = ""  # decorators
    for text in texts:
        text, before = before + text, ""
        if text.startswith("@") and _DECORATOR.match(text):
            before = text
            continue
        name = _NAME.match(text)
        found.append(((name[1] or name[2]) if name else "", text))
    return found
