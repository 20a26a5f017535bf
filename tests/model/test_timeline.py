"""A stretch of time as it is shown: it ends now, what was not seen is unknown, and a late sample is no gap."""

import pytest

from gpuws.model.timeline import Series, Timeline, upto


def line(*values, ended_at=100.0, hold=0, step=10.0):
    series = Series(values, values, tuple(int(value is not None) for value in values))
    return Timeline(step, ended_at, hold, {"load": series})


@pytest.mark.parametrize(
    ("now", "means"),
    [
        (105.0, (None, None, 1.0, 2.0)),
        (115.0, (None, 1.0, 2.0, None)),
        (135.0, (2.0, None, None, None)),
        (500.0, (None,) * 4),
        (95.0, (None, None, 1.0, 2.0)),  # its clock is a little behind
    ],
)
def test_the_right_edge_is_now(now, means):
    found = upto(line(1.0, 2.0), "load", 40.0, now)
    assert found.means == means
    assert found.counts == tuple(int(value is not None) for value in means)


def test_only_what_is_asked_for_is_there():
    assert upto(line(1.0, 2.0, 3.0), "load", 20.0, 105.0).means == (2.0, 3.0)
    assert upto(line(1.0, 2.0, 3.0), "load", 20.0, 105.0).mean == 2.5
    assert upto(line(1.0), "other", 20.0, 105.0).means == (None, None)
    assert upto(Timeline(10.0, 0.0), "load", 20.0, 105.0).peak is None


def test_the_mean_is_of_samples_not_of_steps():
    assert Series((10.0, None, 40.0), (10.0, None, 90.0), (3, 0, 1)).mean == 17.5
    assert Series().mean is None


@pytest.mark.parametrize(
    ("hold", "means"),
    [
        (0, (1.0, None, 2.0, None, None, None, 3.0, None, None)),
        (1, (1.0, 1.0, 2.0, None, None, None, 3.0, None, None)),
        (2, (1.0, 1.0, 2.0, None, None, None, 3.0, 3.0, 3.0)),
        (3, (1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0)),
    ],
)
def test_steps_between_two_samples_are_held_for_as_long_as_samples_may_take(hold, means):
    known = line(1.0, None, 2.0, None, None, None, 3.0, hold=hold)
    assert upto(known, "load", 90.0, 125.0).means == means
