"""Logs read in messages: over cuts without losing or doubling one, and backwards by pages."""

import threading
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuws.fleet import reading
from gpuws.fleet.reading import Edge, LogReading, followed, page_before
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.workspace.log_messages import epoch_of
from gpuws.model.workspace.logs import LogWindow
from tests.logs import BEGAN, Given, Log, message


def read_all(log, window):
    told = []
    over = threading.Event()
    over.wait = lambda seconds: False
    found = [one for page in followed(LogReading(log, window), over, told.append) for one in page]
    return found, told


def test_the_token_that_a_notebook_server_prints_is_hidden():
    line = b"    http://127.0.0.1:8888/lab?token=0123abcd\n"
    log = Log([message(1, "stderr", 1)._replace(data=line)])
    (found,), _ = read_all(log, LogWindow(tail=None))
    (paged,) = page_before(log, Edge(), 10)
    assert found.data == paged.data == b"    http://127.0.0.1:8888/lab?token=***\n"


OUTPUTS = st.sampled_from(["stdout", "stderr"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(OUTPUTS, st.integers(0, 3)), min_size=1, max_size=30),
    st.lists(st.integers(0, 400), max_size=4),
    st.lists(st.integers(0, 12), max_size=4),
)
def test_whatever_is_cut_nothing_is_lost_and_nothing_is_told_twice(written, cuts, grown):
    at, messages = 0, []
    for number, (output, step) in enumerate(written):
        at += step  # several at the very same time, too
        messages.append(message(number, output, at))
    later, number = [], len(messages)
    for count in grown:
        later.append([message(number + n, "stdout", at + 1 + n) for n in range(count)])
        number, at = number + count, at + 1 + count
    log = Log(messages, cuts, 7)
    log.grows = later
    found, told = read_all(log, LogWindow(follow=True, tail=None))
    assert found == log.messages
    assert [bool(error) for error in told] == [True, False] * (len(told) // 2)


def test_more_than_is_read_again_after_a_cut_is_asked_for_until_it_joins(monkeypatch):
    monkeypatch.setattr(reading, "OVERLAP", 2)
    log = Log([message(n) for n in range(5)], [200])
    log.grows = [[message(n) for n in range(5, 60)]]
    found, _ = read_all(log, LogWindow(follow=True, tail=None))
    assert found == log.messages
    assert [window.tail for window in log.asked] == [None, 2, 32, 512]


def test_what_is_wanted_from_now_on_is_not_lost_in_a_cut():
    log = Log([message(n) for n in range(5)])
    log.grows = [[message(5)], [message(6)]]
    log.cuts = [None, 5]
    found, _ = read_all(log, LogWindow(follow=True, tail=0))
    assert found == log.messages[5:]


def test_a_log_that_was_never_there_is_an_error_at_once():
    def gone(window):
        raise Unreachable("alpha is away")

    with pytest.raises(Unreachable):
        list(followed(LogReading(gone, LogWindow(follow=True)), threading.Event(), print))


def test_bytes_that_are_no_log_are_an_error():
    one = LogReading(lambda window: Given(b"hello, this is no log at all"), LogWindow())
    with pytest.raises(GpuwsError, match="makes no sense"):
        one.more()


def test_older_pages_join_what_is_known_to_the_beginning():
    messages = [message(n, "stderr" if n % 3 else "stdout", n // 4) for n in range(100)]
    log = Log(messages)
    held = messages[90:]
    while True:
        first = held[0].stamp
        near = Counter((one.stamp, one.output) for one in held if epoch_of(one.stamp) <= epoch_of(first) + 2)
        page = page_before(log, Edge(first, near, len(held)), 16)
        if not page:
            break
        assert len(page) <= 16
        held = page + held
    assert held == messages


def test_the_last_of_a_run_that_is_over_are_found_behind_many_of_the_next():
    log = Log([message(n) for n in range(3000)])
    page = page_before(log, Edge(), 5, LogWindow(until=BEGAN + 99.5))
    assert page == log.messages[95:100]
    assert [window.tail for window in log.asked] == [5, 80, None]
