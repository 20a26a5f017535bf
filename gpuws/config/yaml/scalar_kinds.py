"""What a scalar may be, said once for the reader of files and for editors. Loaded only where a file is validated.

Patterns are those that Python and ECMAScript read alike; they must match the whole text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from gpuws.model.sizes import MOST

CONTROL = r"\u0000-\u001f\u007f-\u009f"
LOOSE_CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # tabs and line ends are text
SIZE = r"\s*[0-9]{1,20}(?:\.[0-9]{1,20})?\s*[kKmMgGtTpP]?[iI]?[bB]?\s*"
DURATION = r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+"
PORT = r"0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
VARIABLE = rf"[^\s={CONTROL}]+"
# `NAME=VALUE`, or `NAME` where the environment may give the value.
_ENVIRONMENT_LINE = rf"^(?:{VARIABLE}(?:=[^{LOOSE_CONTROL}]*)?)$"
LINE_OF = {
    "environment": _ENVIRONMENT_LINE,
    "args": _ENVIRONMENT_LINE,
    "ulimits": r"^(?:[a-z]+=(?:-1|[0-9]{1,18})(?::(?:-1|[0-9]{1,18}))?)$",
    "labels": rf"^(?:(?!gpuws\.)[^=]+=[^{LOOSE_CONTROL}]*)$",
}
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
IPV6 = r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"


def schema(*types: str, pattern: str | None = None, **limits: Any) -> dict[str, Any]:
    """JSON Schema of scalars. `pattern` holds for texts, `limits` for numbers."""
    told = {"pattern": f"^(?:{pattern})$"} if pattern is not None else {}
    return {"type": types[0] if len(types) == 1 else list(types), **told, **limits}


def size_schema(least: int) -> dict[str, Any]:
    """Of a size in bytes or as `64g`."""
    return schema("integer", "string", pattern=SIZE, minimum=least, exclusiveMaximum=MOST)


@dataclass(frozen=True, eq=False)
class Matching:
    """Text that matches a pattern; `expected` says so to people. `also`: a number it may be written as."""

    pattern: str
    expected: str
    also: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = schema("string", pattern=self.pattern)
        return {"anyOf": [text, dict(self.also)]} if self.also else text

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"expected {self.expected}")
        return value
