from __future__ import annotations

import json

import pytest

from gpuws.config.profiles.file import ProfileFile
from gpuws.config.schema import json_schema


def objects(schema):
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


@pytest.mark.parametrize("kind", ["profile", "hosts", "config"])
def test_schemas_are_json_and_say_what_every_key_means(kind):
    schema = json.loads(json.dumps(json_schema(kind)))
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["additionalProperties"] is False
    sections = [schema, *schema["$defs"].values()]
    for section in sections:
        assert section["description"]
        for key, value in section.get("properties", {}).items():
            assert value.get("description"), key


@pytest.mark.parametrize("kind", ["profile", "hosts", "config"])
def test_every_reference_leads_somewhere(kind):
    schema = json_schema(kind)
    names = {item["$ref"] for item in objects(schema) if isinstance(item.get("$ref"), str)}
    assert names
    assert names <= {f"#/$defs/{name}" for name in schema["$defs"]}


def test_the_profile_schema_knows_every_key_and_what_can_be_appended():
    keys = json_schema("profile")["properties"].keys()
    assert set(ProfileFile.model_fields) | {"hosts", "extends", "volumes+", "ports+", "env_file+"} <= keys
    assert "mem_limit+" not in keys
    overlay = json_schema("profile")["$defs"]["Overlay"]["properties"]
    assert "volumes+" in overlay
    assert not {"extends", "hosts"} & overlay.keys()


def test_short_forms_are_allowed_by_the_schema():
    properties = json_schema("profile")["properties"]

    def types(key):
        told = [item["type"] for item in objects(properties[key]) if "type" in item]
        return {one for each in told for one in ([each] if isinstance(each, str) else each)}

    assert {"string", "integer", "array"} <= types("gpus")
    assert {"integer", "string"} <= types("mem_limit")
    assert "boolean" in types("jupyter")
    assert {"array", "object"} <= types("environment")
    assert all("null" in types(key) for key in ProfileFile.model_fields)
