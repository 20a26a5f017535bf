from __future__ import annotations

from gpuws.config.merge.maps import merge, settled
from gpuws.config.yaml.nodes import to_data, walk
from gpuws.config.yaml.reader import read_text


def lay(below, above):
    problems = []
    tree = merge(settled(read_text(below, "below.yaml"), problems), read_text(above, "above.yaml"), problems)
    return to_data(tree), [str(problem) for problem in problems], tree


def test_maps_merge_lists_and_scalars_replace():
    merged, problems, _ = lay("a: {x: 1, y: [1, 2]}\nb: 1\nc: [1]", "a: {y: [3], z: 4}\nc: [2]\nd: 5")
    assert merged == {"a": {"x": 1, "y": [3], "z": 4}, "b": 1, "c": [2], "d": 5}
    assert problems == []


def test_a_plus_appends_to_lists_at_any_depth():
    assert lay("a: [1]\nb: {c: [1]}", "a+: [2]\nb: {c+: [2]}\nd+: [3]")[0] == {
        "a": [1, 2],
        "b": {"c": [1, 2]},
        "d": [3],
    }


def test_replacing_and_appending_in_one_file_does_both():
    assert lay("a: [1]", "a+: [3]\na: [2]")[0] == {"a": [2, 3]}


def test_what_can_not_be_appended_is_told_where_it_stands():
    _, problems, _ = lay("a: 1\nb: [1]", "a+: [2]\nb+: 2")
    assert problems == [
        "above.yaml:1:1: a+: only a list can be appended to; below.yaml:1:1 holds a number",
        "above.yaml:2:1: b+: expected a list to append, not a number",
    ]


def test_values_keep_their_place_of_origin():
    tree = lay("a: {x: 1}\nv: [1]", "a: {y: 2}\nv+: [2]")[2]
    assert [walk(tree, ("a", key))[0].path for key in ("x", "y")] == ["below.yaml", "above.yaml"]
    assert [walk(tree, ("v", n))[0].path for n in (0, 1)] == ["below.yaml", "above.yaml"]
