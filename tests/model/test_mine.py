"""Who I am on a host: what two people do through one login never looks like one person's."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.ownership.identity import Me, container_owner, me_on
from gpuws.model.session.session import Session
from gpuws.model.settings import Settings
from tests import factories

HOST = Host("alpha")
LAB = HostFacts("lab", 1200, 1200, (), "/home/lab", "alpha")
ROOT = HostFacts("root", 0, 0, (), "/root", "alpha")
ANNA = Settings(workstation="anna-mbp", login="anna")
BOB = Settings(workstation="bob-mbp", login="bob")


def box(owner, workstation, uid=1200, **changes):
    labels = {"gpuws.owner": owner} | ({"gpuws.from": workstation} if workstation else {})
    told = {"user": f"{uid}:{uid}", "login": "lab" if uid == 1200 else f"uid{uid}", "labels": labels}
    return factories.workspace("alpha", "a" * 64, "torch", owner=owner, owner_is_label=True, **{**told, **changes})


def launched(me: Me):
    """What `me` would launch."""
    return box(me.owner, me.workstation)


def test_where_my_login_is_mine_alone_it_is_my_name_and_what_has_no_label_is_mine():
    me = me_on(HOST, replace(BOB, me=("robert",)), LAB)
    assert (me.owner, me.shared) == ("lab", False)
    assert me.made(launched(me))
    assert me.made(box("robert", "anywhere"))
    assert me.made(box("bob", "bob-mbp"))
    assert me.runs("lab")
    assert me.began(Session("train"))
    assert not me.runs("carol")
    assert not me.runs(None)


def test_two_workstations_through_one_root_account_are_two_people():
    anna, bob = me_on(HOST, ANNA, ROOT), me_on(HOST, BOB, ROOT)
    assert (anna.owner, bob.owner, anna.shared) == ("anna", "bob", True)
    for me, other in ((anna, bob), (bob, anna)):
        assert me.made(launched(me))
        assert not me.made(launched(other))
        assert not me.runs("root")
        assert not me.began(Session("main"))
        assert me.began(Session("main", mark=me.mark))
        assert not me.began(Session("main", mark=other.mark))


def test_two_people_of_one_login_here_are_told_apart_by_their_workstations():
    one, other = (me_on(HOST, Settings(workstation=name, login="user"), ROOT) for name in ("desk", "laptop"))
    assert not other.made(launched(one))
    assert not other.began(Session("main", mark=one.mark))


def test_a_login_here_that_is_a_colleagues_login_there_makes_nothing_of_his_mine():
    me = me_on(HOST, replace(BOB, login="carol"), LAB)
    assert not me.made(box("carol", "carol-desk", 1300))
    assert not me.made(box("carol", None))
    assert not me.runs("carol")
    assert me.made(box("carol", "bob-mbp")), "what an older version labelled here"


@pytest.mark.parametrize(
    ("containers", "sessions", "shared"),
    [
        ((box("anna", "anna-mbp"),), (), True),
        ((), (Session("main", mark="anna@anna-mbp"),), True),
        ((box("anna", "anna-mbp", uid=1300),), (), False),  # through her own login
        ((box("anna", "anna-mbp", login="uid1200"),), (), False),  # her profile says which uid
        ((box("anna", None),), (), False),  # not made by gpuws, which writes where from
        ((box("lab", "anna-mbp"),), (Session("main", mark="lab@anna-mbp"),), False),  # I may have two workstations
        ((box("bob", "bob-mbp"),), (Session("main", mark="bob@bob-mbp"),), False),  # me, as an older version
    ],
)
def test_what_somebody_else_made_through_my_login_shows_that_it_is_shared(containers, sessions, shared):
    me = me_on(HOST, BOB, LAB, containers, sessions)
    assert (me.shared, me.owner) == (shared, "bob" if shared else "lab")
    assert me.runs("lab") is not shared


def test_hosts_yaml_says_that_a_login_is_shared_and_me_says_who_i_am_there():
    me = me_on(replace(HOST, shared_login=True), replace(BOB, me=("robert", "bob")), LAB)
    assert (me.owner, me.shared) == ("robert", True)
    assert me.made(box("robert", "elsewhere"))
    assert me.made(box("lab", "bob-mbp")), "as it was labelled here before that was known"
    assert not me.made(box("lab", "anna-mbp"))
    assert not me.runs("lab")
    assert not me.began(Session("main"))


def test_before_a_host_has_told_who_i_am_only_what_me_names_is_mine():
    me = me_on(HOST, replace(BOB, me=("robert",)))
    assert me.made(box("robert", None))
    assert not me.made(box("lab", "bob-mbp"))
    assert not me.runs(None)
    assert me_on(replace(HOST, user="lab"), BOB).runs("lab")


def test_a_session_in_a_container_is_whose_the_container_is():
    me = me_on(HOST, BOB, LAB)
    containers = (box("lab", "bob-mbp", mine=True), replace(box("carol", None), name="hers"))
    sessions = (Session("main", container="torch"), Session("main", container="hers"), Session("main"))
    assert [one.mine for one in me.whose(sessions, containers)] == [True, False, True]
    assert [one.mine for one in me_on(HOST, BOB, ROOT).whose(sessions, containers)] == [True, False, False]


def test_owner_by_label_then_by_the_home_it_mounts():
    assert container_owner({"gpuws.owner": "alice"}, ["/home/bob/x"]) == ("alice", True)
    assert container_owner({}, ["/home/bob/x", "/data", "/home/bob/y"]) == ("bob", False)
    assert container_owner({}, ["/home/bob/x", "/home/eve/y"]) == (None, False)
    assert container_owner({}, ["/nfs/home/bob", "/opt/app/home/x"]) == ("bob", False)
    compose = {"com.docker.compose.project.working_dir": "/home/eve/webui"}
    assert container_owner(compose, ["/data"]) == ("eve", False)
    assert container_owner(compose, ["/home/bob/x"]) == ("bob", False)
