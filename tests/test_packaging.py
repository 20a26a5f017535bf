"""What is shipped: all that gpuws needs, nothing else, with the version of the tag, also where there is no git."""

from __future__ import annotations

import ast
import email
import re
import shutil
import subprocess
import tomllib
import zipfile

import pytest

from scripts.man import pages
from tests.shipping import ROOT, TAGGED, hatch, shipped, tracked


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(built.wheel) as archive:
        yield archive


def test_the_version_is_the_tags_through_the_sdist_and_in_the_wheel(built, wheel):
    version = TAGGED.removeprefix("v")
    assert built.source.name == f"gpuws-{version}"
    assert built.wheel.name == f"gpuws-{version}-py3-none-any.whl"
    assert f'__version__ = "{version}"' in wheel.read("gpuws/_version.py").decode()


def test_a_repository_without_tags_has_a_version_and_so_has_a_folder_without_git(built, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-tags", str(built.tree), str(clone)], check=True, capture_output=True)
    assert re.match(r"0\.1\.dev1\+g[0-9a-f]+$", hatch(clone, "version"))
    shutil.rmtree(clone / ".git")
    without_git = hatch(clone, "version")
    assert without_git == "0.1.dev0"
    assert f'__version__ = "{without_git}"' in (ROOT / "gpuws" / "__init__.py").read_text()


def test_the_wheel_has_every_file_of_the_package_the_profiles_and_nothing_else(wheel):
    code = {name for name in tracked() if name.startswith("gpuws/")}
    profiles = {f"gpuws/{name}" for name in tracked() if name.startswith("profiles/")}
    found = {name for name in wheel.namelist() if ".dist-info/" not in name and ".data/" not in name}
    assert {"gpuws/py.typed", "gpuws/tui/gpuws.tcss", "gpuws/tui/controls.tcss", "gpuws/profiles/base.yaml"} <= found
    assert found == code | profiles | {"gpuws/_version.py"}


def test_the_wheel_has_the_man_page_of_every_command(wheel):
    version = TAGGED.removeprefix("v")
    man = f"gpuws-{version}.data/data/share/man/man1"
    shared = {name for name in wheel.namelist() if ".data/" in name}
    assert shared == {f"{man}/{name}" for name in pages(version)}
    assert f'"gpuws {version}"' in wheel.read(f"{man}/gpuws-launch.1").decode()


def test_nothing_lies_beside_what_is_released(built):
    folder = built.wheel.parent
    assert {path.name for path in folder.iterdir()} == {
        built.wheel.name,
        built.source.name,
        f"{built.source.name}.tar.gz",
    }


def test_the_sdist_builds_by_itself_and_carries_no_tests(built):
    folders = {path.name for path in built.source.iterdir()}
    assert folders >= {"gpuws", "profiles", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "PKG-INFO"}
    assert not folders & {"tests", "benchmarks", "screenshots", "uv.lock"}


def test_the_metadata_says_what_an_index_shows(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_string(wheel.read(name).decode())
    assert metadata["Requires-Python"] == ">=3.11"
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text("utf-8")
    assert b"gpuws = gpuws.__main__:main" in wheel.read(name.replace("METADATA", "entry_points.txt"))


def test_what_builds_is_installed_for_development_so_that_this_needs_no_network():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["build-system"]["requires"]) <= set(project["dependency-groups"]["dev"])


def test_no_file_needs_a_newer_python_than_the_oldest_that_is_promised():
    """By syntax alone, whatever Python runs this; what the library of each has, the soak tries by installing."""
    for path in sorted((ROOT / "gpuws").rglob("*.py")):
        oldest = (3, 6) if "agent" in path.parts else (3, 11)
        ast.parse(path.read_bytes(), str(path), feature_version=oldest)
