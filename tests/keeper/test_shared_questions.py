"""Questions go to whoever can answer: one answer counts, and nobody waits for nobody."""

import threading
import time

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.events import QuestionsChanged
from gpuws.model.host.host import HostState
from gpuws.model.host.question import Answer
from tests.keeper.serving import SOON, until


@pytest.fixture
def asking(serve):
    """A keeper whose host `hotel` asks for its key as soon as the first client connects."""
    return serve(DemoFleet(tick=0, question=True))


def hotel(fleet):
    return next(s for s in fleet.snapshots() if s.name == "hotel")


def question_at(client):
    return until(client.questions, "the question")[0]


def test_every_program_with_a_person_is_asked_and_one_answer_counts(asking):
    one, other = asking.client(), asking.client()
    question = question_at(one)
    assert question_at(other) == question
    assert (question.kind, question.host) == ("host-key", "hotel")
    other.answer(question.id, Answer(True))
    until(lambda: hotel(one).state is HostState.UP, "the answer's effect")
    until(lambda: not one.questions(), "the end of the question")
    one.answer(question.id, None)  # too late, and without effect
    assert hotel(asking.fleet).state is HostState.UP


def test_it_is_declined_only_when_everybody_declined(asking):
    one, other = asking.client(), asking.client()
    question = question_at(one)
    question_at(other)
    one.answer(question.id, None)
    until(lambda: asking.server.questions._declined, "its word")
    assert asking.fleet.questions() == (question,)
    assert other.questions() == (question,)
    other.answer(question.id, None)
    until(lambda: not asking.fleet.questions(), "the decline")
    assert hotel(asking.fleet).error == "its host key was not confirmed"


def test_who_declined_is_not_asked_again(asking):
    one, other = asking.client(), asking.client()
    question = question_at(one)
    question_at(other)
    one.answer(question.id, None)
    asking.fleet.step()
    until(lambda: one.snapshots() == asking.fleet.snapshots(), "the next news")
    assert one.questions() == ()
    assert other.questions() == (question,)


def test_who_answered_is_not_asked_again_while_the_answer_is_on_its_way(asking):
    """The keeper's own word may come later than other news."""
    client = asking.client()
    question = question_at(client)
    told = []
    client.subscribe(lambda event: told.append(event) if isinstance(event, QuestionsChanged) else None)
    with asking.fleet._lock:  # the keeper can't take the answer yet
        client.answer(question.id, Answer(True))
        assert client.questions() == ()
    until(lambda: hotel(client).state is HostState.UP, "the answer's effect")
    assert all(event.questions == () for event in told)


def test_the_last_who_could_answer_leaves(asking):
    client = asking.client()
    question_at(client)
    assert asking.fleet.questions()
    client.close()
    until(lambda: not asking.fleet.questions(), "the decline")


def test_one_who_declined_stays_and_the_other_leaves(asking):
    one, other = asking.client(), asking.client()
    question = question_at(one)
    question_at(other)
    one.answer(question.id, None)
    until(lambda: asking.server.questions._declined, "its word")
    other.close()
    until(lambda: not asking.fleet.questions(), "the decline")


def test_one_who_leaves_takes_nothing_from_the_others(asking):
    one, other = asking.client(), asking.client()
    question = question_at(one)
    question_at(other)
    one.close()
    until(lambda: len(asking.server.clients.names()) == 1, "its end")
    assert asking.fleet.questions() == (question,)
    other.answer(question.id, Answer(True))
    until(lambda: hotel(asking.fleet).state is HostState.UP, "the answer's effect")


@pytest.mark.parametrize("names", [("alpha",), None], ids=["looks elsewhere", "nobody sits there"])
def test_nobody_can_answer(asking, names):
    viewer = asking.client()
    question = question_at(viewer)
    stranger = asking.client(names, person=names is not None)
    assert stranger.questions() == ()
    viewer.answer(question.id, None)  # the stranger's vote is not waited for
    until(lambda: not asking.fleet.questions(), "the decline")


def test_a_question_that_nobody_could_ever_answer_is_declined_at_once(asking):
    asking.client(person=False)
    assert asking.fleet.questions()
    asking.fleet._emit([QuestionsChanged(asking.fleet.questions())])
    until(lambda: not asking.fleet.questions(), "the decline")


def test_ten_answers_at_once_are_one(asking):
    clients = [asking.client() for _ in range(10)]
    (question,) = {question_at(client) for client in clients}
    go = threading.Barrier(10)

    def answer(client, accept):
        go.wait(SOON)
        client.answer(question.id, Answer(accept))

    threads = [threading.Thread(target=answer, args=(client, True)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    until(lambda: all(not client.questions() for client in clients), "the end of the question")
    assert hotel(asking.fleet).state is HostState.UP


def test_waiting_commands_ask_their_person_once(asking):
    """As every command waits: what is answered is not asked again by the next change of the fleet."""
    from gpuws.cli.toolkit.waiting import gather

    asked = []
    client = asking.client(start=False)
    stop = threading.Event()

    def move():
        while not stop.wait(0.002):
            asking.fleet.step()

    def ask(question):
        asked.append(question.id)
        return Answer(True)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        client.start()
        until(client.questions, "the question")
        began = time.monotonic()
        gather(client, frozenset(), 5.0, ask)
        until(lambda: hotel(client).state is HostState.UP, "the answer's effect")
        assert time.monotonic() - began < 5
    finally:
        stop.set()
        mover.join()
    assert len(asked) == 1
