"""Docker's and Podman's words for states, and one that nobody knows."""

import pytest

from tests import factories

ACTIONS = ("start", "stop", "restart", "kill", "remove")


@pytest.mark.parametrize(
    ("state", "keeps", "lives", "actions"),
    [
        ("created", True, False, "start remove"),
        ("initialized", True, False, "start remove"),
        ("running", True, True, "stop restart kill remove"),
        ("paused", True, True, "stop restart kill remove"),
        ("restarting", True, True, "stop kill remove"),
        ("stopping", True, True, "stop kill remove"),
        ("exited", False, False, "start restart remove"),
        ("stopped", False, False, "start restart remove"),
        ("removing", False, False, ""),
        ("dead", False, False, "start remove"),
        ("defrosting", True, True, "start stop restart kill remove"),
    ],
)
def test_what_a_word_means(state, keeps, lives, actions):
    one = factories.workspace("alpha", "a" * 64, "box", word=state)
    assert (one.status, one.holds, one.alive, one.enterable) == (state, keeps, lives, state == "running")
    assert [action for action in ACTIONS if one.allows(action)] == actions.split()
