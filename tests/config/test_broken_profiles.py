"""Two hundred broken profiles: each gets one clear report, and nothing else happens."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from gpuws.cli.profiles.profiles import check_profiles, show_profile
from gpuws.cli.toolkit.failures import guarded
from gpuws.cli.toolkit.options import Options
from gpuws.config.profiles.profiles import ProfileStore
from tests.config.broken import broken, plain, written

GOOD = """\
description: text
image: i
build: {dockerfile_inline: FROM x, args: {A: 1}}
command: [a, b]
gpus: {count: 2, memory: 4g, model: H100}
mem_limit: 64g
cpus: 16
ulimits: {memlock: -1, nofile: {soft: 1, hard: 2}}
user: host
working_dir: /w
volumes: ['~/a:/a', {source: /data, target: /data, read_only: true, check: exists}]
ports: [8888, '1:2', {target: 3, published: 4}]
environment: {A: b, C: null}
env_file: [x]
jupyter: {port: 1, start: true, token: auto}
tmux: {session: main}
restart: no
init: true
labels: {a: b}
hosts: {h: {volumes+: ['/s:/s']}}
"""
BREAKS = (
    "[",
    "]",
    "{",
    "}",
    ":",
    "- ",
    "'",
    '"',
    "${x}",
    "\t",
    "*a",
    "&a ",
    "!x ",
    "\0",
    "~",
    "|",
    "%",
    "5",
    "true",
    "",
)


@st.composite
def scribbled(draw):
    """A good file's text with pieces of YAML thrown in."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(BREAKS)) + text[at + draw(st.integers(0, 3)) :]
    return text


def said(command):
    """Exit code, stdout and stderr of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = guarded(command)
    return code, out.getvalue(), err.getvalue()


@settings(max_examples=200)
@given(scribbled() | broken().map(lambda data: written(plain(data))))
def test_each_gets_one_clear_report(text):
    with tempfile.TemporaryDirectory() as directory, mock.patch.dict(os.environ, {"HOME": directory}):
        path = Path(directory) / "profiles/p.yaml"
        path.parent.mkdir()
        path.write_text(text, "utf-8")
        (path.parent / "base.yaml").write_text("image: i")
        options = Options(config_dir=directory)
        before = sorted(Path(directory).rglob("*"))
        checked, out, err = said(lambda: check_profiles(options, [str(path)]))
        shown, _, refused = said(lambda: show_profile(options, "p", None))
        assert {checked, shown} <= {0, 2}
        assert [row.name for row in ProfileStore([path.parent]).summaries()] == ["base", "p"]
        assert "a bug in gpuws" not in err + refused
        assert "Traceback" not in err + refused
        for line in (err + refused).splitlines():
            assert re.match(r"gpuws: /.*: \S", line), line
        assert len(set(err.splitlines())) == len(err.splitlines())
        assert (out == f"{path}: ok\n") == (checked == 0)
        assert sorted(Path(directory).rglob("*")) == before
