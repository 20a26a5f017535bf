"""TAB in the three real shells: whatever hosts and folders call their things, it offers names and runs nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpuws.cli.completion.shells import LOADING, SCRIPTS, WORD
from gpuws.cli.root import run
from tests.terminal import ScreenTerminal

HOSTILE = (
    "$(touch PWNED)", "`touch PWNED`", "x$(touch${IFS}PWNED)", "a;touch PWNED", "a|touch PWNED", "a&touch PWNED",
    "a\ntouch PWNED\n", "a\rtouch PWNED\r", "<(touch PWNED)", "=(touch PWNED)", "=touch", "~root", "*", "?x", "[a-z]*",
    "{a,b}", "'q'touch", '"q"touch', "\\touch", "!touch", "^touch^x", "#touch", "a b", "-rf", "--help;touch PWNED",
    "${(e):-$(touch PWNED)}", "\x1b]0;t\x07", "e\u202etxt", "$PATH", "(touch PWNED)", "%1", "@x", "a>PWNED", "\x03",
)  # fmt: skip
STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PREPARED = {"bash": "", "zsh": "autoload -Uz compinit && compinit -u -D; ", "fish": ""}
PROMPT = {
    "bash": "PS1='ready> '",
    "zsh": "PS1='ready> '",
    "fish": "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo 'ready> '; end",
}


@pytest.fixture
def home(tmp_path):
    """A home whose remembered names are hostile, but for one or two of each kind."""
    state = tmp_path / ".local/state/gpuws"
    state.mkdir(parents=True)
    hostile = [f"alpha/{name}" for name in HOSTILE]
    seen = {
        "hosts": ["alpha", "办公", "lab/rack:1", *HOSTILE], "profiles": ["pytorch-x", *HOSTILE],
        "tags": ["a100", *HOSTILE],
        "running": [*hostile, "alpha/torch-good", "[lab/rack:1]/work"], "stopped": [*hostile, "alpha/old-1"],
        "sessions": [*hostile, "alpha:train_1", "alpha/torch-good:main"], "notebooks": [*hostile, "alpha/lab"],
        "ports": [*hostile, "alpha/torch-good:8888"],
    }  # fmt: skip
    (state / "seen.json").write_text(json.dumps(seen))
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    programs = Path(sys.executable).parent  # where the installed gpuws lies
    return {"HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}", "LANG": "C.UTF-8", "GPUWS_KEEPER": "0"}


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_tab_offers_names_and_runs_nothing(shell, home):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    work, script = home / "work", home / "script"
    work.mkdir()
    for name in ("alpine.txt", "trusted.yaml"):  # a file like a host
        (work / name).touch()
    files = sorted(work.iterdir())
    script.write_text(SCRIPTS[shell])
    with ScreenTerminal(["env", "-C", str(work), *STARTS[shell]], environment(home), 100, 60) as terminal:
        terminal.send(f"{PREPARED[shell]}{PROMPT[shell]}; source {script}\n")
        terminal.wait_for("(?m)^ready>")
        for typed, completed in (
            ("gpuws stop alpha/", "alpha/torch-good"), ("gpuws attach alpha:", "alpha:train_1"),
            ("gpuws attach alpha/torch-good:", "alpha/torch-good:main"),
            ("gpuws tunnel alpha/torch-good:", "alpha/torch-good:8888"),
            ("gpuws start alpha/", "alpha/old-1"), ("gpuws jupyter ", "alpha/lab"), ("gpuws gpus --tag ", "a100"),
            ("gpuws gpus --hos", "--host"), ("gpuws gpus al", "alpha"), ("gpuws gpus 办", "办公"),
            ("gpuws stop \\[", r"\\?\[lab/rack:1\\?\]/work"), ("gpuws launch pytorch-x", "pytorch-x"),
            ("gpuws launch -H al", "alpha"), ("gpuws gpus alpi", "alpi"), ("gpuws trust tru", "trusted.yaml"),
        ):  # fmt: skip
            terminal.send(f"{typed}\t")
            terminal.wait_for(rf"(?m)^ready> {typed.rpartition(' ')[0]} {completed}")
            terminal.press("ctrl+u")
            terminal.wait_for(r"(?m)^ready>\s*\Z")
        assert sorted(work.iterdir()) == files


def test_every_command_of_ours_is_a_word_and_no_hostile_name_is_one():
    assert all(WORD.match(word) for word in ("gpus", "alpha", "gpu-01.lab", "alpha/torch", "a:main", "a/b:8888"))
    assert all(WORD.match(word) for word in ("办公/work", "gpu+1", "lab/gpu/a100", "2001:db8::10", "[lab/a:b]/w:8888"))
    assert not [word for word in ("[a", "[]", "[a b]/c", "[a]b", "a[b]", "[$a]", "-[a]") if WORD.match(word)]
    assert not [name for name in HOSTILE if WORD.match(name) or WORD.match(f"alpha/{name}")]


@pytest.mark.parametrize("asked", ["complete_bash", "complete_zsh", "source_bash", "powershell", ""])
def test_scripts_of_other_kinds_get_nothing(asked, home):
    """Such as typer's own, which evaluated what they got: they may still be installed somewhere."""
    env = environment(home) | {"_GPUWS_COMPLETE": asked, "_TYPER_COMPLETE_ARGS": "gpuws stop alpha/",
                               "COMP_WORDS": "gpuws stop alpha/", "COMP_CWORD": "2"}  # fmt: skip
    done = subprocess.run(["gpuws", "stop", "alpha/"], env=env, capture_output=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize(("line", "offered"), [("gpuws gpus =", ""), ("gpuws gpus --host=al", "alpha\n")])
def test_bash_is_given_what_goes_on_from_what_stands_there(line, offered, home):
    env = environment(home) | {"_GPUWS_COMPLETE": "bash", "_GPUWS_BREAKS": " \t\n\"'><=;|&(:"}
    done = subprocess.run(["gpuws", line], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == offered


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_installing_it_twice_writes_it_once(shell, home):
    rc = home / LOADING[shell][0] if shell in LOADING else None
    if rc:
        rc.write_text("alias ll=ls")
    for _ in range(2):
        done = subprocess.run(["gpuws", "--install-completion"], env=environment(home) | {"SHELL": f"/bin/{shell}"},
                              capture_output=True, text=True, timeout=30, check=True)  # fmt: skip
        written = Path(done.stdout.splitlines()[0].removeprefix("wrote "))
        assert written.read_text() == SCRIPTS[shell]
    if rc:
        assert rc.read_text() == f"alias ll=ls\n{LOADING[shell][1]}\n"


def test_a_shell_without_completion_is_told_which_have_one(home):
    env = environment(home) | {"SHELL": "/bin/tcsh"}
    done = subprocess.run(["gpuws", "completion"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "bash, zsh, fish" in done.stderr


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_the_script_is_printed_for_the_shell_that_is_named(shell, capsys):
    assert run(["completion", shell]) == 0
    assert capsys.readouterr().out == SCRIPTS[shell]
    assert run(["completion", "tcsh"]) == 2
