"""JSON with comments: places, trailing commas, and one clear problem each where it is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.config.imports.jsonc import read_jsonc
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 60), 1 << 60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.sampled_from([None, 0, 2, "\t"]))
def test_all_json_is_read(value, indent):
    assert to_data(read_jsonc(json.dumps(value, indent=indent), "x")) == value


def test_comments_and_trailing_commas_are_nothing():
    text = '// a "b": 1\n{ /* {[ */ "a": [1, 2, /* 3 */ ], // no\n  "b": "// text /* */",\n}\n// end'
    tree = read_jsonc(text, "x")
    assert to_data(tree) == {"a": [1, 2], "b": "// text /* */"}
    assert (tree.entries["b"].mark.line, tree.entries["b"].mark.column) == (3, 3)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "1:1", "expected a value; the text ends here"),
        ("{", "1:2", "expected }; the text ends here"),
        ("[1]", "1:1", "expected an object"),
        ('{"a" 1}', "1:6", 'expected a colon after "a"'),
        ('{"a": }', "1:7", "expected a value"),
        ('{"a": 1 "b": 2}', "1:9", "expected a comma or }"),
        ('{"a": [1 2]}', "1:10", "expected a comma or ]"),
        ("{a: 1}", "1:2", "expected a key in double quotes"),
        ("{'a': 1}", "1:2", "expected a key in double quotes"),
        ('{"a": yes}', "1:7", "not yes; text stands in double quotes"),
        ('{"a": 01}', "1:7", "not 01"),
        ('{"a": "b\n"}', "1:7", "no closing quotes in its line"),
        ('{"a": "\\x"}', "1:7", "an escape that JSON does not know"),
        ('{"a": 1} /* no end', "1:10", "has no */"),
        ('{"a": 1}}', "1:9", "expected nothing more"),
        ('{\n "a": 1,\n "a": 2}', "3:2", "a: stands twice; first in line 2"),
        ('{"a": ' + "[" * 60, "1:47", "nested deeper than 40 levels"),
    ],
)
def test_what_is_none_is_told_with_its_place(text, place, what):
    with pytest.raises(ConfigProblems) as raised:
        read_jsonc(text, "x.json")
    (problem,) = raised.value.problems
    assert str(problem).startswith(f"x.json:{place}: ")
    assert what in str(problem)
