"""What `--help` says, and that each of its examples does on the demo what it promises."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from gpuws.cli.root import ALIASES, FAMILIES, Root, build, run
from gpuws.cli.toolkit.demo_files import demo_paths
from tests.cli.conftest import COMMAND, environment

NARROW = 80  # columns
AT_A_TERMINAL = {
    r"gpuws demo": (("bravo", "q"),),
    r"gpuws demo --tour": (("Tour 1 of", "."), ("Tour 2 of", "q")),
    r"gpuws attach +#.*": (("login shell", "torch-dev\r"), (r"\[main\]", "\x02d")),  # its steps stand in the list, too
    r"gpuws attach --new .*": (("alice@", "\x02d"),),
    r"gpuws attach .*": ((r"step \d+", "\x02d"),),
    r"gpuws shell .*": (("alice@", "\x04"),),
    r"gpuws exec -it .*": (("alice@", "\x04"),),
    r"gpuws launch pytorch-2.8-cu128( +#.*)?": (("Enter for bravo:", "\r"),),
    r"gpuws launch .* --attach": (("alice@", "\x02d"),),
    r"gpuws stop torch-dev": (("Go on", "y\r"),),
}
"""What is waited for, and then typed."""
UNTIL_CTRL_C = ("gpuws top", "gpuws jupyter", "gpuws tunnel ", "gpuws proxy ", "gpuws logs -f")
IN_THE_DEMO = {
    "gpuws with": (5, "no engine that programs could reach"),
    "gpuws ssh-proxy": (255, "there is no host key"),  # written by ssh-config, whose files go with its demo
    "gpuws trust": (2, "there is no profile"),  # nothing of it is shared
    "gpuws keeper --stay": (5, "there is no background process here"),
    "gpuws doctor alpha --fix": (4, "nothing that gpuws can mend"),
    "gpuws drift": (1, ""),  # it differs
    "gpuws tunnels close": (4, "no tunnel '8000'"),  # a command's own demo ends with it
}
"""What the demo answers to the little that it does not have."""


def commands(command=None, path=("gpuws",)) -> Iterator[tuple[str, object]]:
    """Every command and group with the words that name it."""
    command = command or typer.main.get_command(build())
    yield " ".join(path), command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))


ROOT = typer.main.get_command(build())
ALL = dict(commands())
EXAMPLES = [example for command in ALL.values() for example in command.examples]


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_examples_of_itself_that_fit(name):
    examples = ALL[name].examples
    assert examples
    assert all(len(example) <= NARROW - 4 for example in examples)
    assert all(example.startswith("gpuws ") for example in examples)
    assert any(f" {example} ".startswith(f" {name} ") for example in examples)


def test_help_has_every_command_in_one_section_on_one_line_of_a_narrow_screen(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(NARROW))
    page = told(capsys, "--help")[1]
    assert max(map(len, page.splitlines())) <= NARROW
    placed = [name for names in Root.sections.values() for name in names]
    named = {name for names in FAMILIES.values() for name in names}
    assert sorted(placed) == sorted(name for name in named if not ROOT.commands[name].hidden)
    lines = [line for line in page.splitlines() if line.startswith("  ")]
    for name in placed:
        line = next(line for line in lines if line.split()[0] == name)
        assert line.endswith("."), line
    assert [line[:-1] for line in page.splitlines() if line.rstrip(":") in Root.sections] == list(Root.sections)


def told(capsys, *words: str) -> tuple[int, str]:
    code = run(list(words))
    return code, capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("hosts",), ("tunnels", "close")])
def test_help_of_a_command_is_its_help(words, capsys):
    assert told(capsys, "help", *words) == told(capsys, *words, "--help")
    assert told(capsys, "help", "hosts", "frobnicate") == (2, "")


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_the_singular_and_the_command_are_one(alias, name, capsys):
    assert told(capsys, alias, "--help") == told(capsys, name, "--help")


def test_the_version_is_told_in_both_ways(capsys):
    assert told(capsys, "version") == told(capsys, "--version")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("pss",), "ps"), (("lanch",), "launch"), (("list",), "ls"), (("delete",), "rm"), (("ssh", "alpha"), "shell"),
        (("hosts", "ad"), "add"), (("images", "delete"), "rm"), (("--readonly", "tunels"), "tunnels"),
        (("ps", "--jsn"), "--json"), (("--readnly", "ps"), "--readonly"),
    ],
)  # fmt: skip
def test_a_word_that_is_no_command_is_answered_with_what_was_meant(words, meant, capsys):
    assert run(list(words)) == 2
    said = capsys.readouterr().err
    assert f"Did you mean {meant!r}" in said
    assert said.count("\n") == 1


def test_what_is_missing_is_shown_by_an_example(capsys):
    assert run(["stop"]) == 2
    assert capsys.readouterr().err == (
        "gpuws: Missing argument 'TARGET' — such as gpuws stop torch-dev; see gpuws stop --help\n"
    )


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    """A directory with what the examples name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.yaml").write_text("image: busybox\n")
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx}, db: {image: postgres}}\n")
    for folder in (".bash_completions", ".config/fish/completions"):
        (tmp_path / folder).mkdir(parents=True)
    for key, value in environment(tmp_path, PATH=f"{Path(COMMAND).parent}:{os.environ['PATH']}").items():
        monkeypatch.setenv(key, value)
    demo_paths.cache_clear()


@pytest.mark.parametrize("example", dict.fromkeys(EXAMPLES))
def test_every_example_runs_on_the_demo(example, at_work, on_terminal, monkeypatch, capfd):
    talk = next((AT_A_TERMINAL[words] for words in AT_A_TERMINAL if re.fullmatch(words, example)), None)
    if talk:
        code = talked_to(on_terminal(["bash", "-c", example]), talk)
    elif example.startswith(UNTIL_CTRL_C):
        exact = example.replace(" 6006:", f" {free_port()}:")
        code = ended_by_ctrl_c(on_terminal(["bash", "-c", f"exec {exact}"], BROWSER="true"))
    elif set("|>&$") & set(re.sub("'[^']*'", "", example)):
        code = subprocess.run(["bash", "-c", f"set -o pipefail; {example}"], timeout=60, check=False).returncode
    else:
        with Path(os.devnull).open() as nothing:
            monkeypatch.setattr("sys.stdin", nothing)
            code = run(shlex.split(example, comments=True)[1:])
    wanted, says = next((IN_THE_DEMO[start] for start in IN_THE_DEMO if example.startswith(start)), (0, ""))
    told = capfd.readouterr()
    assert says in told.err
    assert code == (3 if names_no_host(example) else wanted), told.err


def names_no_host(example: str) -> bool:
    """A listing of all hosts: those that are away make it a partial one."""
    words = shlex.split(example, comments=True)
    hosts = ("alpha", "bravo", "foxtrot")
    lists = words[1] in ("gpus", "ps", "ls", "doctor", "images", "volumes", "tmux", "metrics")
    lists |= words[1] == "kernels" and words[2:3] in ([], ["ls"])
    lists |= words[1:3] == ["hosts", "top"]
    return lists and not any(host in word for word in words for host in hosts)


def talked_to(terminal, talk) -> int:
    for question, answer in talk:
        terminal.wait_for(question)
        terminal.send(answer)
    return terminal.wait_exit()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ended_by_ctrl_c(terminal) -> int:
    terminal.wait_for(r"\S")
    terminal.press("ctrl+c")
    return 0 if terminal.wait_exit() == 130 else 1
