"""A host tried out before it is written down: the same supervisor as any host's, and nothing stays of it."""

import threading

import pytest

from gpuws.fleet.local.host.supervisor import Supervisor
from gpuws.fleet.local.host.trial import tried
from gpuws.fleet.local.shared.hosts import Hosts
from gpuws.fleet.local.shared.questions import Questions
from gpuws.model.errors import AuthFailed, Cancelled, HostKeyUnknown, Unreachable
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.settings import Settings
from tests.fleet.test_supervisor import FakeConnector, FakeLink

KEY = Question("host-key", "alpha", "is this its key?", ("SHA256:abc",))


class Trials:
    """Tries a host on a connector; `asked` is what a person was asked."""

    def __init__(self, connector):
        self.connector, self.asked, self.seen, self.cancel = connector, [], [], threading.Event()
        self.questions = Questions(self._ask)
        self.answer = Answer(accept=True)

    def _ask(self, pending):
        for question in pending:
            if question.id not in self.asked:
                self.asked.append(question.id)
                self.questions.answer(question.id, self.answer)

    def run(self):
        def make(host, publish):
            return Supervisor(host, Settings(("ada",)), self.connector, self.questions, publish, lambda one: one)

        return tried(Host("alpha"), make, self.seen.append, self.cancel)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("alpha: port 22 refuses connections", "is sshd running?"), HostState.DOWN),
        (AuthFailed("alpha: the server refused every login", "ssh-add"), HostState.AUTH_FAILED),
        (HostKeyUnknown("alpha: nobody confirmed it"), HostState.ASKING),
    ],
)
def test_a_host_that_is_not_reached_says_why_after_one_attempt(error, state):
    trials = Trials(FakeConnector(error))
    found = trials.run()
    assert (found.state, found.remedy) == (state, error.remedy)
    assert found.error in error.message
    assert trials.connector.attempts == 1
    assert trials.seen[-1] == found


def test_its_questions_are_asked_as_any_hosts_and_one_answer_is_enough():
    link = FakeLink()
    trials = Trials(FakeConnector(lambda ask: link if ask(KEY) else HostKeyUnknown("no")))
    found = trials.run()
    assert found.state is HostState.UP
    assert len(trials.asked) == 1
    assert link.closed.wait(5), "its link outlives the test"


def test_it_is_taken_for_no_host_that_is_there_and_changes_nothing():
    told, connected = [], []

    class Noting(FakeConnector):
        def connect(self, host, ask, phase, *, person, hurried=False):
            connected.append(host)
            return super().connect(host, ask, phase, person=person, hurried=hurried)

    asked = []
    questions = Questions(lambda pending: asked.extend(pending) or [questions.answer(q.id, None) for q in pending])
    connector = Noting(lambda ask: FakeLink() if ask(KEY) else HostKeyUnknown("alpha (test): nobody confirmed it"))
    hosts = Hosts(Settings(("ada",)), connector, questions, told.append)
    seen = []
    found = tried(Host("alpha", tags=("a100",)), hosts.trial, seen.append, threading.Event())
    assert (found.name, found.error) == ("alpha", "nobody confirmed it")
    assert {one.name for one in seen} == {"alpha"}
    assert [(one.name, one.hostname, one.readonly) for one in connected] == [("alpha (test)", "alpha", True)]
    assert {question.host for question in asked} == {"alpha (test)"}
    assert told == []


def test_it_can_be_stopped_while_a_question_is_open():
    trials = Trials(FakeConnector(lambda ask: FakeLink() if ask(KEY) else HostKeyUnknown("no")))
    asked = threading.Event()
    trials.questions = Questions(lambda pending: asked.set() if pending else None)
    stopper = threading.Thread(target=lambda: (asked.wait(5), trials.cancel.set()))
    stopper.start()
    with pytest.raises(Cancelled):
        trials.run()
    stopper.join()
    assert trials.questions.pending() == ()
