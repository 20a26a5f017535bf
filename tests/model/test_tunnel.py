"""A tunnel knows its target as data; the text of it is made for people and documents."""

from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.documents import listings
from gpuws.tui.selection import Selection, containers
from gpuws.tui.sessions.doors import equivalent
from tests.factories import container, snapshot


def tunnel(place, label, port=8888):
    return Tunnel("t", TunnelTarget(place, label, port), 20001)


def test_documents_have_the_target_as_a_person_types_it():
    target = TunnelTarget(PlaceRef("alpha", "c" * 64), "alpha/jup", 8888, "notebook")
    assert listings.tunnels([Tunnel("t", target, 20001)]) == {
        "hosts": [],
        "tunnels": [
            {
                "target": "alpha/jup:8888",
                "local_port": 20001,
                "state": "listening",
                "url": None,
                "bytes_in": 0,
                "bytes_out": 0,
                "error": None,
            }
        ],
    }


def test_it_leads_to_the_host_of_its_place_whatever_its_label_looks_like():
    assert tunnel(PlaceRef("alpha", "1"), "alpha/jup").leads_to("alpha")
    assert not tunnel(PlaceRef("alpha:2"), "alpha:2").leads_to("alpha")


def test_its_container_is_the_one_of_its_place_though_another_has_its_name_now():
    old, young = container("jup", id="1" * 64), container("jup", id="2" * 64)
    selected = Selection(snapshot(workspaces=(old, young)), tunnel=tunnel(young.place, "alpha/jup"))
    assert containers(selected) == (young,)
    assert equivalent(selected) == "gpuws tunnel alpha/jup 20001:8888"
