"""JSON Schemas for editors, generated from what validates the files."""

from __future__ import annotations

import copy
from typing import Any, Literal

Kind = Literal["profile", "hosts", "config"]

# What editors' YAML servers understand; nothing newer is used.
_DIALECT = "http://json-schema.org/draft-07/schema#"


def json_schema(kind: Kind = "profile") -> dict[str, Any]:
    """The schema of profiles, hosts.yaml or config.yaml."""
    if kind == "profile":
        return _profile()
    if kind == "hosts":
        from gpuws.config.hosts_file import HostsFile

        return {"$schema": _DIALECT, **HostsFile.model_json_schema()}
    from gpuws.config.settings_file import SettingsFile

    return {"$schema": _DIALECT, **SettingsFile.model_json_schema()}


def _profile() -> dict[str, Any]:
    """The profile's own keys, `key+` for its lists, and overlays with the same keys again."""
    from gpuws.config.profile_file import ProfileFile

    schema = {"$schema": _DIALECT, **ProfileFile.model_json_schema()}
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    properties: dict[str, Any] = schema["properties"]
    properties["environment"] = _or_list(properties["environment"])
    properties["labels"] = _or_list(properties["labels"])
    build = definitions["BuildSection"]["properties"]
    build["args"] = _or_list(build["args"])
    properties |= {key: _or_null(value) for key, value in properties.items()}
    for key in [key for key, value in properties.items() if _takes_list(value)]:
        appended = {"type": "array", "description": f"Appended to what `{key}` inherits.", "items": True}
        properties[f"{key}+"] = appended
    overlay = {key: value for key, value in copy.deepcopy(properties).items() if key != "extends"}
    definitions["Overlay"] = {
        "type": "object",
        "additionalProperties": False,
        "description": "What is different on one host, or on hosts with one tag.",
        "properties": overlay,
    }
    properties["hosts"] = {
        "type": "object",
        "description": "Overlays by host or tag; tags come first, in the host's order.",
        "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Overlay"}, {"type": "null"}]},
    }
    return schema


def _takes_list(value: dict[str, Any]) -> bool:
    return value.get("type") == "array" or any(option.get("type") == "array" for option in value.get("anyOf", ()))


def _or_list(value: dict[str, Any]) -> dict[str, Any]:
    """Maps of text may be lists of NAME=VALUE too."""
    return _or(value, {"type": "array", "items": {"type": "string"}})


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    """`key: null` takes away what is inherited."""
    return value if {"type": "null"} in value.get("anyOf", ()) else _or(value, {"type": "null"})


def _or(value: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    outer: dict[str, Any] = {key: value[key] for key in ("description", "default", "title") if key in value}
    inner = {key: value[key] for key in value if key not in outer}
    return {**outer, "anyOf": [*(inner["anyOf"] if inner.keys() == {"anyOf"} else [inner]), other]}
