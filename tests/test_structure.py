"""What counts as a circle of files, and as a crowded folder."""

from textwrap import dedent

import pytest

from scripts.structure import circles, crowds, imports


def found(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return circles(imports(tmp_path, "pack"))


@pytest.mark.parametrize(
    "back",
    [
        "from pack.a import A",
        "from pack import a",
        "import pack.a as other",
        "from . import a",
        "from .a import A",
        "if TYPE_CHECKING:\n    from pack.a import A",
        "def late():\n    from pack.a import A",
    ],
)
def test_every_kind_of_import_closes_a_circle(tmp_path, back):
    files = {"__init__.py": "", "a.py": "import pack.b", "b.py": back, "c.py": "import pack.a"}
    assert found(tmp_path, files) == [["pack.a", "pack.b"]]


def test_a_package_that_imports_its_file_is_a_circle_with_what_that_file_needs_of_it(tmp_path):
    files = {
        "__init__.py": "",
        "sub/__init__.py": "from pack.sub.a import A",
        "sub/a.py": "from ..sub.b import B",
        "sub/b.py": "import os",
    }
    assert found(tmp_path, files) == [["pack.sub", "pack.sub.a"]]


def test_the_largest_comes_first_and_what_leads_one_way_is_none(tmp_path):
    files = {"__init__.py": "", "a.py": "from . import b", "b.py": "from . import a", "x.py": "from . import a, y"}
    files |= {"y.py": "from . import z", "z.py": "from . import x"}
    assert found(tmp_path, files) == [["pack.x", "pack.y", "pack.z"], ["pack.a", "pack.b"]]


def test_a_folder_is_crowded_by_what_lies_in_it_side_by_side(tmp_path):
    names = ("__init__", "a", "b", "c", "sub/__init__", "sub/d", "sub/e")
    found(tmp_path, {f"{name}.py": "" for name in names})
    assert crowds(tmp_path, "pack", 2) == {"pack": 3}
    assert list(crowds(tmp_path, "pack", 1)) == ["pack", "pack/sub"]
