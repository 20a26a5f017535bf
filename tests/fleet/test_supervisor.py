"""States and retries of one host, on a connector whose faults a test decides."""

import threading
import time

import pytest

from gpuws.fleet.local.host import supervisor
from gpuws.fleet.local.host.backoff import Crowd, Retries
from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.fleet.local.shared.questions import Questions
from gpuws.model.checkup.facts import LinkFacts
from gpuws.model.errors import (
    AuthFailed,
    Blocked,
    HostKeyChanged,
    HostKeyUnknown,
    NeedsPerson,
    TurnedAway,
    Unreachable,
)
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.settings import Settings
from tests.keeper.serving import until


class FakeLink:
    """A link on which every program fails to start."""

    def __init__(self, needed_human=False):
        self.alive = True
        self.latency = 0.01
        self.needed_human = needed_human
        self.closed = threading.Event()
        self._callbacks = []

    def facts(self):
        return LinkFacts(backend="openssh", why="KnownHostsCommand")

    def on_lost(self, callback):
        self._callbacks.append(callback)

    def on_crowded(self, give_way):
        pass

    def lose(self, reason="the server closed the connection"):
        self.alive = False
        for callback in self._callbacks:
            callback(reason)

    def close(self):
        self.alive = False
        self.closed.set()

    def run(self, argv, *, input=None, timeout=30.0):  # noqa: A002
        raise Unreachable("fake")

    def popen(self, argv):
        raise Unreachable("fake")

    interactive = dial_tcp = dial_unix = popen


class FakeConnector:
    """Each attempt takes the next of `outcomes`: an error to raise, a link, or a rule that gets `ask`."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.attempts = 0
        self.persons = []
        self.hurried = []

    def on_login(self, told):
        pass

    def on_change(self, told):
        pass

    def connect(self, host, ask, phase, *, person, hurried=False):
        self.attempts += 1
        self.persons.append(person)
        self.hurried.append(hurried)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if callable(outcome):
            outcome = outcome(ask)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self):
        pass


class Watched:
    """A supervisor and what it published."""

    def __init__(self, connector, **host):
        self._changed = threading.Condition()
        self.published = []
        self.questions = Questions(lambda _: self._wake())
        self.supervisor = Supervisor(
            Host("alpha", **host), Settings(("ada",)), connector, self.questions, self._take, lambda snapshot: snapshot
        )

    def _take(self, snapshot):
        self.published.append(snapshot)
        self._wake()

    def _wake(self):
        with self._changed:
            self._changed.notify_all()

    def wait(self, condition, seconds=10):
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.published[-3:]

    def wait_state(self, state):
        self.wait(lambda: self.supervisor.snapshot.state is state)
        return self.supervisor.snapshot


@pytest.fixture
def watch():
    running = []

    def start(connector, **host):
        watched = Watched(connector, **host)
        running.append(watched)
        watched.supervisor.start()
        return watched

    yield start
    for watched in running:
        watched.supervisor.close()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AuthFailed("refused", "ssh-add"), HostState.AUTH_FAILED),
        (HostKeyChanged("changed"), HostState.HOST_KEY_CHANGED),
        (Blocked("revoked"), HostState.BLOCKED),
        (HostKeyUnknown("nobody confirmed"), HostState.ASKING),
    ],
)
def test_a_refusal_is_shown_and_never_retried_without_a_user(watch, error, state):
    connector = FakeConnector(error, FakeLink())
    watched = watch(connector)
    snapshot = watched.wait_state(state)
    assert (snapshot.error, snapshot.remedy, snapshot.retry_at) == (error.message, error.remedy, None)
    time.sleep(1.5)  # longer than the first retry of an unreachable host would wait
    assert connector.attempts == 1
    watched.supervisor.reconnect()
    up = watched.wait_state(HostState.UP)
    assert (up.backend, up.backend_why) == ("openssh", "KnownHostsCommand")


class Written:
    """known_hosts, into which others write."""

    def __init__(self, kind=HostKeyUnknown):
        self.key, self.looks = False, 0
        self.error = kind("nobody confirmed it")
        self.error.known = self.known

    def known(self):
        self.looks += 1
        return self.key


@pytest.mark.parametrize("kind", [HostKeyUnknown, HostKeyChanged, Blocked])
def test_a_host_key_that_others_make_known_is_tried_by_itself(watch, monkeypatch, kind):
    monkeypatch.setattr(supervisor, "TICK", 0.05)
    file = Written(kind)
    watched = watch(connector := FakeConnector(file.error, FakeLink()))
    watched.wait(lambda: watched.supervisor.snapshot.error)
    watched.supervisor.hurry()
    until(lambda: file.looks > 1, "known_hosts is looked at")
    assert connector.attempts == 1
    file.key = True
    watched.wait_state(HostState.UP)
    assert connector.persons == [False, False]


def test_whoever_comes_once_the_key_is_known_is_not_told_that_it_is_not(watch, monkeypatch):
    monkeypatch.setattr(supervisor, "TICK", 60.0)
    file = Written()
    watched = watch(FakeConnector(file.error, FakeLink()))
    watched.wait_state(HostState.ASKING)
    watched.supervisor.wake(retry=False)
    assert watched.supervisor.snapshot.state is HostState.ASKING
    file.key = True
    watched.supervisor.wake(retry=False)
    assert watched.supervisor.snapshot.state is not HostState.ASKING
    watched.wait_state(HostState.UP)


def test_an_unreachable_host_is_tried_again_by_itself(watch):
    watched = watch(FakeConnector(Unreachable("connection refused"), FakeLink()))
    snapshot = watched.wait_state(HostState.DOWN)
    assert snapshot.error == "connection refused"
    assert 0 < snapshot.retry_at - time.time() <= 1.0
    watched.wait_state(HostState.UP)


def test_a_bug_in_connecting_costs_one_host_its_connection_not_its_thread(watch):
    watched = watch(FakeConnector(ZeroDivisionError("oops"), FakeLink()))
    assert "oops" in watched.wait_state(HostState.DOWN).error
    watched.wait_state(HostState.UP)


def test_a_lost_link_shows_at_once_and_comes_back(watch):
    first = FakeLink()
    watched = watch(FakeConnector(first, FakeLink()))
    watched.wait_state(HostState.UP)
    first.lose("the peer is silent")
    watched.wait(lambda: any(s.state is HostState.STALE and "the peer is silent" in s.error for s in watched.published))
    watched.wait(
        lambda: watched.supervisor.snapshot.generation == 2 and watched.supervisor.snapshot.state is HostState.UP
    )


def needs_person(login="bastion"):
    error = NeedsPerson("bastion: the link was lost, and this login needs you")
    error.asks, error.login = True, login
    return error


def test_a_login_that_needed_a_human_is_repeated_by_no_timer_nor_by_whoever_looks_or_waits(watch):
    link, again = FakeLink(), FakeLink()
    connector = FakeConnector(link, needs_person(), again)
    watched = watch(connector)
    watched.wait_state(HostState.UP)
    link.lose()
    assert "needs you" in watched.wait_state(HostState.ASKING).error
    watched.supervisor.wake(retry=True)
    watched.supervisor.hurry()
    watched.supervisor.logged_in("another")
    watched.supervisor.reconnect()  # heeded after what came before it
    watched.wait_state(HostState.UP)
    assert connector.persons == [False, False, True]


def test_one_login_brings_back_who_waits_for_it(watch):
    connector = FakeConnector(needs_person(), FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.error)
    watched.supervisor.logged_in("bastion")
    watched.wait_state(HostState.UP)
    assert connector.persons == [False, False]


def test_a_host_that_only_traffic_wants_asks_nobody():
    connector = FakeConnector(needs_person())
    watched = Watched(connector)
    watched.supervisor.hurry()
    watched.wait_state(HostState.ASKING)
    watched.supervisor.close()
    assert connector.persons == [False]


def test_what_waits_for_a_host_that_is_away_says_so_for_no_person(watch, patient):
    connector = FakeConnector(Unreachable("connection refused"), FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    watched.supervisor.reconnect()
    watched.wait_state(HostState.UP)
    assert connector.persons == [False, False]


def test_what_was_wanted_twice_before_a_link_was_up_is_done_once(watch):
    connecting, go_on = threading.Event(), threading.Event()

    def slow(ask):
        connecting.set()
        assert go_on.wait(10)
        return FakeLink()

    connector = FakeConnector(slow)
    watched = watch(connector)
    assert connecting.wait(10)
    watched.supervisor.reconnect()
    watched.supervisor.reconnect()
    go_on.set()
    watched.wait_state(HostState.UP)
    watched.supervisor.rest()
    watched.supervisor.wake(retry=False)
    assert watched.supervisor.linked
    assert connector.attempts == 1


def test_an_attempt_that_is_over_leaves_no_question(watch):
    """The server may have gone while a person was asked; what is said of it stays."""
    begun, cut_off, answered = threading.Event(), threading.Event(), threading.Event()

    def ask_in_vain(ask):
        threading.Thread(
            target=lambda: (ask(Question("prompt", "alpha", "Code:")), answered.set()), daemon=True
        ).start()
        begun.set()
        assert cut_off.wait(10)
        return needs_person()

    watched = watch(FakeConnector(ask_in_vain))
    assert begun.wait(10)
    watched.wait(watched.questions.pending)
    cut_off.set()
    assert answered.wait(10)
    watched.wait(lambda: watched.supervisor.snapshot.error)
    assert watched.questions.pending() == ()
    snapshot = watched.supervisor.snapshot
    assert (snapshot.state, snapshot.phase) == (HostState.ASKING, "")
    assert "needs you" in snapshot.error


def test_a_question_shows_as_asking_and_its_answer_goes_on(watch):
    answers = []

    def login(ask):
        answers.append(ask(Question("password", "alpha", "password?")))
        return FakeLink(needed_human=True)

    watched = watch(FakeConnector(login))
    watched.wait_state(HostState.ASKING)
    watched.wait(lambda: bool(watched.questions.pending()))
    watched.questions.answer(watched.questions.pending()[0].id, Answer(text="secret"))
    watched.wait_state(HostState.UP)
    assert answers == [Answer(text="secret")]


@pytest.fixture
def patient(monkeypatch):
    """Left alone, a host that is away is tried again after a minute."""
    monkeypatch.setattr("gpuws.fleet.local.host.backoff.delay", lambda attempt, cap=60.0, jitter=None: cap)


def test_whoever_waits_has_it_tried_at_once_and_often_and_why_it_is_away_stays_to_be_seen(watch, patient):
    connector = FakeConnector(*[Unreachable("connection refused")] * 2, FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    assert connector.attempts == 1
    begun = time.monotonic()
    watched.supervisor.hurry()
    watched.wait(lambda: connector.attempts == 2)
    watched.supervisor.hurry()  # said again, it does not go on faster
    watched.wait_state(HostState.UP)
    assert connector.attempts == 3
    assert 0.5 <= time.monotonic() - begun < 5.0
    away = [s for s in watched.published if s.state is HostState.DOWN]
    assert {s.error for s in away} == {"connection refused"}


def test_who_waited_and_left_costs_no_more_attempts(watch, patient, monkeypatch):
    monkeypatch.setattr("gpuws.fleet.local.host.backoff.WANTED", 0.0)
    connector = FakeConnector(Unreachable("connection refused"))
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    watched.supervisor.hurry()
    watched.wait(lambda: connector.attempts == 2 and watched.supervisor.snapshot.retry_at)
    assert watched.supervisor.snapshot.retry_at - time.time() > 50


@pytest.mark.parametrize(
    "outcome", [AuthFailed("refused"), HostKeyChanged("changed"), Blocked("revoked"), HostKeyUnknown("new")]
)
def test_no_traffic_tries_what_needs_a_person(watch, outcome):
    connector = FakeConnector(outcome, FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.error)
    watched.supervisor.hurry()
    watched.supervisor.reconnect()  # heeded after what came before it
    watched.wait_state(HostState.UP)
    assert connector.attempts == 2


def test_traffic_leaves_a_link_that_is_up_alone(watch):
    connector = FakeConnector(FakeLink())
    watched = watch(connector)
    watched.wait_state(HostState.UP)
    watched.supervisor.hurry()
    watched.supervisor.rest()
    watched.supervisor.wake(retry=False)
    assert watched.supervisor.linked
    assert connector.attempts == 1


def test_whoever_looks_has_it_tried_at_once_and_often_in_short_attempts(watch, patient):
    connector = FakeConnector(*[Unreachable("connection refused")] * 2, FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    assert connector.attempts == 1
    watched.supervisor.watch(True)
    watched.wait_state(HostState.UP)
    assert connector.hurried == [False, True, True]


def test_looking_away_ends_that(watch, patient):
    connector = FakeConnector(Unreachable("connection refused"))
    watched = watch(connector)
    watched.supervisor.watch(True)
    watched.wait(lambda: connector.attempts == 2)
    watched.supervisor.watch(False)
    watched.wait(lambda: (watched.supervisor.snapshot.retry_at or 0.0) - time.time() > 50)


def test_a_link_that_goes_while_somebody_looks_comes_back_in_a_short_attempt(watch):
    first = FakeLink()
    connector = FakeConnector(first, FakeLink())
    watched = watch(connector)
    watched.wait_state(HostState.UP)
    watched.supervisor.watch(True)
    first.lose()
    watched.wait(lambda: watched.supervisor.snapshot.generation == 2)
    watched.wait_state(HostState.UP)
    assert connector.hurried == [False, True]


@pytest.mark.parametrize(
    "outcome",
    [AuthFailed("refused"), HostKeyChanged("changed"), Blocked("revoked"), HostKeyUnknown("new"), NeedsPerson("lost")],
)
def test_neither_a_look_nor_another_network_tries_what_needs_a_person(watch, outcome):
    connector = FakeConnector(outcome, FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.error)
    watched.supervisor.watch(True)
    watched.supervisor.again()
    watched.supervisor.reconnect()  # heeded after what came before it
    watched.wait_state(HostState.UP)
    assert connector.attempts == 2


def test_another_network_has_what_is_away_tried_now_and_leaves_links_alone(watch, patient):
    connector = FakeConnector(Unreachable("no route"), FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    watched.supervisor.again()
    watched.wait_state(HostState.UP)
    watched.supervisor.again()
    watched.supervisor.rest()
    watched.supervisor.wake(retry=False)
    assert watched.supervisor.linked
    assert connector.attempts == 2


def test_a_whole_lab_that_went_comes_back_one_by_one_but_for_who_is_looked_at():
    now = [0.0]
    crowd = Crowd(lambda: now[0])
    hosts = [Retries(crowd, lambda: now[0]) for _ in range(64)]
    assert [one.turn() for one in hosts] == [0.0] * 64  # nothing was lost: at the start all are dialled at once
    for one in hosts:
        one.lost()
    hosts[40].look(True)
    turns = [one.turn() for one in hosts]
    assert turns.pop(40) == 0.0
    assert turns == pytest.approx([0.1 * number for number in range(63)])
    now[0] = 10.0
    assert hosts[0].turn() == 0.0


def test_twenty_that_are_looked_at_while_away_are_tried_less_often_each():
    now = [0.0]
    crowd = Crowd(lambda: now[0])
    hosts = [Retries(crowd, lambda: now[0]) for _ in range(20)]
    for one in hosts:
        one.look(True)
        for _ in range(5):
            one.failed()
    assert max(hosts[0].failed() for _ in range(50)) > 2.0
    assert max(hosts[0].failed() for _ in range(50)) <= 3.0
    for one in hosts[1:]:
        one.afresh()
    assert hosts[0].failed() <= 1.0


def test_a_host_that_stays_away_is_tried_less_often_whoever_waits():
    now = [0.0]
    retries = Retries(clock=lambda: now[0])
    assert retries.want()
    assert not retries.want()
    for _ in range(9):
        assert retries.failed() <= 1.0
    now[0] = 3600.0
    assert retries.want()
    assert not retries.hurried
    assert 7.5 <= retries.failed() <= 15.0
    now[0] += 11.0
    assert retries.failed() >= 30.0  # nobody waits any more
    retries.afresh()
    assert retries.failed() <= 1.0


@pytest.mark.alone
def test_closing_returns_at_once_while_connecting_hangs(watch):
    hung = threading.Event()

    def hang(ask):
        hung.set()
        threading.Event().wait()

    watched = watch(FakeConnector(hang))
    assert hung.wait(5)
    begun = time.monotonic()
    watched.supervisor.close()
    assert time.monotonic() - begun < 0.5


def test_closing_ends_the_link(watch):
    link = FakeLink()
    watched = watch(FakeConnector(link))
    watched.wait_state(HostState.UP)
    watched.supervisor.close()
    assert link.closed.wait(2)


def test_verbs_on_a_host_that_is_away_say_why(watch):
    watched = watch(FakeConnector(AuthFailed("alpha refused every key", "ssh-add")))
    watched.wait_state(HostState.AUTH_FAILED)
    with pytest.raises(Unreachable, match="alpha is auth-failed: alpha refused every key"):
        watched.supervisor.link()
    with pytest.raises(Unreachable):
        watched.supervisor.engine()


def test_a_server_that_hangs_up_is_left_alone_for_as_long_as_it_wants(watch, patient):
    connector = FakeConnector(TurnedAway("it keeps this address out", "wait", wait=0.8), FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    watched.supervisor.hurry()  # traffic through a tunnel
    watched.supervisor.wake(retry=False)  # a listing
    time.sleep(0.1)  # nothing happens, which nothing tells
    assert connector.attempts == 1
    assert watched.supervisor.snapshot.retry_at - time.time() < 61
    watched.supervisor.wake(retry=True)  # a person
    watched.wait_state(HostState.UP)


def test_who_waits_for_a_server_that_hung_up_has_it_tried_once_it_was_left_alone(watch, patient):
    connector = FakeConnector(TurnedAway("it keeps this address out", "wait", wait=0.3), FakeLink())
    watched = watch(connector)
    watched.wait(lambda: watched.supervisor.snapshot.retry_at)
    began = time.monotonic()
    watched.supervisor.hurry()
    watched.wait_state(HostState.UP)
    assert time.monotonic() - began > 0.2
