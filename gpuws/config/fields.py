"""Kinds of values that several files share, for pydantic. Loaded only where a file is validated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from gpuws.config.durations import parse_duration
from gpuws.config.nodes import WrittenFloat, WrittenInt
from gpuws.model import units
from gpuws.model.host import NAME

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_LOOSE_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # tabs and line ends are text


class Section(BaseModel):
    """A map with known keys. `key: null` is the same as no key, so that a profile can unset what it inherits."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _unset(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data


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


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a size such as 64g or 512m")
    size = value if isinstance(value, int) else units.parse_size(value)
    if not 0 <= size < 1 << 60:
        raise ValueError("expected a size such as 64g or 512m")
    return int(size)


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


Text = Annotated[str, BeforeValidator(as_text, json_schema_input_type=str | int | float)]
Line = Annotated[Text, AfterValidator(_one_line)]
Name = Annotated[Text, AfterValidator(_name)]
Size = Annotated[int, BeforeValidator(_size, json_schema_input_type=int | str)]
Duration = Annotated[float, BeforeValidator(_duration, json_schema_input_type=int | float | str)]
Lines = Annotated[list[Line], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
TextMap = dict[str, Text]
