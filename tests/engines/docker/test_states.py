"""Docker's and Podman's words for states, and one that nobody knows."""

import pytest

from tests import factories

ACTIONS = ("start", "stop", "restart", "kill", "pause", "unpause", "rename", "remove")


@pytest.mark.parametrize(
    ("state", "keeps", "lives", "actions"),
    [
        ("created", True, False, "start rename remove"),
        ("initialized", True, False, "start rename remove"),
        ("running", True, True, "stop restart kill pause rename remove"),
        ("paused", True, True, "stop restart kill unpause rename remove"),
        ("restarting", True, True, "stop kill rename remove"),
        ("stopping", True, True, "stop kill remove"),
        ("exited", False, False, "start restart rename remove"),
        ("stopped", False, False, "start restart rename remove"),
        ("removing", False, False, ""),
        ("dead", False, False, "start remove"),
        ("defrosting", True, True, "start stop restart kill pause unpause rename remove"),
    ],
)
def test_what_a_word_means(state, keeps, lives, actions):
    one = factories.workspace("alpha", "a" * 64, "box", word=state)
    assert (one.status, one.holds, one.alive, one.enterable) == (state, keeps, lives, state == "running")
    assert [action for action in ACTIONS if one.allows(action)] == actions.split()
