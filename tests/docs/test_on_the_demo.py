"""Every `gpuws` command that the documentation shows is run on the demo, or stands below with why it is not."""

from __future__ import annotations

import re

import pytest

from gpuws.cli.root import run
from gpuws.cli.toolkit.demo_files import demo_paths
from tests.cli.conftest import environment
from tests.docs.pages import ROOT
from tests.docs.test_commands import TOLD, parsed, shown, words

NOT_RUN = {
    r"(--readonly)?$": "opens the screen: tests/tui",
    r"demo": "opens the screen: tests/tui, tests/soak/test_install.py",
    r"(attach|shell|top|gpus --watch)\b": "needs a terminal: tests/cli/test_help.py",
    r"(tunnel|jupyter|proxy|logs -f)\b": "goes on until Ctrl-C: tests/cli/test_help.py",
    r"exec -it": "needs a terminal: tests/cli/test_help.py",
    r"with\b": "runs a program of this workstation on an engine, which the demo has not: tests/e2e/test_with.py",
    r"trust\b": "nothing is shared in the demo: tests/cli/test_trust.py",
    r"keeper\b": "the demo has no keeper: tests/keeper",
    r"--install-completion": "writes into the shell's files: tests/cli/test_completion.py",
    r"((images|volumes) )?prune( --filter)?$": "wants a host: tests/cli/test_disks.py, test_actions.py",
    r"kernels (interrupt|restart|shutdown)$": "wants a notebook, or --idle: tests/cli/test_kernels.py",
    r"doctor HOST --fix": "the demo has nothing to mend: tests/cli/test_doctor.py",
    r"wait.*--detach": "is left to the keeper: tests/keeper/test_waits.py",
}
"""How it begins → why."""
STANDS_FOR = {
    "bravo/torch": "alpha/torch-dev",  # what the page launched before: each command here has a demo of its own
    "bravo/torch:/workspace/checkpoints": "alpha/torch-dev:/workspace/checkpoints",
    "HOST": "bravo",
    "N": "1",
    "TARGET": "alpha/torch-dev",
    "PROFILE": "pytorch-2.8-cu128",
    "NAME": "base",
    "mine": "pytorch-2.8-cu128",
    "IMAGE": "gpuws/pytorch-2.8-cu128",
    "FILE": "train.yaml",
    "CMD": "nvidia-smi",
}
ASKS = ("stop", "restart", "recreate", "rm", "prune")
"""Answered with --yes: what stands there is mine."""
FINE = {"doctor": (0, 1, 3), "drift": (0, 1)}
"""Exit codes that tell of the demo's lab, which has its troubles, not of the command. Of others: 0, in listings 3."""


EXAMPLES = "commands.md"
"""Those of `--help`, which tests/cli/test_help.py runs."""


def left_out(given):
    return next((why for start, why in NOT_RUN.items() if re.match(start, " ".join(given))), "")


def to_run(page):
    """Of code within a line what is whole: a command that is only named lacks something."""
    for line, whole in shown(page):
        given = words(line)
        if given is not None and not left_out(given) and "…" not in line and (whole or not parsed(given)):
            yield (*(STANDS_FOR.get(word, word) for word in given), *["--yes"] * (given[0] in ASKS))


@pytest.fixture
def demo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.yaml").write_text("extends: base\n")
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx}, db: {image: postgres}}\n")
    for key, value in environment(tmp_path).items():
        monkeypatch.setenv(key, value)
    demo_paths.cache_clear()


@pytest.mark.parametrize(
    "page",
    [page for page in TOLD if page.name != EXAMPLES and [*to_run(page)]],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_it_does_what_it_says(page, demo, capfd):
    for given in dict.fromkeys(to_run(page)):
        code = run([*given])
        told = capfd.readouterr()
        assert code in FINE.get(given[0], (0, 3)), f"{' '.join(given)}: {told.err}"
        assert told.out or code == 0, " ".join(given)


def test_each_reason_still_leaves_something_out():
    shown_ = [given for page in TOLD for line, _ in shown(page) if (given := words(line)) is not None]
    reasons = {left_out(given) for given in shown_}
    assert set(NOT_RUN.values()) <= reasons
