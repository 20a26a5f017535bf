"""How long a keeper stays."""

import contextlib
import threading
import time
from dataclasses import dataclass, field

import pytest

from gpuws.keeper.server.lifetime import BLANK, Lifetime
from gpuws.keeper.wire.messages import Describe, Inquire
from gpuws.model.errors import UsageError
from gpuws.model.settings import Keeping
from gpuws.quick.framing import Broken
from tests.keeper.serving import SOON, until

HOUR = 3600.0


@dataclass
class Held:
    tunnels: dict = field(default_factory=dict)
    people: tuple = ()
    rested: int = 0
    waits: bool = False

    def tunnel_plans(self):
        return self.tunnels

    def working(self):
        return self.waits

    def logins(self):
        return self.people

    def rest(self):
        self.rested += 1


class Watched:
    """A life whose circumstances a test sets."""

    def __init__(self, keeping):
        self.busy = False
        self.life = Lifetime(lambda: keeping, lambda: self.busy)
        self.begin = time.time()

    def ends(self, after, held):
        return self.life.should_end(self.begin + after, held)


@pytest.fixture
def watched():
    return Watched(Keeping(idle=600.0, logins=8 * HOUR))


def test_it_ends_after_ten_minutes_alone_and_not_before(watched):
    held = Held()
    assert not watched.ends(590, held)
    assert watched.ends(601, held)


def test_somebody_there_begins_the_time_anew(watched):
    held = Held()
    watched.busy = True
    assert not watched.ends(5000, held)
    assert watched.life.ends_in(watched.begin + 5000, held) is None
    watched.busy = False
    assert not watched.ends(5590, held)
    assert watched.life.ends_in(watched.begin + 5500, held) == pytest.approx(100)
    assert watched.ends(5601, held)


def test_a_wait_keeps_it_and_goes_on_looking(watched):
    held = Held(waits=True)
    assert not watched.ends(HOUR, held)
    assert watched.life.ends_in(watched.begin + HOUR, held) is None
    assert held.rested == 0
    held.waits = False
    assert watched.ends(HOUR + 1, held)


def test_what_a_person_logged_in_for_is_kept_a_day_and_rests_meanwhile(watched):
    held = Held(people=("alpha",))
    assert not watched.ends(599, held)
    assert held.rested == 0
    assert not watched.ends(601, held)
    assert not watched.ends(700, held)
    assert held.rested == 1
    watched.busy = True
    watched.ends(800, held)
    watched.busy = False
    assert not watched.ends(1401, held)
    assert held.rested == 2
    assert not watched.ends(800 + 8 * HOUR - 1, held)
    assert watched.ends(800 + 8 * HOUR + 1, held)


def test_a_tunnel_keeps_it_for_good_and_hosts_without_one_rest(watched):
    held = Held(tunnels={"alpha:80": object()})
    assert not watched.ends(30 * 24 * HOUR, held)
    assert held.rested == 1
    assert watched.life.ends_in(watched.begin + HOUR, held) is None
    held.tunnels = {}
    assert watched.ends(30 * 24 * HOUR + 1, held)


def test_a_night_asleep_counts(watched):
    """Times are the wall clock's: the first look after waking up is late, and enough."""
    assert watched.ends(9 * HOUR, Held())


def test_one_that_could_not_read_its_configuration_does_not_linger(watched):
    assert not watched.ends(BLANK - 1, None)
    assert watched.ends(BLANK + 1, None)


# a real one


def test_it_ends_by_itself_and_takes_its_socket_along(serve):
    serving = serve(keeping=Keeping(idle=0.2))
    client = serving.client()
    assert not serving.server._stop.wait(0.6)
    client.close()
    serving.thread.join(SOON)
    assert not serving.thread.is_alive()
    assert serving.backend.closed.is_set()
    assert not serving.home.socket.exists()


def test_asking_how_it_is_does_not_keep_it(serve):
    serving = serve(keeping=Keeping(idle=0.3))
    serving.client().close()
    asking = serving.greeted()
    stop = threading.Event()

    def ask():
        with contextlib.suppress(Broken):
            while not stop.wait(0.02):
                asking.send(Inquire())
                asking.receive(SOON)

    asker = threading.Thread(target=ask)
    asker.start()
    serving.thread.join(SOON)
    stop.set()
    asker.join(SOON)
    assert not serving.thread.is_alive()


def test_it_says_how_long_it_stays(serve):
    serving = serve(keeping=Keeping(idle=600))
    ask = serving.dialer().ask
    assert ask(Inquire()).ends_in is None  # nothing is held yet
    client = serving.client()
    assert (ask(Inquire()).clients, ask(Inquire()).ends_in) == (1, None)
    client.close()
    until(lambda: ask(Inquire()).clients == 0, "its end")
    assert 590 < until(lambda: ask(Inquire()).ends_in, "a time") <= 600


def test_asking_how_it_is_connects_to_nothing(serve):
    serving = serve()
    assert serving.dialer().ask(Inquire()).hosts == ()
    assert serving.backend is None
    serving.dialer().ask(Describe())
    assert serving.backend.connected == []


def test_what_is_looked_at_is_connected_to_and_watched(serve):
    serving = serve()
    one = serving.client(("alpha",))
    other = serving.client(("bravo", "nowhere"), person=False)
    assert serving.backend.connected == [({"alpha"}, True), ({"bravo"}, False)]
    one.watch("alpha")
    other.watch("bravo")
    until(lambda: serving.backend.watched == {"alpha", "bravo"}, "both")
    one.watch(None)
    until(lambda: serving.backend.watched == {"bravo"}, "one")
    other.close()
    until(lambda: serving.backend.watched == set(), "none")


def test_a_look_asked_for_before_the_connection_stands_is_not_lost(serve):
    serving = serve()
    client = serving.client(start=False)
    client.watch("alpha")
    client.start()
    until(lambda: serving.backend and serving.backend.watched == {"alpha"}, "the look")


def test_a_configuration_that_is_wrong_is_told_to_each_and_mended_is_read_again(serve):
    wrong = [UsageError("hosts.yaml:2:1: one\nhosts.yaml:3:1: two")]
    made = []

    def make():
        if wrong:
            raise wrong[0]
        made.append(serving._make())
        return made[-1]

    serving = serve(make=make)
    for _ in range(2):
        with pytest.raises(UsageError, match=r"^hosts.yaml:2:1: one\nhosts.yaml:3:1: two$"):
            serving.dialer().ask(Describe())
    with pytest.raises(UsageError):
        serving.client(start=False).profiles()
    wrong.clear()
    assert [host.name for host in serving.dialer().ask(Describe()).hosts][:2] == ["alpha", "bravo"]
    assert len(made) == 1


def test_a_screen_that_met_a_wrong_configuration_comes_back_when_it_is_mended(serve, monkeypatch):
    monkeypatch.setattr("gpuws.keeper.client.view.PAUSES", (0.02,))
    wrong = [UsageError("hosts.yaml:2:1: one")]

    def make():
        if wrong:
            raise wrong[0]
        return serving._make()

    serving = serve(make=make)
    client = serving.client(("alpha",), start=False)
    client.start()
    until(lambda: client.snapshots()[0].error == "hosts.yaml:2:1: one", "the problem")
    wrong.clear()
    until(lambda: client.snapshots()[0].gpus, "the host")
