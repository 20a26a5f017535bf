from __future__ import annotations

import os
import time

import pytest
import yaml

from gpuws.config.yaml.nodes import ListNode, MapNode, Position, to_data, walk
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import MAX_BYTES, read_file, read_text


def data(text):
    return to_data(read_text(text, "f.yaml"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("22:22", "22:22"),
        ("1:30:00", "1:30:00"),
        ("0123", 123),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("2026-11-21", "2026-11-21"),
        ("-1", -1),
        ("+7", 7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("~", None),
        ("null", None),
        ("", None),
        ("=", "="),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("'true'", "true"),
        ("|-\n  true", "true"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written, value):
    found = data(f"a: {written}\n")["a"]
    assert found == value
    assert isinstance(found, type(value))


def test_numbers_remember_how_they_were_written():
    assert data("a: 2.10")["a"].text == "2.10"
    assert data("a: 0123")["a"].text == "0123"


def test_every_key_and_value_knows_its_place():
    tree = read_text("a:\n  - x\n  - {b: 1,\n     c: [2]}\n", "f.yaml")
    mark, _, key = walk(tree, ("a", 1, "c", 0))
    assert (mark, key) == (Position("f.yaml", 4, 10), "a[1].c[0]")
    assert walk(tree, ("a", 1, "c"))[0] == Position("f.yaml", 4, 6)
    assert isinstance(walk(tree, ("a",))[1], ListNode)
    assert walk(tree, ("a", 7, "z"))[2] == "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b: c", "f.yaml:1:5: is not YAML"),
        ("a: [1\nb: 2", "f.yaml:2:"),
        ("a: 1\n\tb: 2", "f.yaml:2:1: is not YAML"),
        ("a: 1\na: 2", "f.yaml:2:1: a: stands twice; first in line 1"),
        ("x:\n  b: 1\n  c: 2\n  'b': 3", "f.yaml:4:3: b: stands twice; first in line 2"),
        ("- 1", "f.yaml:1:1: expected a map"),
        ("just words", "f.yaml:1:1: expected a map"),
        ("a: 1\n---\nb: 1", "f.yaml:2:1: a second document"),
        ("a: &x [*x]", "f.yaml:1:8: the alias *x refers to itself"),
        ("a: *x", "f.yaml:1:4: the alias *x has no anchor before it"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: the tag tag:yaml.org,2002:python/object:os.system can't"),
        ("a: !!set {x}", "f.yaml:1:4: the tag tag:yaml.org,2002:set can't"),
        ("? [1]\n: 2", "f.yaml:1:3: expected a plain word as key"),
        ("ok: 1\nb: \x07", "f.yaml:2:4: character U+0007"),
        ("a: \ufeff", "f.yaml:1:4: character U+FEFF"),
        ("a: " + "[" * 100, "f.yaml:1:43: nested deeper than 40 levels"),
        (
            "{a: ${x}}",
            "f.yaml:1:6: is not YAML: while parsing a flow mapping, did not find expected ',' or '}'; inside {",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(text, expected):
    with pytest.raises(ConfigProblems) as caught:
        read_text(text, "f.yaml")
    assert str(caught.value).startswith(expected)


def test_all_duplicates_are_told_at_once():
    with pytest.raises(ConfigProblems) as caught:
        read_text("a: 1\na: 2\nb: {c: 1, c: 2}\na: !x 3\n", "f.yaml")
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, 1), (3, 11), (4, 1), (4, 4)]


def test_aliases_work_but_no_bomb():
    assert data("a: &x {k: [1]}\nb: *x\n") == {"a": {"k": [1]}, "b": {"k": [1]}}
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )
    start = time.monotonic()
    with pytest.raises(ConfigProblems, match="more than 50000 values"):
        read_text(bomb, "f.yaml")
    assert time.monotonic() - start < 5


def test_aliases_do_not_add_up_to_a_tree_too_deep():
    deep = f"a0: &a0 {'[' * 30}{']' * 30}\n" + "".join(
        f"a{n}: &a{n} {'[' * 30}*a{n - 1}{']' * 30}\n" for n in range(1, 40)
    )
    with pytest.raises(ConfigProblems, match=r"f\.yaml:2:39: nested deeper than 40 levels"):
        read_text(deep, "f.yaml")


@pytest.mark.parametrize("text", ["a: [1, {b: 2}]\nc: &x 'y'\nd: *x\n", "a: 1\nb: 2\na: 3", "a: b: c"])
def test_without_libyaml_the_same_is_read(text, monkeypatch):
    def told():
        try:
            return read_text(text, "f.yaml")
        except ConfigProblems as error:
            return [(problem.line, problem.column, problem.key) for problem in error.problems]

    fast = told()
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert told() == fast


def test_an_empty_file_is_an_empty_map(tmp_path):
    for text in ("", "# only a comment\n", "---\n", "null\n", "\ufeff# with a byte order mark"):
        path = tmp_path / "f.yaml"
        path.write_text(text, "utf-8")
        assert read_file(path) == MapNode(Position(str(path), 1, 1), {})


def test_files_that_can_not_be_read_say_why(tmp_path):
    def told(path):
        with pytest.raises(ConfigProblems) as caught:
            read_file(path)
        return str(caught.value)

    path = tmp_path / "f.yaml"
    assert told(path) == f"{path}: can't be read: No such file or directory"
    assert told(tmp_path) == f"{tmp_path}: is not a file"
    path.write_bytes(b"a: 1\nb: \xff\n")
    assert told(path) == f"{path}:2:4: is not UTF-8 text"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert told(path) == f"{path}: is larger than 1 MiB"
    path.unlink()
    os.mkfifo(path)
    assert told(path) == f"{path}: is not a file"
