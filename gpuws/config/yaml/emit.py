"""Values as YAML text that reads back as themselves, plain where that is safe. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from gpuws.config.yaml.scalars import resolve

WIDTH = 88  # characters; what is longer gets a line for each of its parts

_PLAIN = re.compile(r"(?:--?(?=[A-Za-z]))?[A-Za-z0-9_./~][A-Za-z0-9_./~@+-]*(?::[A-Za-z0-9_./~@+-]+)*\Z")
# Words that other readers of YAML, older ones, take for booleans, numbers (to base 60 too) or dates.
_MISREAD = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|[-+]?\.(?:inf|nan))\Z"
    r"|[-+]?[0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?\Z|[-+]?0[a-z]?[0-9a-f_]+\Z|[0-9:.+-]*:[0-9:.]*\Z|[0-9]{4}-[0-9]",
    re.IGNORECASE,
)
# What a literal block can't hold: what YAML calls unprintable, and what some readers take for a line's end.
_NOT_LITERAL = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def word(text: str) -> str:
    """A text, in quotes unless every reader takes it for one."""
    if _PLAIN.match(text) and not _MISREAD.match(text) and isinstance(resolve(text), str):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def flow(value: Any) -> str:
    """Any value in one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{word(str(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(flow(inner) for inner in value) + "]"
        case str():
            return word(value)
    return json.dumps(value)


def block(key: str, value: Any, indent: int = 0) -> str:
    """`key: value` in as many lines as read well: short values in one, texts of several lines as they are."""
    return f"{' ' * indent}{word(key)}:{_value(value, indent + 2, len(key) + 2)}"


def _value(value: Any, indent: int, used: int) -> str:
    """What stands after `key:` or `-`; `used`: how much of the line they take."""
    lead = " " * indent
    if isinstance(value, str) and (mark := _literal(value)):
        body = value.removesuffix("\n").split("\n")
        return f" {mark}\n" + "".join(f"{lead}{line}\n" if line else "\n" for line in body)
    line = flow(value)
    if indent + used + len(line) > WIDTH or _has_literal(value):
        if isinstance(value, dict) and value:
            return "\n" + "".join(block(str(name), inner, indent) for name, inner in value.items())
        if isinstance(value, list | tuple) and value:
            return "\n" + "".join(f"{lead}-{_beside(_value(item, indent + 2, 2))}" for item in value)
    return f" {line}\n"


def _beside(text: str) -> str:
    """What stands after `-`: the first line of several beside it."""
    return f" {text[1:].lstrip(' ')}" if text.startswith("\n") else text


def _has_literal(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(_literal(item) if isinstance(item, str) else _has_literal(item) for item in inner)


def _literal(text: str) -> str | None:
    """The mark of a literal block that holds `text` as it is; None where it needs quotes."""
    body = text.removesuffix("\n")
    if "\n" not in body or body[0] in " \n" or body.endswith("\n") or _NOT_LITERAL.search(text):
        return None
    return "|" if body != text else "|-"
