"""JSON Schemas for editors, generated from what validates the files."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Literal

from gpuws.model.consent.trust import ASIDE

Kind = Literal["profile", "hosts", "config"]
Schema = dict[str, Any]

# What editors' YAML servers understand; nothing newer is used.
_DIALECT = "http://json-schema.org/draft-07/schema#"
_VARIABLE = {
    "type": "string",
    "description": "A variable: the host's own vars, host, profile or user.",
    "pattern": r"(?<!\$)(?:\$\$)*\$\{[A-Za-z_][A-Za-z0-9_]*\}",
}
_ENV_FILE = {
    "type": "object",
    "description": "As in Compose; one that is named must be there.",
    "required": ["path"],
    "additionalProperties": False,
    "properties": {"path": {"type": ["string", "number"]}, "required": {"enum": [True]}},
}
_LISTABLE = ("environment", "labels", "ulimits")
# Sections whose keys may stand in the profile that is extended: none of them is required here.
_MERGED = ("BuildSection", "GpuMemorySection", "UlimitSection")


def json_schema(kind: Kind = "profile") -> Schema:
    """The schema of profiles, hosts.yaml or config.yaml."""
    if kind == "profile":
        return _profile()
    if kind == "hosts":
        from gpuws.config.hosts.hosts_file import HostsFile

        return {"$schema": _DIALECT, **HostsFile.model_json_schema()}
    from gpuws.config.settings_file import SettingsFile

    return {"$schema": _DIALECT, **SettingsFile.model_json_schema()}


def _profile() -> Schema:
    """The profile's own keys, `key+` for its lists, and overlays with the same keys again."""
    from gpuws.config.profiles.file import ProfileFile

    told = {"$schema": _DIALECT, **ProfileFile.model_json_schema()}
    definitions: dict[str, Schema] = told["$defs"]
    for name in _MERGED:
        definitions[name].pop("required", None)
    for section in (told, *definitions.values()):
        _open(section)
    properties = told["properties"]
    for where, key in (*((properties, key) for key in _LISTABLE), (definitions["BuildSection"]["properties"], "args")):
        where[key] = _or(where[key], _lines(key))
    properties["build"] = _or(properties["build"], definitions["BuildSection"]["properties"]["context"]["anyOf"][0])
    for listed in _lists(properties["env_file"]):
        listed["items"] = _or(listed["items"], _ENV_FILE)
    properties["env_file"] = _or(properties["env_file"], _ENV_FILE)
    properties |= {
        f"{key}+": _appended(key, lists)
        for key in properties
        if key not in _LISTABLE and (lists := _lists(properties[key]))
    }
    definitions["Variable"] = _VARIABLE
    definitions["Overlay"] = {
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {f"^{ASIDE}": {}},
        "description": "What is different on one host, or on hosts with one tag.",
        "properties": {key: copy.deepcopy(value) for key, value in properties.items() if key != "extends"},
    }
    properties["hosts"] = {
        "type": ["object", "null"],
        "description": "Overlays by host or tag; tags come first, in the host's order.",
        "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Overlay"}, {"type": "null"}]},
    }
    told["patternProperties"] = {f"^{ASIDE}": {"description": "A place for anchors; it means nothing by itself."}}
    # Nothing is required of what may be inherited; without `extends` there must be something to run.
    told["anyOf"] = [{"required": [key]} for key in ("image", "build", "extends")]
    return told


def _open(section: Schema) -> None:
    """Titles say nothing that keys don't; a variable may stand for a scalar, null for a key that is not there."""
    section.pop("title", None)
    section["description"] = " ".join(section["description"].split())
    required = section.get("required", ())
    for key, value in section["properties"].items():
        opened = {name: part for name, part in value.items() if name not in ("title", "default")}
        opened["description"] = " ".join(value["description"].split())
        opened = opened if key == "extends" else _with_variables(opened)
        section["properties"][key] = opened if key in required else _or(opened, {"type": "null"})


def _with_variables(value: Schema) -> Schema:
    """`value`, and whatever stands in it, with a variable wherever a scalar can't be any text."""
    if patterns := value.get("patternProperties"):  # pydantic's way; keys that match none would pass
        ((pattern, inner),) = patterns.items()
        rest = {key: told for key, told in value.items() if key != "patternProperties"}
        value = {**rest, "propertyNames": {"pattern": pattern}, "additionalProperties": inner}
    for key in ("items", "additionalProperties"):
        if isinstance(value.get(key), dict):
            value = {**value, key: _with_variables(value[key])}
    if "anyOf" in value:
        value = {**value, "anyOf": [_with_variables(option) for option in value["anyOf"]]}
        options = [option for outer in value["anyOf"] for option in outer.get("anyOf", [outer])]
        return {**value, "anyOf": [option for at, option in enumerate(options) if option not in options[:at]]}
    return _or(value, {"$ref": "#/$defs/Variable"}) if _is_narrow(value) else value


def _is_narrow(value: Schema) -> bool:
    types = _types(value)
    scalar = bool(types & {"string", "number", "integer", "boolean"}) or "enum" in value
    return scalar and not ("string" in types and _takes_variables(value))


def _takes_variables(value: Schema) -> bool:
    """Whether its own pattern lets a variable pass."""
    import re

    return "enum" not in value and all(
        re.search(value.get("pattern", ""), text) is not None for text in ("${a}", "x ${a}:/y", "${a}${b}")
    )


def _lists(value: Schema) -> list[Schema]:
    return [option for option in (value, *value.get("anyOf", ())) if option.get("type") == "array"]


def _appended(key: str, lists: list[Schema]) -> Schema:
    told: Schema = {"description": f"Appended to what `{key}` inherits."}
    lists = [{name: part for name, part in each.items() if name != "minItems"} for each in lists]
    return {**told, **lists[0]} if len(lists) == 1 else {**told, "anyOf": lists}


def _lines(key: str) -> Schema:
    """Maps of text may be lists of NAME=VALUE too."""
    from gpuws.config.yaml.scalar_kinds import LINE_OF

    return {"type": "array", "items": {"type": "string", "pattern": LINE_OF[key]}}


def _types(value: Schema) -> set[str]:
    told = value.get("type", ())
    return {told} if isinstance(told, str) else set(told)


def _or(value: Schema, other: Schema) -> Schema:
    """`value` or `other`; what `value` says of the key stays outside."""
    outer: Schema = {key: value[key] for key in ("description",) if key in value}
    inner = {key: value[key] for key in value if key not in outer}
    options: list[Schema] = list(_flat(inner))
    return {**outer, "anyOf": options if other in options else [*options, other]}


def _flat(value: Schema) -> Iterator[Schema]:
    if value.keys() == {"anyOf"}:
        for option in value["anyOf"]:
            yield from _flat(option)
    else:
        yield value
