"""JSON Schema as far as ours goes: a keyword that is not here fails the test, so that nothing is passed over."""

from __future__ import annotations

import re

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
TOLD = {"description", "$schema", "$defs", "default", "title"}


def accepts(schema, value, root=None) -> bool:
    """Whether `value` is as `schema` says (draft-07)."""
    root = root or schema
    return all(RULES[key](told, value, schema, root) for key, told in schema.items() if key not in TOLD)


def is_a(name, value):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("number", "integer"))


def of_type(told, value, schema, root):
    return any(is_a(name, value) for name in ([told] if isinstance(told, str) else told))


def reference(told, value, schema, root):
    return accepts(root["$defs"][told.removeprefix("#/$defs/")], value, root)


def only(kind, rule):
    """A keyword that says nothing of other types."""
    return lambda told, value, schema, root: not is_a(kind, value) or rule(told, value, schema, root)


def matches(told, value, schema, root):
    """Without a dollar's leave to match before a line end, which ECMAScript does not give."""
    return re.search(re.sub(r"\$$", r"\\Z", told), value) is not None


def unlisted(told, value, schema, root):
    patterns = schema.get("patternProperties", ())
    others = {
        key: inner
        for key, inner in value.items()
        if key not in schema.get("properties", {}) and not any(re.search(pattern, key) for pattern in patterns)
    }
    return not others if told is False else all(accepts(told, inner, root) for inner in others.values())


def unique(told, value, schema, root):
    return not told or all(one not in value[:at] for at, one in enumerate(value))


RULES = {
    "type": of_type,
    "$ref": reference,
    "enum": lambda told, value, schema, root: value in told,
    "anyOf": lambda told, value, schema, root: any(accepts(option, value, root) for option in told),
    "pattern": only("string", matches),
    "minLength": only("string", lambda told, value, schema, root: len(value) >= told),
    "maxLength": only("string", lambda told, value, schema, root: len(value) <= told),
    "minimum": only("number", lambda told, value, schema, root: value >= told),
    "maximum": only("number", lambda told, value, schema, root: value <= told),
    "exclusiveMinimum": only("number", lambda told, value, schema, root: value > told),
    "exclusiveMaximum": only("number", lambda told, value, schema, root: value < told),
    "items": only("array", lambda told, value, schema, root: all(accepts(told, one, root) for one in value)),
    "minItems": only("array", lambda told, value, schema, root: len(value) >= told),
    "uniqueItems": only("array", unique),
    "required": only("object", lambda told, value, schema, root: all(key in value for key in told)),
    "properties": only(
        "object",
        lambda told, value, schema, root: all(accepts(told[key], value[key], root) for key in told if key in value),
    ),
    "patternProperties": only(
        "object",
        lambda told, value, schema, root: all(
            accepts(inner, value[key], root)
            for pattern, inner in told.items()
            for key in value
            if re.search(pattern, key)
        ),
    ),
    "propertyNames": only("object", lambda told, value, schema, root: all(accepts(told, key, root) for key in value)),
    "additionalProperties": only("object", unlisted),
}
