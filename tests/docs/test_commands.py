"""Every command that the documentation shows is one: `gpuws …` is read by its own grammar, a block of shell by bash,
and `make` and `python -m scripts.…` name what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
from importlib.util import find_spec

import pytest
import typer

from gpuws.cli.root import build
from tests.docs.pages import PAGES, ROOT, blocks, spans

SHELL = ("sh", "bash", "console")
TOLD = [page for page in PAGES if page.name != "CHANGELOG.md"]  # it tells of what was, too
ROOT_COMMAND = typer.main.get_command(build())
PATTERN = re.compile(r"\[|(?<!-)\|")  # `[ls|rm NAME]`: several commands in one, which nobody can type


def lines(block):
    """The commands of a block: behind `$` in a session, all lines of a script."""
    text = block.text.replace("\\\n", " ")
    if block.language == "console":
        return [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def shown(page):
    """What stands there to be typed, and whether it is whole: code within a line may only name a command."""
    yield from ((line, True) for block in blocks(page) if block.language in SHELL for line in lines(block))
    yield from ((span, False) for span in spans(page))


def words(line):
    """What `gpuws` would be given, without settings in front, pipes and redirections behind; None: it is not asked."""
    if not re.match(r"(?:[A-Z_]+=\S* )*gpuws(?: |$)", line):
        return None
    given = shlex.split(line, comments=True)
    given = given[given.index("gpuws") + 1 :]
    end = next((at for at, word in enumerate(given) if word in ("|", ">", ">>", "&&", ";")), len(given))
    return given[:end]


def parsed(given):
    """What is wrong with these words, by the grammar of the command line; "" where nothing is."""
    command, context = ROOT_COMMAND, None
    rest, name = list(given), "gpuws"
    try:
        while True:
            context = command.make_context(name, list(rest), parent=context)
            if not isinstance(command, typer.core.TyperGroup) or not (
                rest := [*context._protected_args, *context.args]
            ):
                return ""
            name, command, rest = command.resolve_command(context, rest)
    except typer.Exit:
        return ""  # --version
    except typer.TyperException as error:
        return error.format_message()


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_grammar_knows_every_command(page, monkeypatch, tmp_path):
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("HOME", str(tmp_path))  # where one of them writes the completion
    wrong = []
    for line, whole in shown(page):
        given = words(line)
        if given is None:
            continue
        fault = parsed([word for word in given if word != "…"])
        if PATTERN.search(" ".join(given)):
            fault = "several commands in one: nobody can type it"
        if fault and (whole or not re.search(r"^Missing argument|requires an argument", fault)):
            wrong.append(f"{line}: {fault}")
    assert wrong == []


def test_a_wrong_command_and_a_wrong_option_would_be_found():
    assert parsed(["gpus", "--colour"])
    assert parsed(["tunels"])
    assert parsed(["tunnels", "shut"])
    assert not parsed(["gpus", "--json", "alpha"])


def test_the_keys_of_the_road_are_keys():
    """The middle column of the README's table: all that is one key, and not typed as text."""
    road = (ROOT / "README.md").read_text("utf-8").partition("## The road")[2].partition("\n## ")[0]
    known = set(re.findall(r"`([^`]+)`", (ROOT / "docs/keys.md").read_text("utf-8")))
    keys = [
        key for row in re.findall(r"^\|[^|]*\|([^|]*)\|", road, re.MULTILINE) for key in re.findall(r"`([^`]+)`", row)
    ]
    known |= {"⏎", "^t"}  # enter and ctrl+t, as the screen writes them
    typed = {"ctrl-b d", "free>40g"}  # tmux's, and a filter
    assert len(keys) > 15
    assert [key for key in keys if key not in known | typed] == []


def test_bash_can_read_every_block():
    scripts = {str(one): "\n".join(lines(one)) for page in TOLD for one in blocks(page) if one.language in SHELL}
    assert scripts
    for place, script in scripts.items():
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), place


def test_what_make_and_python_are_asked_for_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = [(page, line) for page in TOLD for line, _ in shown(page) if line.startswith(("make ", "python", ".venv/"))]
    assert asked
    for page, line in asked:
        for each in re.findall(r"^make ([a-z -]+)", line):
            assert set(each.split()) <= targets, f"{page}: {line}"
        for module in re.findall(r"-m ((?:scripts|benchmarks|tests)\.[\w.]+)", line):
            assert find_spec(module), f"{page}: {line}"


def test_every_language_of_a_block_is_looked_at():
    """Blocks without one are output and pictures in signs; YAML is read in `test_files`."""
    known = {*SHELL, "yaml", ""}
    assert {block.language for page in PAGES for block in blocks(page)} <= known
