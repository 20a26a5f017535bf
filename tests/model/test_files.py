"""How files are named, and where a copy comes to lie: the tables of docs/files.md, row by row."""

import pytest

from gpuws.model.errors import UsageError
from gpuws.model.files.destination import copies
from gpuws.model.files.files import Seen
from gpuws.model.files.spot import parse_spot


@pytest.mark.parametrize(
    ("word", "target", "path"),
    [
        ("alpha:/data", "alpha", "/data"), ("alpha/torch-dev:/d/*.pt", "alpha/torch-dev", "/d/*.pt"),
        ("alpha:", "alpha", ""), ("alpha:a:b", "alpha", "a:b"), ("alpha:~/x", "alpha", "~/x"),
        ("./a:b", None, "./a:b"), ("/a:b", None, "/a:b"), ("../a:b", None, "../a:b"), ("~/a:b", None, "~/a:b"),
        ("plain", None, "plain"), (".", None, "."), ("..", None, ".."),
    ],
)  # fmt: skip
def test_the_first_colon_parts_a_target_from_its_path(word, target, path):
    spot = parse_spot(word)
    assert (spot.target, spot.path) == (target, path)


@pytest.mark.parametrize("word", ["", ":/x", "a\0b"])
def test_what_names_nothing_is_refused(word):
    with pytest.raises(UsageError):
        parse_spot(word)


FILE, DIRECTORY = Seen(b"/s/x", "file"), Seen(b"/s/x", "directory")
LINK = Seen(b"/s/x", "link", "directory")
IS_FILE, IS_DIRECTORY, IS_LINK = Seen(b"/t/y", "file"), Seen(b"/t/y", "directory"), Seen(b"/t/y", "link", "directory")
MISSING, ABOVE = Seen(b"/t/y", "missing"), Seen(b"/t", "directory")


@pytest.mark.parametrize(
    ("source", "contents", "target", "slash", "final"),
    [
        (FILE, False, IS_DIRECTORY, False, b"/t/y/x"), (FILE, False, IS_FILE, False, b"/t/y"),
        (FILE, False, MISSING, False, b"/t/y"), (FILE, False, IS_LINK, False, b"/t/y/x"),
        (DIRECTORY, False, IS_DIRECTORY, True, b"/t/y/x"), (DIRECTORY, False, MISSING, False, b"/t/y"),
        (DIRECTORY, False, MISSING, True, b"/t/y"), (DIRECTORY, True, IS_DIRECTORY, False, b"/t/y"),
        (DIRECTORY, True, MISSING, False, b"/t/y"), (LINK, False, MISSING, False, b"/t/y"),
    ],
)  # fmt: skip
def test_a_copy_comes_to_its_name(source, contents, target, slash, final):
    (one,) = copies([(source, contents)], target, ABOVE, slash=slash, word="y")
    assert one.final == final
    assert one.stage_in == (target.path if target.directory else ABOVE.path)


@pytest.mark.parametrize(
    ("sources", "target", "above", "slash"),
    [
        ([FILE], MISSING, ABOVE, True), ([DIRECTORY], IS_FILE, ABOVE, False),
        ([FILE], MISSING, Seen(b"/t", "missing"), False), ([FILE, DIRECTORY], MISSING, ABOVE, False),
        ([FILE, FILE], IS_DIRECTORY, ABOVE, False), ([FILE], IS_FILE, ABOVE, True),
    ],
)  # fmt: skip
def test_what_can_not_have_its_name_is_refused(sources, target, above, slash):
    with pytest.raises(UsageError):
        copies([(one, False) for one in sources], target, above, slash=slash, word="y")
