"""A tree against a pydantic model; its errors become problems at their line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gpuws.config.yaml.nodes import Location, MapNode, Position, ScalarNode, kind, to_data, walk
from gpuws.config.yaml.problems import Problem, nearest, plainly, problem_at

M = TypeVar("M", bound=BaseModel)

MOST = 100  # problems told of one file; nobody reads more, and each costs a search for the nearest key

_EXPECTED = {
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a number",
    "string_type": "expected text",
    "list_type": "expected a list",
    "dict_type": "expected a map",
    "model_type": "expected a map",
    "model_attributes_type": "expected a map",
}
_LIMITS = {
    "greater_than": ("expected a number above {}", "gt"),
    "greater_than_equal": ("expected a number of at least {}", "ge"),
    "less_than": ("expected a number below {}", "lt"),
    "less_than_equal": ("expected a number of at most {}", "le"),
    "too_long": ("expected at most {} of them", "max_length"),
}
_TRUE, _FALSE = frozenset({"yes", "on", "y", "1"}), frozenset({"no", "off", "n", "0"})


def validate(model: type[M], tree: MapNode, problems: list[Problem]) -> M | None:
    """`tree` as `model`; None where it is wrong: everything wrong with it is added to `problems`."""
    try:
        return model.model_validate(to_data(tree))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems += (_problem(model, tree, detail) for detail in details[:MOST])
        if len(details) > MOST:
            problems.append(problem_at(tree.mark, "", f"{len(details) - MOST} more problems"))
    return None


def healthy(model: type[M], tree: MapNode) -> M | None:
    """What of a wrong `tree` is right: without the keys that hold mistakes."""
    try:
        return model.model_validate(to_data(tree))
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors(include_url=False, include_input=False) if detail["loc"]}
    rest = {key: entry for key, entry in tree.entries.items() if key not in wrong}
    return healthy(model, MapNode(tree.mark, rest)) if len(rest) < len(tree.entries) else None


def rules(tree: MapNode, found: Iterable[tuple[Location, str]]) -> list[Problem]:
    """Problems of rules that span several keys."""
    return [_at(tree, location, message) for location, message in found]


def _at(tree: MapNode, location: Location, message: str) -> Problem:
    mark, _, key = walk(tree, location)
    return problem_at(mark, key, message)


def _problem(model: type[BaseModel], tree: MapNode, error: ErrorDetails) -> Problem:
    location, sort = error["loc"], error["type"]
    mark, node, key = walk(tree, location)
    if sort == "extra_forbidden":
        return _unknown(mark, key, str(location[-1]), _section_at(model, location[:-1]))
    if sort == "missing":
        return problem_at(mark, key, f"{location[-1]} is missing")
    if sort == "value_error":
        return problem_at(mark, key, str(error["ctx"]["error"]))
    word = node.text if isinstance(node, ScalarNode) else ""
    if sort == "literal_error":
        expected = str(error["ctx"]["expected"]).replace("'", "")
        return problem_at(mark, key, f"expected {expected}", nearest(word, expected.replace(" or ", ", ").split(", ")))
    if sort in _EXPECTED:
        hint = ("true" if word in _TRUE else "false" if word in _FALSE else "") if sort == "bool_type" else ""
        return problem_at(mark, key, f"{_EXPECTED[sort]}, not {kind(node)}", hint)
    if sort in _LIMITS:
        text, name = _LIMITS[sort]
        return problem_at(mark, key, text.format(error["ctx"][name]))
    return problem_at(mark, key, error["msg"])


def _unknown(mark: Position, key: str, word: str, section: type[BaseModel]) -> Problem:
    """What to write instead of a key that nobody knows here: by what it means elsewhere, else by its letters."""
    instead: Mapping[str, str] = getattr(section, "INSTEAD", {})
    meant = plainly(word)
    if meant not in instead:
        close = nearest(word, section.model_fields)
        meant = "" if close else nearest(word, instead)
        if not meant:
            return replace(problem_at(mark, key, "unknown key", close), unknown=True)
    return replace(problem_at(mark, key, f"unknown key; {instead[meant]}"), unknown=True)


def _section_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """The section whose keys stand where `location` leads."""
    named = False  # a name that somebody gave comes next, which may be that of a key
    for step in location:
        field = model.model_fields.get(step) if isinstance(step, str) and not named else None
        named = False
        if field is not None and (inner := _section(field.annotation)):
            model, named = inner, _is_map(field.annotation)
    return model


def _is_map(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(map(_is_map, get_args(annotation)))


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _section(argument))), None)
