"""Kinds of values that several files share, for pydantic. Loaded only where a file is validated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, model_validator

from gpuws.config.yaml.nodes import WrittenFloat, WrittenInt
from gpuws.config.yaml.scalar_kinds import CONTROL, DURATION, LOOSE_CONTROL, SIZE, schema, size_schema
from gpuws.model.host.host import NAME
from gpuws.model.moments import parse_duration
from gpuws.model.sizes import MOST, parse_size

_CONTROL = re.compile(f"[{CONTROL}]")
_LOOSE_CONTROL = re.compile(f"[{LOOSE_CONTROL}]")


class Section(BaseModel):
    """A map with known keys. `key: null` is the same as no key, so that a profile can unset what it inherits."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)
    INSTEAD: ClassVar[Mapping[str, str]] = {}
    """What to do instead of writing keys that people bring from elsewhere, by the key as `plainly` has it."""

    @model_validator(mode="before")
    @classmethod
    def _unset(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


def as_text(value: Any) -> str:
    """Text as written: numbers keep their spelling, true and false must be quoted."""
    if isinstance(value, bool):
        word = "true" if value else "false"
        raise ValueError(f'expected text, not {word}; write "{word}" in quotes if it is meant')
    if isinstance(value, WrittenInt | WrittenFloat):
        return value.text
    if not isinstance(value, str):
        raise ValueError("expected text")
    if _LOOSE_CONTROL.search(value):
        raise ValueError("expected text without control characters")
    return value


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("expected one line without control characters")
    if not value.strip():
        raise ValueError("expected text, not nothing")
    return value


def _swap_size(value: Any) -> int:
    return -1 if value in (-1, "-1") else parse_size(value)


def _duration(value: Any) -> float:
    if not isinstance(value, int | float | str):
        raise ValueError("expected a duration such as 30s, 30m or 1h30m")
    return parse_duration(value)


def _name(value: str) -> str:
    if not NAME.match(value) or len(value) > 128:
        raise ValueError("expected a name of letters, digits, dots, dashes and underscores")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


_LINE = rf"(?=.*\S)[^{CONTROL}]*"
Text = Annotated[
    str, BeforeValidator(as_text), WithJsonSchema(schema("string", "number", pattern=f"[^{LOOSE_CONTROL}]*"))
]
Line = Annotated[Text, AfterValidator(_one_line), WithJsonSchema(schema("string", "number", pattern=_LINE))]
Name = Annotated[
    Text,
    AfterValidator(_name),
    WithJsonSchema(schema("string", "number", pattern="[A-Za-z0-9._][A-Za-z0-9._-]{0,127}")),
]
Size = Annotated[int, BeforeValidator(parse_size), WithJsonSchema(size_schema(0))]
SwapSize = Annotated[
    int,
    BeforeValidator(_swap_size),
    WithJsonSchema(schema("integer", "string", pattern=f"-1|{SIZE}", minimum=-1, exclusiveMaximum=MOST)),
]
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema(schema("number", "string", pattern=DURATION, minimum=0, exclusiveMaximum=1e9)),
]
Lines = Annotated[list[Line], BeforeValidator(_as_list, json_schema_input_type=Line | list[Line])]
