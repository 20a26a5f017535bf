from __future__ import annotations

import pytest

from gpuws.config.merge.variables import has_variables, substitute
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.reader import read_text


def filled(text, **variables):
    problems = []
    tree = substitute(read_text(text, "f.yaml"), variables, problems)
    return to_data(tree), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${x}/data", "/scratch/data"),
        ("$${x}", "${x}"),
        ("$$$${x}", "$${x}"),
        ("$HOME and $5", "$HOME and $5"),
        ("'${n}'", 16),
        ("${n}g", "16g"),
        ("${empty}", ""),
        ("${yes}", True),
        ("'${shape}'", "{a: [1]}"),
        ("'${nested}'", "${x}"),
    ],
)
def test_scalars_are_filled_after_parsing(written, value):
    variables = {"x": "/scratch", "n": "16", "empty": "", "yes": "true", "shape": "{a: [1]}", "nested": "${x}"}
    assert filled(f"a: [{written}]" if "'" in written else f"a:\n - {written}", **variables) == ({"a": [value]}, [])


def test_keys_are_left_alone():
    assert filled("'${x}': 1", x="y") == ({"${x}": 1}, [])


def test_undefined_and_malformed_ones_are_told_by_place():
    _, problems = filled("a: ok\nv:\n  - ${scrach}/x\n  - ${}\n  - ${a\n", scratch="/s")
    undefined = "the variable scrach is not defined for this host; write $${scrach} for a literal one"
    assert problems == [
        f"f.yaml:3:5: v[0]: {undefined} (did you mean scratch?)",
        "f.yaml:4:5: v[1]: expected ${name}; a dollar itself is written $$",
        "f.yaml:5:5: v[2]: expected ${name}; a dollar itself is written $$",
    ]


def test_what_waits_for_variables_is_known():
    assert has_variables(read_text("a: {b: ['${x}']}", "f"))
    assert not has_variables(read_text("a: {b: [$x, $$, '$${x}']}", "f"))
