"""What a filter may go on with, and what was typed before."""

import pytest

from gpuws.model.errors import UsageError
from gpuws.model.query.filter import compile_filter, complete_filter
from gpuws.model.query.past_filters import Past, kept
from tests.factories import gpu, snapshot

HOSTS = (
    snapshot("alpha", tags=("a100", "room-3"), gpus=(gpu(0, user="alice", name="torch-dev", kind="container"), gpu(1))),
    snapshot("bravo", gpus=(gpu(0, user="de la Cruz", name="sweep.py", host="bravo"),)),
)


def words(text, at=None):
    return complete_filter(text, len(text) if at is None else at, HOSTS).words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fre", ("free", "free>40g")),
        ("al", ("alpha", "alice")),
        ("free al", ("alpha", "alice")),
        ("!al", ("alpha", "alice")),
        ("bob,al", ("alpha", "alice")),
        ("us", ("user=",)),
        ("user=", ("user=alice", 'user="de la Cruz"')),
        ("user=d", ('user="de la Cruz"',)),
        ("USER=AL", ("user=alice",)),
        ("host!=", ("host!=alpha", "host!=bravo")),
        ("util", ("util<10",)),
        ("util<", ("util<10",)),
        ("util<1", ("util<10",)),
        ("zzz", ()),
        ("alice", ()),
    ],
)
def test_words_keys_and_values_that_begin_so(text, found):
    assert words(text) == found


def test_nothing_typed_yet_shows_what_there_is():
    assert words("")[:3] == ("free", "busy", "held")
    assert {"alice", "alpha", "room-3", "user=", "free>40g"} <= set(words(""))


def test_every_word_that_is_offered_can_be_read():
    for text in ("", "user=", "host=", "name=", "state=", "util>", "free>"):
        for index, word in enumerate(words(text)):
            put, at = complete_filter(text, len(text), HOSTS).put(text, index)
            assert (put, at) == (word, len(word))
            if not put.endswith("="):
                compile_filter(put)
    with pytest.raises(UsageError):
        compile_filter("user=")


def test_only_the_word_at_the_cursor_is_replaced():
    found = complete_filter("fr alice", 2, HOSTS)
    assert found.put("fr alice", 0) == ("free alice", 4)


def test_past_filters_come_back_in_their_order_and_the_draft_after_them():
    past = Past(("new", "old"))
    past, shown = past.older("dra")
    assert shown == "new"
    past, shown = past.older(shown)
    assert shown == "old"
    past, shown = past.older(shown)
    assert shown == "old"
    past, shown = past.newer()
    assert shown == "new"
    past, shown = past.newer()
    assert (shown, past.browsing) == ("dra", False)
    assert Past(("new", "old")).older("new")[1] == "old", "what is shown is passed over"
    assert Past().older("x") == (Past(), "x")


def test_a_filter_is_kept_once_and_first():
    assert kept(("a", "b"), "b") == ("b", "a")
    assert kept(("a",), "") == ("a",)
