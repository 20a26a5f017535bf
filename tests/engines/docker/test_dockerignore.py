"""What is sent beside what a real docker program sends of the same directory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuws.engines.docker.build.context import read
from gpuws.model.errors import UsageError
from gpuws.model.profile.profile import Build
from tests.engines.docker.cli import docker_program
from tests.engines.docker.cli_context import engine, members, sent_by
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.test_build import build

FILES = (
    "Dockerfile", "a.txt", "b.py", "README.md", "data/x.bin", "data/keep.txt", "data/deep/y.bin", "data/deep/keep.txt",
    "src/a.py", "src/a.pyc", "src/pkg/b.py", "src/pkg/b.pyc", "src/pkg/__pycache__/c.pyc", "docs/index.md",
    "docs/api/index.md", "docs/api/.hidden", ".git/config", ".git/objects/ab/cd", ".env", "we ird/na me", "[x]/y",
    "foo",
    "foobar", "x/foo", "x/foo.d/y", "x/barfoo", "-dash",
    "back\\slash", "a^b", "a+b", "a(b)",
)  # fmt: skip
CASES = (
    "", "\n# a comment\n  # no comment\n", "data", "/data", "data/", "./data", "data/../src", "*", "**", "*/*", "*.py",
    "**/*.py", "**/*.pyc\n**/__pycache__", "data/*\n!data/keep.txt", "data\n!data/keep.txt",
    "data\n!data/deep/keep.txt",
    "*\n!src\n!Dockerfile", "*\n!src/**/*.py", "*\n!**/*.md", "**/index.md\n!docs/index.md", "!a.txt", "*\n!*/a.py",
    "Dockerfile\n.dockerignore", "**/Dockerfile", "foo", "**foo", "**/foo", "foo**", "foo/**", "**/foo/**", "x/**/y",
    "data/**/keep.txt", "?.txt", "src/?.py", "[ab]*", "[^a]*", "\\[x\\]", "a\\^b", "a^b", "a+b", "a(b)", "we ird",
    "  data  ", "! data\n", "docs/*/.hidden", "docs\n!docs/api\ndocs/api/index.md", "/", "//",
    "//data", ".", "..", "../x", "back\\\\slash",
    "*\n!data", "**/deep\n!**/keep.txt", "src/**\n!src/pkg", "\ufeffdata", "data/**\n!data/**/keep.txt", ".*",
    "**/.*\n!.env", "-dash", "data\r\nsrc\r\n", "\\a*", "\\w.txt", "a\\b.txt", "[\\d]*", "\\foo\n\\-dash",
)  # fmt: skip
REFUSED = (
    "[",
    "a[",
    "!",
    "[]a]",
    "a\\",
    "[a",
    "[-a]",
    "[a-]",
    "[a\\]",
    "[^]",
    "[a-b-c]",
    "[[-/]",
    "[b-a]",
    "\\c",
    "[\\b]",
)
"""Docker refuses some of them; what it takes is taken in the same way."""


def make(root: Path, ignore: str) -> None:
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "data/deep/y.bin").chmod(0o640)
    (root / "empty").mkdir()
    (root / "empty/.keep.d").mkdir()
    for link, target in (("to-file", "a.txt"), ("to-dir", "data"), ("to-nothing", "/no/where"), ("src/up", "../docs")):
        (root / link).symlink_to(target)
    os.link(root / "foo", root / "hard")
    (root / ".dockerignore").write_bytes(ignore.encode())


def ours(root: Path, **keys: str) -> dict[str, str] | None:
    try:
        return members(b"".join(read(Build(context=str(root), **keys)).pieces()))
    except UsageError:
        return None


@pytest.fixture(scope="module")
def program():
    """A new one: version 20.10 read some patterns otherwise (`**x`, `a+b`)."""
    return docker_program()


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    make(root, "")
    return root


@pytest.mark.lab
def test_the_same_files_are_sent_as_docker_sends(program, tree, tmp_path):
    differing = {}
    with engine(tmp_path) as server:
        for case in (*CASES, *REFUSED):
            (tree / ".dockerignore").write_bytes(case.encode())
            theirs = sent_by(program, server, tree)
            if (mine := ours(tree)) != theirs:
                differing[case] = sorted(set((theirs or {}).items()) ^ set((mine or {}).items()))
    assert not differing


@pytest.mark.lab
def test_another_dockerfile_is_sent_whatever_is_left_out(program, tree, tmp_path):
    (tree / "sub").mkdir()
    (tree / "sub/My.Dockerfile").write_text("FROM x\n")
    with engine(tmp_path) as server:
        for case in ("sub", "**", "*\n!a.txt", "**/*.Dockerfile"):
            (tree / ".dockerignore").write_text(case)
            theirs = sent_by(program, server, tree, "-f", "sub/My.Dockerfile")
            assert theirs
            assert ours(tree, dockerfile="sub/My.Dockerfile") == theirs


def test_a_pattern_that_is_none_is_told_with_its_file_once_it_is_used(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "Dockerfile.dockerignore").write_text("?\n![b-a]")
    assert read(Build(context=str(tmp_path)))
    (tmp_path / "a").touch()
    with pytest.raises(UsageError, match=r"/Dockerfile\.dockerignore: the line \[b-a\] is no pattern"):
        read(Build(context=str(tmp_path)))


words = st.text(alphabet="ab.*?/!-[]^\\", min_size=1, max_size=7).filter(lambda word: word[-1] != "\\")  # odd in Go
names = st.lists(st.text(alphabet="ab.-", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


@pytest.mark.lab
@pytest.mark.soak
@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.sets(names, max_size=8), lines=st.lists(words, min_size=1, max_size=4))
def test_whatever_the_lines_are_the_same_is_sent(tmp_path_factory, program, files, lines):
    root = tmp_path_factory.mktemp("context")
    for name in sorted(files):
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)
        except OSError:  # a file where a directory would have to be, or `..`
            continue
    if not (root / "Dockerfile").exists():
        (root / "Dockerfile").write_text("FROM x\n")
    (root / ".dockerignore").write_text("\n".join(lines))
    with engine(root.parent) as server:
        theirs = sent_by(program, server, root)
    (root.parent / "engine.sock").unlink()
    mine = ours(root)  # a line may be refused, in a sentence, that docker takes because it never comes to use it
    assert mine is None or mine == theirs


@pytest.mark.lab
def test_docker_and_gpuws_share_the_cache_of_what_they_sent(clean, program, tree):
    """A real engine takes the one's files for the other's: names, bytes, modes and owners are the same."""
    (tree / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY . /in\n")
    (tree / ".dockerignore").write_text("**/*.pyc\ndata/*\n!data/keep.txt\n.git\n")
    env = {**os.environ, "DOCKER_BUILDKIT": "0", "DOCKER_HOST": f"unix://{clean.daemon.socket}"}
    subprocess.run([program, "build", "-t", "gpuws-test:theirs", str(tree)], check=True, capture_output=True, env=env)
    said = [step.text for step in build(clean, Build(context=str(tree)))]
    copied = next(number for number, line in enumerate(said) if line.startswith("Step 2/2 : COPY"))
    assert said[copied + 1] == "---> Using cache"
    (tree / "data/keep.txt").write_text("changed")
    assert "---> Using cache" not in [step.text for step in build(clean, Build(context=str(tree)))][copied:]
