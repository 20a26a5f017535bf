"""What became of an action whose answer was lost: a table of what was, what is, and what may be said."""

from dataclasses import replace

import pytest

from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.window import Client
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.aftermath import (
    of_action,
    of_calling,
    of_detaching,
    of_kernel,
    of_killing,
    of_making,
    of_pruning,
    of_removing,
    of_renaming,
    of_serving,
)
from gpuws.model.workspace.image import Image
from tests.factories import container, session

RAN = container("x", started=100.0)
AGAIN = container("x", started=200.0)
UNSAID = container("x")
ENDED = container("x", state="exited")
PAUSED = container("x", state="paused", started=100.0)
GONE, UNLISTED = None, None
DONE, NOT, UNKNOWN = "done", "not done", "not known"


@pytest.mark.parametrize(
    ("action", "before", "after", "outcome"),
    [
        ("stop", RAN, ENDED, DONE),
        ("stop", RAN, RAN, NOT),
        ("stop", RAN, AGAIN, DONE),  # by its restart policy, or by somebody
        ("stop", UNLISTED, RAN, UNKNOWN),
        ("stop", UNSAID, RAN, UNKNOWN),
        ("stop", UNLISTED, ENDED, DONE),
        ("stop", RAN, GONE, DONE),  # it was to be removed as it ended
        ("kill", RAN, ENDED, DONE),
        ("kill", RAN, RAN, NOT),
        ("kill", RAN, AGAIN, DONE),
        ("kill", RAN, GONE, DONE),
        ("restart", RAN, AGAIN, DONE),
        ("restart", RAN, RAN, NOT),
        ("restart", RAN, ENDED, NOT),
        ("restart", ENDED, AGAIN, UNKNOWN),  # its start before was not told
        ("restart", RAN, GONE, NOT),
        ("restart", UNLISTED, AGAIN, UNKNOWN),
        ("start", ENDED, AGAIN, DONE),
        ("start", ENDED, ENDED, UNKNOWN),  # a program may end at once
        ("start", ENDED, GONE, NOT),
        ("pause", RAN, PAUSED, DONE),
        ("pause", RAN, RAN, NOT),
        ("pause", RAN, ENDED, NOT),
        ("unpause", PAUSED, RAN, DONE),
        ("unpause", PAUSED, PAUSED, NOT),
        ("unpause", PAUSED, ENDED, NOT),
        ("remove", RAN, GONE, DONE),
        ("remove", ENDED, ENDED, NOT),
        ("remove", UNLISTED, RAN, NOT),
    ],
)
def test_an_action(action: Action, before, after, outcome):
    found = of_action(action, before, after)
    assert found.outcome == outcome
    assert bool(found.fact) == (outcome != DONE)


def test_every_action_has_its_rule():
    for action in Action.__args__:
        for before in (RAN, ENDED, PAUSED, UNLISTED):
            for after in (RAN, AGAIN, ENDED, PAUSED, GONE):
                assert of_action(action, before, after).outcome in (DONE, NOT, UNKNOWN)


def test_a_new_name():
    assert of_renaming("y", container("y")).outcome == DONE
    assert of_renaming("y", RAN).fact == "is still called x"
    assert of_renaming("y", GONE).outcome == NOT


MAIN = session("main", id="$1", created=100.0)


def test_a_session_that_was_to_end():
    assert of_killing(MAIN, ()).outcome == DONE
    assert of_killing(MAIN, (MAIN,)).outcome == NOT
    assert of_killing(MAIN, (replace(MAIN, name="other"),)).outcome == NOT
    # another one, of another server or made since, bears the name or the id
    for other in (replace(MAIN, id="$2"), replace(MAIN, socket="/tmp/work"), replace(MAIN, created=200.0)):
        assert of_killing(MAIN, (other,)).outcome == DONE


def test_a_session_that_was_to_be_called_otherwise():
    assert of_calling(MAIN, "new", (replace(MAIN, name="new"),)).outcome == DONE
    assert of_calling(MAIN, "new", (MAIN,)).outcome == NOT
    assert of_calling(MAIN, "new", ()).fact == "has ended"
    elsewhere = replace(MAIN, name="work/new", server="work", socket="/tmp/work")
    assert of_calling(replace(elsewhere, name="work/main"), "new", (elsewhere,)).outcome == DONE


def test_a_session_that_was_to_be_made():
    assert of_making("main", (), (MAIN,)).outcome == DONE
    assert of_making("main", (), ()).outcome == NOT
    assert of_making("main", UNLISTED, ()).outcome == NOT
    assert of_making("main", UNLISTED, (MAIN,)).outcome == UNKNOWN
    assert of_making("main", (MAIN,), (MAIN,)).outcome == UNKNOWN
    assert of_making("main", (), (replace(MAIN, socket="/tmp/work"),)).outcome == NOT


def test_a_session_that_everybody_was_to_leave():
    before = replace(MAIN, attached=2, clients=(Client("/dev/pts/1", since=10.0), Client("/dev/pts/2", since=20.0)))
    stays = replace(before, attached=1, clients=before.clients[1:])
    came = replace(before, attached=1, clients=(Client("/dev/pts/1", since=300.0),))
    assert of_detaching(before, (MAIN,)).outcome == DONE
    assert of_detaching(before, ()).outcome == DONE
    assert of_detaching(before, (came,)).outcome == DONE
    assert of_detaching(before, (stays,)).fact == "is still on /dev/pts/2"
    assert of_detaching(replace(before, clients=()), (stays,)).outcome == UNKNOWN  # GNU screen names none


def test_a_jupyter_server_that_was_to_end():
    server = JupyterServer(8888, pid=7)
    assert of_serving(server, (JupyterServer(8888, pid=8),)).outcome == DONE
    assert of_serving(server, (JupyterServer(8888), server)).outcome == NOT


@pytest.mark.parametrize(
    ("act", "told", "outcome"),
    [
        ("shutdown", {"there": False}, DONE),
        ("shutdown", {"there": True}, NOT),
        ("restart", {"there": False}, NOT),
        ("restart", {"there": True}, UNKNOWN),
        ("restart", {"there": True, "anew": True}, DONE),
        ("restart", {"there": True, "anew": False}, NOT),
        ("interrupt", {"there": False}, NOT),
        ("interrupt", {"there": True, "state": "idle"}, UNKNOWN),  # its cell may have ended by itself
        ("interrupt", {"there": True, "state": "busy"}, UNKNOWN),  # its program may have caught it
    ],
)
def test_a_kernel(act, told, outcome):
    found = of_kernel(act, **told)
    assert found.outcome == outcome
    assert told.get("state", "") in found.fact


def test_an_image_that_was_to_go():
    kept = Image("alpha", "sha256:1f2e", names=("a:1", "b:latest"))
    assert of_removing("a:1", (kept,)).outcome == NOT
    assert of_removing("sha256:1f2e", (kept,)).outcome == NOT
    assert of_removing("b", (kept,)).outcome == NOT
    assert of_removing("c:1", (kept,)).outcome == DONE
    assert of_removing("c:1", ()).outcome == DONE


def test_images_that_were_to_go():
    kept = Image("alpha", "sha256:1", names=("a:1",))
    assert of_pruning((kept, Image("alpha", "sha256:2", used_by=("x",)))).outcome == DONE
    assert of_pruning((kept, Image("alpha", "sha256:3"))).fact == "left 1 image"
