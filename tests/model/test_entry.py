"""How a way in is gone, what is said of it, and the command that is shown for it."""

from dataclasses import replace

import pytest

from gpuws.engines.docker.caps import CAPS
from gpuws.model.consent.entry import entry_command, manner, titled
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import Me
from gpuws.model.query.target import Found
from gpuws.model.session.session import Session
from gpuws.model.session.tmux import own_words
from gpuws.model.workspace.engine import EngineInfo
from tests import factories

BOX = factories.workspace("alpha", "a" * 64, "torch", "image", "running", owner="ann", owner_is_label=True, mine=True)
EVAL = factories.workspace("alpha", "b" * 64, "eval", "image", "running", owner="bob", owner_is_label=True)
SESSIONS = (
    Session("train", mine=True, id="$0"),
    Session("lab", mark="bob@desk", id="$1"),
    Session("main", container="torch", mine=True, id="$2"),
)
FACTS = HostFacts("ann", 1000, 1000, (), "/home/ann", "alpha")
ALPHA = HostSnapshot(
    "alpha",
    facts=FACTS,
    me=Me("ann", frozenset({"ann"})),
    engine=EngineInfo("docker", caps=CAPS),
    workspaces=(BOX, EVAL),
    sessions=SESSIONS,
)
LOOKED_ON = replace(ALPHA, readonly=True)
MINE = [Found(ALPHA, None, None), Found(ALPHA, None, "train"), Found(ALPHA, BOX, None), Found(ALPHA, BOX, "main")]
FOREIGN = [Found(ALPHA, EVAL, None), Found(ALPHA, EVAL, "main"), Found(ALPHA, None, "lab"), Found(ALPHA, None, "$1")]


@pytest.mark.parametrize("found", MINE)
def test_what_is_mine_is_entered_as_ever(found):
    how = manner(found)
    assert (how.own, how.look, how.note) == (True, False, "")
    assert manner(found, "write") == how
    assert manner(found, "read-only").look


@pytest.mark.parametrize("found", FOREIGN)
def test_what_is_not_mine_is_looked_on_unless_writing_is_asked_for(found):
    looked, written = manner(found), manner(found, "write")
    assert (looked.own, looked.look) == (written.own, not written.look) == (False, True)
    assert "bob's: you look on. To write: W on gpuws' screen, or gpuws attach --write" in looked.note
    assert written.note.endswith("is bob's: you write into it")


@pytest.mark.parametrize("found", [*MINE, *FOREIGN])
def test_a_read_only_host_is_looked_on(found):
    assert manner(replace(found, snapshot=LOOKED_ON)).look


@pytest.mark.parametrize("suffix", ["new", "main"])
def test_a_session_of_a_host_that_has_not_told_who_i_am_there_is_not_mine(suffix):
    assert manner(Found(replace(ALPHA, facts=None), None, suffix)).look


def test_nobody_known_is_not_me():
    nobody = replace(EVAL, owner=None)
    assert manner(Found(ALPHA, nobody, None)).note.startswith("alpha/eval is not yours: you look on")


@pytest.mark.parametrize(
    ("found", "wish", "command"),
    [
        (MINE[0], "", "ssh alpha"),
        (MINE[1], "", r"ssh -t alpha 'tmux -u attach-session -t \$0'"),
        (MINE[3], "", r"ssh -t alpha 'docker exec -it torch tmux -u attach-session -t \$2'"),
        (MINE[1], "read-only", "gpuws attach --read-only alpha:train"),
        (FOREIGN[0], "", "gpuws attach alpha/eval"),
        (FOREIGN[0], "write", "gpuws attach --write alpha/eval"),
        (FOREIGN[2], "", "gpuws attach alpha:lab"),
        (Found(LOOKED_ON, None, "train"), "", "gpuws attach alpha:train"),
        (Found(ALPHA, None, " lead"), "read-only", "gpuws attach --read-only 'alpha: lead'"),
        (
            Found(ALPHA, None, "new"),
            "",
            r"ssh -t alpha 'tmux -u new-session -A -s new \; set-option @gpuws_owner ann@'",
        ),
    ],
)
def test_what_is_shown_is_what_runs(found, wish, command):
    assert entry_command(found, manner(found, wish)) == command


def test_a_container_of_mine_shows_how_its_session_is_found():
    shown = entry_command(MINE[2], manner(MINE[2]))
    assert shown.startswith("ssh -t alpha 'docker exec -it torch sh -c ")
    assert "new-session -A -s main" in shown
    assert own_words("ann@")[2].count("tmux") == 4


def test_a_title_steers_nothing():
    assert titled("a\x1b]0;b\x07c") == "\x1b[22;2t\x1b]2;a ]0;b c\x1b\\"
