"""To whom a tunnel's target leads, by a list that may be old; the host and its engine are made up."""

from dataclasses import replace

import pytest

from gpuws.fleet.local.shared.places import Places
from gpuws.model.errors import GpuwsError, Refused, TargetError, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from tests.factories import container, snapshot

JUP = TunnelTarget("alpha", "jup", 8888)
OLD, NEW = container("jup", id="1" * 64), container("jup", id="2" * 64)
STOPPED = container("jup", id="3" * 64, state="exited", reason="exited 0")


class Host:
    """alpha: `there` is what its engine has, `listed` what was told of it last. It is its own link and engine."""

    linked, listing, readonly = True, True, False

    def __init__(self, listed, there):
        self.snapshot = snapshot(workspaces=listed)
        self.there = there
        self.lists = self.hurried = 0
        self.refuses = False

    def find(self, name):
        if name != "alpha":
            raise TargetError(f"no host {name!r}")
        return self

    def link(self):
        if not self.linked:
            raise Unreachable("alpha is down")
        return self

    def engine(self, workspace=None):
        return self.link()

    def hurry(self):
        self.hurried += 1

    def list_again(self, since):
        self.link()
        self.lists += 1
        self.snapshot = replace(self.snapshot, workspaces=self.there)

    def place(self, workspace_id, **_):
        return Inside(self, workspace_id)

    def workspace(self, place):
        return next((one for one in self.snapshot.workspaces if one.id == place.workspace), None)

    def dial_tcp(self, address, port):
        return ("alpha", address, port)


class Inside:
    def __init__(self, host, workspace_id):
        self.host, self.id = host, workspace_id

    def dial_unix(self, path):
        return (self.id, path)

    def dial_tcp(self, address, port):
        if self.host.refuses or self.id not in {one.id for one in self.host.there if one.alive}:
            raise GpuwsError("refused")
        return (self.id, port)


def test_what_is_listed_is_believed_without_asking():
    host = Host((OLD,), (OLD,))
    assert Places(host).dial_target(JUP) == (OLD.id, 8888)
    assert host.lists == 0


@pytest.mark.parametrize("listed", [(OLD,), (), (STOPPED,)])
def test_where_the_list_is_old_whoever_bears_the_name_is_led_to(listed):
    host = Host(listed, (NEW,))
    assert Places(host).dial_target(JUP) == (NEW.id, 8888)
    assert host.lists == 1


def test_a_list_that_nobody_keeps_true_is_not_believed():
    host = Host((OLD,), (NEW, replace(OLD, name="jup-before")))
    host.listing = False
    assert Places(host).dial_target(JUP) == (NEW.id, 8888)


@pytest.mark.parametrize(
    ("there", "kind", "says"),
    [((), TargetError, "alpha has no container jup"), ((STOPPED,), GpuwsError, "alpha/jup exited 0")],
)
def test_what_is_gone_or_ended_is_said(there, kind, says):
    with pytest.raises(GpuwsError, match=says) as caught:
        Places(Host((OLD,), there)).dial_target(JUP)
    assert type(caught.value) is kind


def test_what_refuses_refuses():
    host = Host((OLD,), (OLD,))
    host.refuses = True
    with pytest.raises(GpuwsError, match="refused"):
        Places(host).dial_target(JUP)


@pytest.mark.parametrize("target", [JUP, TunnelTarget("alpha", None, 80)])
def test_a_host_that_is_away_is_tried(target):
    host = Host((OLD,), (OLD,))
    host.linked = False
    with pytest.raises(Unreachable):
        Places(host).dial_target(target)
    assert host.hurried == 1


@pytest.mark.parametrize("state", [HostState.AUTH_FAILED, HostState.HOST_KEY_CHANGED, HostState.BLOCKED])
def test_one_that_only_a_person_leads_to_is_not_and_nobody_is_kept_waiting(state):
    host = Host((OLD,), (OLD,))
    host.linked, host.snapshot = False, replace(host.snapshot, state=state, error="refused")
    with pytest.raises(GpuwsError, match="alpha: refused") as caught:
        Places(host).dial_target(JUP)
    assert not isinstance(caught.value, Unreachable)
    assert host.hurried == 0


def test_the_host_itself_unless_it_is_read_only():
    host = Host((), ())
    there = TunnelTarget("alpha", None, 80)
    assert Places(host).dial_target(there) == ("alpha", "127.0.0.1", 80)
    host.readonly = True
    with pytest.raises(Refused):
        Places(host).dial_target(there)


def test_no_tunnel_is_opened_into_what_has_ended():
    places = Places(Host((STOPPED, NEW), (STOPPED, NEW)))
    places.need_alive(NEW.place)
    places.need_alive(PlaceRef("alpha"))
    places = Places(Host((STOPPED,), (STOPPED,)))
    with pytest.raises(GpuwsError, match="exited 0") as caught:
        places.need_alive(STOPPED.place)
    assert caught.value.remedy == "start it first: gpuws start alpha/jup"


def test_of_a_host_that_the_configuration_has_no_more_nothing_is_known():
    places, gone = Places(Host((), ())), TunnelTarget("zulu", "jup", 80)
    assert places.seen("zulu") == (None, False)
    assert not places.read(gone)
    assert not places.may_search(gone)
    places.list_seldom({"zulu"}, 1000.0)


def test_a_server_s_unix_socket_in_a_container_is_reached_from_inside_unless_nothing_may_run_there():
    host = Host([NEW], [NEW])
    target = replace(JUP, port=0, kind="notebook", address="/run/jup.sock")
    assert Places(host).dial_target(target) == (NEW.id, "/run/jup.sock")
    host.readonly = True
    with pytest.raises(Refused, match="read-only"):
        Places(host).dial_target(target)


def away(state):
    host = Host((), ())
    host.linked = host.listing = False
    host.snapshot = replace(host.snapshot, state=state, error="refuses connections")
    return host


@pytest.mark.parametrize("state", [HostState.DOWN, HostState.CONNECTING, HostState.STALE])
def test_a_tunnel_may_be_opened_to_what_is_away_whether_or_not_it_was_ever_seen(state):
    host = away(state)
    Places(host).need_openable(JUP)
    Places(host).need_openable(TunnelTarget("alpha", None, 80))
    host.readonly = True
    with pytest.raises(Refused):
        Places(host).need_openable(TunnelTarget("alpha", None, 80))


@pytest.mark.parametrize("state", [HostState.ASKING, *(one for one in HostState if one.final)])
def test_none_is_opened_where_only_a_person_leads_on(state):
    with pytest.raises(Unreachable):
        Places(away(state)).need_openable(JUP)


@pytest.mark.parametrize(
    ("there", "kind"),
    [((), TargetError), ((STOPPED,), GpuwsError)],
)
def test_none_is_opened_into_what_is_not_there_as_the_engine_says(there, kind):
    host = Host((), there)
    with pytest.raises(GpuwsError) as caught:
        Places(host).need_openable(JUP)
    assert (type(caught.value), host.lists) == (kind, 1)
    Places(Host((), (NEW,))).need_openable(JUP)
