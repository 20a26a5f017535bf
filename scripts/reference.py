"""Pages of the documentation that are written from the code: `python -m scripts.reference` writes `docs/json.md` from
the types of the documents and `docs/commands.md` from the commands."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from gpuws.present.documents.fields.commands import DOCUMENTS
from scripts.grammar import Page, grammar, sections

DOCS = Path(__file__).parent.parent / "docs"
JSON_HEAD = """# What `--json` prints

Every listing takes `--json`, and so do commands that print what they made. A field keeps its name and meaning; new ones
are added. The unit is the end of a name: bytes, percent, seconds, °C, W. *time* is RFC 3339 in UTC. Unknown is `null`,
never 0. Text from a host is data: no character in it steers a terminal.

A host that failed does not hide the others: its `state` and `error` say why, and the exit code is 3 (`--allow-partial`:
0). `gpuws gpus --watch --json` prints such a document again and again, each on a line of its own. This
page is written by `python -m scripts.reference` from the types in `gpuws/present/documents`.
"""
COMMANDS_HEAD = """# Commands

As `--help` says it, in its groups. `GPUWS_DEMO=1` before an example runs it on a simulated fleet.
Every command also takes `--config-dir DIR`, `--readonly` and `--help`. What `--json` prints is in [json.md](json.md).
This page is written by `python -m scripts.reference`.
"""
NAMES = {int: "integer", float: "number", str: "string", bool: "boolean", NoneType: "null"}


def json_page() -> str:
    """Every document under the commands that print it, its parts behind it, each once."""
    parts, told = [JSON_HEAD], set[type]()
    for document in dict.fromkeys(DOCUMENTS.values()):
        first, *others = (f"gpuws {name}" for name, each in DOCUMENTS.items() if each is document)
        same = f" The same of {', '.join(f'`{name}`' for name in others)}." if others else ""
        parts.append(f"## {first}\n\n{inspect.getdoc(document)}{same}\n")
        parts += [_table(each, heading=each is not document) for each in _within(document) if each not in told]
        told.update(_within(document))
    return "\n".join(parts)


def _within(kind: type) -> Iterator[type]:
    """`kind` and the types of its fields, from the outside in."""
    yield kind
    for hint in get_type_hints(kind).values():
        for each in _types(hint):
            yield from _within(each)


def _types(hint: Any) -> Iterator[type]:
    if is_typeddict(hint):
        yield hint
    for each in get_args(hint):
        yield from _types(each)


def _table(kind: type, *, heading: bool) -> str:
    said = _said(kind)
    rows = [
        f"| `{name}` | {_kind(hint)} | {said.get(name, '')} |"
        for name, hint in get_type_hints(kind, include_extras=True).items()
    ]
    head = [f"### {_called(kind)}\n", f"{inspect.getdoc(kind)}\n"] if heading else []
    return "\n".join([*head, "| field | type | meaning |", "|---|---|---|", *rows, ""])


def _called(kind: type) -> str:
    """`MIG`, `held by` …: what a part is called in prose."""
    return " ".join(re.findall("[A-Z][a-z]*", kind.__name__.removesuffix("Row"))).lower()


def _kind(hint: Any) -> str:
    """A type as JSON knows it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"*{args[1]}*"
    if origin is NotRequired:
        return f"{_kind(args[0])}, not always there"
    if origin in (Union, UnionType):
        return " or ".join(map(_kind, args))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in args)
    if origin is list:
        return f"list of {_kind(args[0])}"
    return NAMES.get(hint) or f"[{_called(hint)}](#{_called(hint).replace(' ', '-')})"


def _said(kind: type) -> Mapping[str, str]:
    """The sentence under each field, those of the types it extends, too."""
    found: dict[str, str] = {}
    module = sys.modules[kind.__module__]
    one = _classes(module)[kind.__name__]
    for base in one.bases:
        if isinstance(base, ast.Name) and base.id != "TypedDict":
            found |= _said(getattr(module, base.id))
    found |= _under(one.body)
    return found


def _classes(module: ModuleType) -> Mapping[str, ast.ClassDef]:
    return {one.name: one for one in ast.parse(inspect.getsource(module)).body if isinstance(one, ast.ClassDef)}


def _under(body: list[ast.stmt]) -> Mapping[str, str]:
    return {
        field.target.id: " ".join(told.value.value.split())
        for field, told in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant) and isinstance(told.value.value, str)
    }


def commands_page() -> str:
    """All commands, those of one group under its title."""
    top = {each.words[1]: each for each in grammar().subcommands}
    parts = [COMMANDS_HEAD]
    for title, names in sections().items():
        parts.append(f"## {title}\n")
        parts += [_command(page) for name in names for page in top[name].all()]
    return "\n".join(parts)


def _command(page: Page) -> str:
    rows = [f"| {_code(typed)} | {text} |" for typed, text in (*page.arguments, *page.options)]
    return "\n".join(
        [
            f"### {page.name}\n",
            f"```\n{page.usage}\n```\n",
            *(f"{paragraph}\n" for paragraph in page.about),
            *(["| | |", "|---|---|", *rows, ""] if rows else []),
            "```sh",
            *page.examples,
            "```\n",
        ]
    )


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


if __name__ == "__main__":
    (DOCS / "json.md").write_text(json_page(), encoding="utf-8")
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
