"""Plain words as YAML 1.2 core reads them: `no` is text, `22:22` is text, `0123` is 123. Pure."""

from __future__ import annotations

import re

from gpuws.config.yaml.nodes import Value

_INT = re.compile(r"[-+]?[0-9]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Longer ones are identifiers, not quantities; Python refuses to convert very long ones.
_MAX_DIGITS = 40


def resolve(text: str) -> Value:
    """The value of an unquoted scalar."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _INT.match(text):
        return int(text)
    if _HEX.match(text) or _OCTAL.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else text
