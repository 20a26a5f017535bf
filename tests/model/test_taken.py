"""What workspaces take: rates between two counters, what is forgotten, memory that ran out unheard."""

import pytest

from gpuws.model.workspace.usage import NOTHING_TAKEN, Counters, Usage, newest
from gpuws.model.workspace.workspace import measured
from tests.factories import container

BOX = container("box", started=1000.0)


def counted(at, **told):
    return Counters(BOX.id, at, **told)


def test_rates_lie_between_two_counters_and_the_first_has_none():
    once = NOTHING_TAKEN.after([counted(2000.0, cpu=10.0, memory=5, read=0)])
    assert once.usage[BOX.id] == Usage(memory=5)
    twice = once.after([counted(2010.0, cpu=25.0, memory=6, read=1000, sent=5)])
    assert twice.usage[BOX.id] == Usage(cores=1.5, memory=6, read=100.0)
    again = twice.after([counted(2010.1, cpu=25.2, memory=7)])  # asked twice in a moment
    assert again.usage == twice.usage
    other_life = twice.after([counted(2020.0, cpu=0.1, memory=1)])
    assert other_life.usage[BOX.id] == Usage(memory=1)


def test_what_is_long_ago_is_neither_shown_nor_measured_from():
    once = NOTHING_TAKEN.after([counted(2000.0, cpu=10.0, memory=5), Counters("gone", 2000.0, memory=1)])
    later = once.after([counted(2200.0, cpu=25.0, memory=6)])
    assert later.usage == {BOX.id: Usage(memory=6)}


@pytest.mark.parametrize(
    ("told", "kills", "said"),
    [(None, None, None), (0, None, None), (1, 1, "out of memory inside"), (3, 3, "out of memory inside, 3 times")],
)
def test_memory_that_ran_out_while_nobody_heard_the_engine(told, kills, said):
    taken = NOTHING_TAKEN.after([counted(2000.0, memory=5, oom_kills=told)])
    shown = measured(BOX, taken)
    assert (shown.oom_kills, shown.reason, shown.failed) == (kills, said, said is not None)
    assert shown.out_of_memory == ("inside" if said else None)
    assert shown.usage is not None


def test_what_the_engine_counted_stays_and_a_life_before_does_not_count():
    heard = container("box", started=1000.0, oom_kills=4, out_of_memory="inside", reason="out of memory inside")
    taken = NOTHING_TAKEN.after([counted(2000.0, oom_kills=2)])
    assert measured(heard, taken).oom_kills == 4
    assert measured(container("box", started=2500.0), taken).oom_kills is None
    ended = container("box", state="exited")
    assert measured(ended, taken) is ended


def test_a_first_look_does_not_hide_what_is_known_of_the_rates():
    told, first, second = Usage(6.2, 5), Usage(None, 7), Usage(1.0, 9)
    assert newest(None, told) == newest(first, told) == told
    assert newest(first, None) == first
    assert newest(second, told) == second
    assert newest(None, None) is None
