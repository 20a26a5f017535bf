"""Where stdout or stderr is not what a program hopes for: real programs, real descriptors."""

import os
import subprocess
import sys

import pytest

GPUWS = [sys.executable, "-m", "gpuws"]
ROOM = "gpuws: can't write to stdout: No space left on device\n"


@pytest.fixture
def run(tmp_path):
    paths = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE")} | {"XDG_RUNTIME_DIR": str(tmp_path)}

    def run(words, shell="", **env):
        """`gpuws WORDS SHELL`, `shell` being redirections."""
        command = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *GPUWS, *words]
        environ = os.environ | paths | {"GPUWS_DEMO": "1", "COLUMNS": "200"} | env
        return subprocess.run(command, capture_output=True, env=environ, timeout=30, check=False)

    return run


@pytest.mark.parametrize("words", [["paths"], ["gpus", "--json"], ["--help"], ["--version"], ["ps", "-q"]])
def test_a_full_disk_is_one_sentence(run, words):
    done = run(words, ">/dev/full")
    assert (done.returncode, done.stderr.decode()) == (1, ROOM)


def test_a_closed_stdout_is_one_sentence_and_nothing_else_gets_what_is_printed(run):
    done = run(["gpus"], ">&-")
    assert (done.returncode, done.stderr.decode()) == (1, "gpuws: can't write to stdout: Bad file descriptor\n")


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full", "<&-"])
def test_whoever_reads_no_notes_still_gets_the_listing(run, shell):
    done = run(["gpus"], shell)
    assert done.returncode in (0, 3)
    assert done.stdout.startswith(b"HOST")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_what_an_encoding_lacks_is_replaced(run, encoding):
    done = run(["ps", "-a"], PYTHONIOENCODING=encoding)
    assert done.returncode in (0, 3)
    assert done.stdout.decode(encoding).startswith("HOST")
    assert b"bug" not in done.stderr
    assert b"?" in done.stdout  # the dash of what is unknown, the arrow of a port


def test_whoever_reads_only_the_beginning_ends_it_quietly(run):
    done = run(["gpus", "--json", "alpha"], "| head -c 10")
    assert (done.stdout, done.stderr) == (b'{\n  "hosts', b"")
