"""The keys that leave are those of the program that is entered, twice where the tmux around takes the first."""

import pytest

from gpuws.keeper.server.entrance import greeted
from gpuws.keeper.wire.messages import Enter
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import Found
from gpuws.model.session.detaching import detach_hint
from gpuws.model.session.session import Session
from gpuws.model.session.terminal import MyTerminal, Size
from gpuws.model.workspace.workspace import PlaceRef


@pytest.mark.parametrize(
    ("program", "around", "keys"),
    [
        ("tmux", "", "ctrl-b d"),
        ("tmux", "C-b", "ctrl-b ctrl-b d"),
        ("tmux", "C-a", "ctrl-b d"),
        ("screen", "C-b", "ctrl-a d"),
        ("screen", "C-a", "ctrl-a ctrl-a d"),
    ],
)
def test_the_keys_are_those_of_its_program(program, around, keys):
    session = Session("train", program=program, id="7.train")
    found = Found(HostSnapshot("alpha", state=HostState.UP, sessions=(session,)), None, "train")
    asked = Enter("attach", "alpha:train", size=Size(), mine=MyTerminal(prefix=around))
    assert greeted(found, asked).words == f"{keys} leaves, what runs goes on ({program}'s usual keys)"


def test_a_login_shell_is_left_by_its_end():
    assert detach_hint(PlaceRef("alpha"), None) == ""
