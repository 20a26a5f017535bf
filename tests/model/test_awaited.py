"""What a tunnel waits for: a name on a host that is away, and nothing that takes a person."""

import pytest

from gpuws.model.host.host import HostState
from gpuws.model.query.awaited import awaited
from gpuws.model.query.target import parse
from gpuws.model.session.tunnel import TunnelTarget
from tests.factories import container, snapshot

BOX = container("box", id="ab12" * 16)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("alpha/never-seen", TunnelTarget("alpha", "never-seen", 80)),
        ("alpha/ab12ab12", TunnelTarget("alpha", "box", 80)),  # as long as its id is remembered
        ("alpha", TunnelTarget("alpha", None, 80)),
        ("never-seen", None),  # on which host, nobody knows
        ("bravo/box", None),
        ("nowhere/box", None),
    ],
)
def test_what_is_named_by_its_host_is_waited_for(word, found):
    hosts = (snapshot("alpha", state=HostState.DOWN, workspaces=(BOX,)), snapshot("bravo"))
    assert awaited(parse(word), hosts, 80) == found


@pytest.mark.parametrize("state", [one for one in HostState if one not in (HostState.DOWN, HostState.CONNECTING)])
def test_what_is_there_or_takes_a_person_is_not(state):
    assert awaited(parse("alpha/box"), (snapshot(state=state),), 80) is None


def test_a_service_is_waited_for_by_its_name():
    target = awaited(parse("alpha/box"), (snapshot(state=HostState.DOWN),), 0, service="tensorboard")
    assert target is not None
    assert target.text == "alpha/box:tensorboard"
