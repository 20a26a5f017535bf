"""The man pages: every command has one, and roff reads it as it is meant."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from gpuws.cli.root import FAMILIES
from scripts.man import pages, write

PAGES = pages("1.2.3")
HIDDEN = {"ssh-proxy"}  # ssh types it, nobody else
MACROS = {"TH", "SH", "PP", "TP", "B", "BR", "EX", "EE"}


def test_every_command_has_a_page_with_its_examples(tmp_path):
    write(tmp_path / "man1", "1.2.3")
    commands = [name for names in FAMILIES.values() for name in names if name not in HIDDEN]
    assert {path.name for path in (tmp_path / "man1").iterdir()} == {"gpuws.1", *(f"gpuws-{one}.1" for one in commands)}
    for name in commands:
        assert f"({name})" not in PAGES["gpuws.1"]
        assert f"gpuws-{name}(1)".replace("-", "\\-") in PAGES["gpuws.1"]
        assert f"\ngpuws {name}".replace("-", "\\-") in PAGES[f"gpuws-{name}.1"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_the_text_is_taken_for_a_macro_or_an_escape(name):
    for line in PAGES[name].splitlines():
        assert line.isascii()
        assert not line.startswith("'")
        if line.startswith("."):
            assert line[1:].split()[0] in MACROS
        assert re.sub(r"\\(?:[e&-]|\(aq|\(ga|\[u[0-9A-F]+\])", "", line).count("\\") == 0


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_has_no_complaint(tmp_path):
    write(tmp_path, "1.2.3")
    asked = ["groff", "-man", "-ww", "-Tutf8", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert "gpuws stop --time 60 --yes alpha/torch-dev foxtrot/vllm" in done.stdout
    assert "select(.free) | .uuid'" in done.stdout
