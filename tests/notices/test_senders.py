"""Notices to a real HTTP server and to real programs: arrived, refused, late, never."""

import contextlib
import logging
import os
import signal
import time
from dataclasses import replace

import pytest

from gpuws.fleet.noticing.ledger import Ledger
from gpuws.model.notice import pace
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.wishes import Command, Rule, Webhook, Wishes
from gpuws.notices import outbox as sending
from gpuws.notices.command import run
from gpuws.notices.failure import NotDelivered
from gpuws.notices.outbox import Outbox
from gpuws.notices.webhook import post
from tests.keeper.serving import until
from tests.notices.receivers import Taker, writer, written

SAID = "alpha: train died: exited 1"
NOTICE = Notice("container-1", "container", "alpha", "train", SAID, 1_800_000_000.0, True, "bad")


@pytest.fixture
def taker():
    with contextlib.closing(Taker()) as taker:
        yield taker


def test_the_whole_notice_is_posted(taker):
    post(Webhook(taker.url), NOTICE)
    ((_, body),) = taker.got
    assert body == {
        "id": "container-1", "kind": "container", "host": "alpha", "subject": "train",
        "sentence": SAID, "when": "2027-01-15T08:00:00Z", "mine": True, "level": "bad", "of": [],
    }  # fmt: skip
    assert taker.headers[0]["Idempotency-Key"] == "container-1"


def test_a_body_of_ones_own_with_headers_and_a_token(taker, tmp_path):
    token = tmp_path / "token"
    token.write_text("hush\n")
    post(Webhook(taker.url, {"text": "{sentence}", "priority": 4}, {"X-Title": "gpuws"}, token), NOTICE)
    assert taker.got[0][1] == {"text": "alpha: train died: exited 1", "priority": 4}
    assert (taker.headers[0]["Authorization"], taker.headers[0]["X-Title"]) == ("Bearer hush", "gpuws")


@pytest.mark.parametrize(("answer", "final"), [(500, False), (429, False), (404, True), (307, True)])
def test_what_an_address_answers_is_said_without_the_address(taker, answer, final):
    taker.answers = [answer]
    with pytest.raises(NotDelivered, match=f"127.0.0.1 answered {answer}") as caught:
        post(Webhook(taker.url), NOTICE)
    assert caught.value.final is final
    assert "/hook" not in str(caught.value)
    assert taker.got == []


def test_an_address_that_does_not_answer(taker):
    taker.gate.clear()
    with pytest.raises(NotDelivered, match=r"127\.0\.0\.1 can't be reached: no answer in time"):
        post(Webhook(taker.url, timeout=0.1), NOTICE)
    url = taker.url
    taker.close()
    with pytest.raises(NotDelivered, match="Connection refused"):
        post(Webhook(url), NOTICE)


def test_a_program_gets_the_notice_and_parts_of_it(tmp_path):
    run(Command((*writer(tmp_path / "got"), "{host}", "--say={sentence}")), NOTICE)
    ((_, told, argv),) = written(tmp_path / "got")
    assert told["id"] == "container-1"
    assert argv == ["alpha", "--say=alpha: train died: exited 1"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("/no/such",), "/no/such can't be started: No such file"),
        (("sh", "-c", "echo oh no >&2; exit 3"), "sh exited 3: oh no"),
        (("sh", "-c", "sleep 60 & wait"), "sh did not end within 0.2 s"),
        (("true",), None),
    ],
)
def test_how_a_program_fails(argv, said):
    with pytest.raises(NotDelivered, match=said) if said else contextlib.nullcontext():
        run(Command(argv, timeout=0.2 if "sleep" in argv[-1] else 20.0), NOTICE)


def test_what_a_program_leaves_running_is_not_waited_for(tmp_path):
    """A player of sounds, a bubble that stays: it would be told five times."""
    began = time.monotonic()
    run(Command(("sh", "-c", f"sleep 60 & echo $! >{tmp_path}/pid"), timeout=30.0), NOTICE)
    assert time.monotonic() - began < 20
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # it was there


def test_a_fault_of_ours_costs_one_turn(taker, post_office, monkeypatch, caplog):
    ledger, box = post_office(hook=Webhook(taker.url))
    turn, faults = pace.turn, [RuntimeError("a fault")]
    monkeypatch.setattr(pace, "turn", lambda *a, **k: turn(*a, **k) if not faults else _raise(faults.pop()))
    put(ledger, box, "hook")
    until(lambda: "a fault" in caplog.text, "the fault")
    until(lambda: (box.nudge(), taker.ids())[1] == ["n0"], "the notice by the next turn")


def _raise(error):
    raise error


# the outbox


@pytest.fixture
def post_office(monkeypatch):
    """Makes an outbox over a book in memory that sends to these."""
    monkeypatch.setattr(pace, "PAUSES", (0.01, 0.02))
    made = []

    def make(*, most=100, **receivers):
        wishes = Wishes((Rule(tuple(receivers)),), receivers, most=most)
        ledger = Ledger()
        box = Outbox(ledger, lambda: wishes)
        made.append(box)
        return ledger, box

    yield make
    for box in made:
        box.close()


def put(ledger, box, *receivers, count=1, first=0):
    news = [(replace(NOTICE, id=f"n{number}", when=time.time()), receivers) for number in range(first, first + count)]
    ledger.happened(news)
    box.nudge()


def test_what_did_not_arrive_is_sent_again(taker, post_office):
    taker.answers = [503, 503]
    ledger, box = post_office(hook=Webhook(taker.url))
    put(ledger, box, "hook")
    taker.wait_for(lambda it: it.ids() == ["n0"])
    until(lambda: ledger.all()[0].deliveries[0].at, "its arrival in the book")


def test_a_receiver_that_hangs_costs_the_others_nothing(taker, post_office, tmp_path):
    taker.gate.clear()
    ledger, box = post_office(hook=Webhook(taker.url), desk=Command(tuple(writer(tmp_path / "got"))))
    put(ledger, box, "hook", "desk", count=3)
    until(lambda: len(written(tmp_path / "got")) == 3, "all three at the program")
    assert taker.got == []
    taker.gate.set()
    taker.wait_for(lambda it: sorted(it.ids()) == ["n0", "n1", "n2"])


def test_what_is_refused_for_good_is_given_up_and_the_next_goes(taker, post_office):
    taker.answers = [404]
    ledger, box = post_office(hook=Webhook(taker.url))
    put(ledger, box, "hook", count=2)
    taker.wait_for(lambda it: it.ids() == ["n1"])
    assert ledger.all()[0].deliveries[0].given_up


def test_a_program_that_always_fails_is_given_up(post_office, monkeypatch):
    monkeypatch.setattr(sending, "TRIES", 2)
    ledger, box = post_office(desk=Command(("false",)))
    put(ledger, box, "desk")
    until(lambda: ledger.all()[0].deliveries[0].given_up, "its end")
    assert ledger.all()[0].deliveries[0].error == "false exited 1"


def test_a_flood_arrives_as_few(taker, post_office):
    ledger, box = post_office(hook=Webhook(taker.url), most=5)
    put(ledger, box, "hook", count=50)
    taker.wait_for(lambda it: len(it.got) == 5)
    assert taker.got[-1][1]["kind"] == "several"
    counted = [*taker.ids()[:4], *taker.got[-1][1]["of"]]
    assert sorted(counted) == sorted(f"n{number}" for number in range(50))


def test_nothing_of_the_address_gets_into_the_log(taker, post_office, caplog):
    caplog.set_level(logging.DEBUG)
    taker.answers = [404]
    ledger, box = post_office(hook=Webhook(taker.url))
    put(ledger, box, "hook")
    until(lambda: ledger.all()[0].deliveries[0].given_up, "its end")
    assert "/hook" not in caplog.text
    assert "/hook" not in repr(ledger.all())
