"""The rule for when to dial next, in every state."""

import pytest

from gpuws.fleet.local.host.backoff import Absence, pause


def most(**away):
    return pause(Absence(**away), jitter=lambda: 1.0)


def least(**away):
    return pause(Absence(**away), jitter=lambda: 0.0)


@pytest.mark.parametrize(
    ("away", "seconds"),
    [
        ({}, [1, 2, 4, 8, 16, 32, 60, 60]),
        ({"wanted": True}, [1] * 8),
        ({"wanted": True, "crowd": 6}, [1] * 8),
        ({"wanted": True, "crowd": 10}, [1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]),
        ({"wanted": True, "crowd": 64}, [1, 2, 3, 3, 3, 3, 3, 3]),
        ({"wanted": True, "silent": True}, [1, 2, 4, 4, 4, 4, 4, 4]),
        ({"wanted": True, "silent": True, "seconds": 300.0}, [1, 2, 4, 8, 16, 32, 60, 60]),
        ({"wanted": True, "seconds": 899.0}, [1] * 8),
        ({"wanted": True, "seconds": 900.0}, [1, 2, 4, 8, 15, 15, 15, 15]),
        ({"silent": True}, [1, 2, 4, 8, 16, 32, 60, 60]),
    ],
    ids=[
        "alone",
        "wanted",
        "six wanted",
        "ten wanted",
        "a whole lab wanted",
        "silent",
        "long silent",
        "not yet long away",
        "long away",
        "silent, nobody waits",
    ],
)
def test_how_long_it_is_left_alone(away, seconds):
    assert [most(attempts=attempt, **away) for attempt in range(1, 9)] == seconds
    assert [least(attempts=attempt, **away) for attempt in range(1, 9)] == [half / 2 for half in seconds]


def test_no_number_of_attempts_is_too_large():
    assert most(attempts=10**6) == 60.0
