import threading

from gpuws.fleet.local.shared.questions import Questions
from gpuws.model.host.question import Answer, Question
from gpuws.model.session.tunnel import Tunnel, TunnelTarget

QUESTION = Question("password", "alpha", "password?")


class Asker:
    """Asks in a thread of its own, as a host does."""

    def __init__(self, questions, host="alpha"):
        self.answer = "nothing yet"
        self.thread = threading.Thread(target=self._run, args=(questions, host))
        self.thread.start()

    def _run(self, questions, host):
        self.answer = questions.ask(host, QUESTION)


def open_questions():
    seen = []
    arrived = threading.Event()

    def changed(pending):
        seen.append(pending)
        if pending:
            arrived.set()

    return Questions(changed), seen, arrived


def test_an_answer_reaches_who_asked():
    questions, seen, arrived = open_questions()
    asker = Asker(questions)
    assert arrived.wait(5)
    (question,) = questions.pending()
    assert (question.host, question.text) == ("alpha", "password?")
    questions.answer(question.id, Answer(text="secret"))
    asker.thread.join(5)
    assert asker.answer == Answer(text="secret")
    assert questions.pending() == seen[-1] == ()


def test_an_answer_to_nobody_is_ignored():
    questions, seen, _ = open_questions()
    questions.answer("q99", Answer())
    assert seen == []


def test_withdrawing_frees_only_that_host():
    questions, _, arrived = open_questions()
    asker = Asker(questions)
    assert arrived.wait(5)
    questions.withdraw("bravo")
    assert len(questions.pending()) == 1
    questions.withdraw("alpha")
    asker.thread.join(5)
    assert asker.answer is None


def test_what_a_host_asks_next_ends_what_it_asked_before():
    questions, _, arrived = open_questions()
    first, other = Asker(questions), Asker(questions, "bravo")
    assert arrived.wait(5)
    arrived.clear()
    second = Asker(questions)
    first.thread.join(5)
    assert first.answer is None
    assert arrived.wait(5)
    while len(questions.pending()) < 2:
        arrived.wait(1)
    assert {question.host for question in questions.pending()} == {"alpha", "bravo"}
    questions.close()
    for asker in (other, second):
        asker.thread.join(5)


def test_closing_frees_everybody_and_refuses_new_ones():
    questions, _, arrived = open_questions()
    asker = Asker(questions)
    assert arrived.wait(5)
    questions.close()
    asker.thread.join(5)
    assert asker.answer is None
    assert questions.ask("alpha", QUESTION) is None


def test_secrets_stay_out_of_repr():
    assert "secret" not in repr(Answer(text="secret"))


def test_a_tunnels_url_holds_a_token_and_stays_out_of_repr_too():
    assert "secret" not in repr(Tunnel("a", TunnelTarget("a", None, 1), 1, url="http://127.0.0.1:1/lab?token=secret"))
