"""What counts looks in a row counts them by time, however often a host is read."""

from gpuws.model.host.pace import another_look


def counted(times):
    """Which of these readings count as looks in a row."""
    found = []
    for at in times:
        if another_look(at, found[-1] if found else None):
            found.append(at)
    return found


def test_readings_that_follow_each_other_sooner_are_one_look():
    assert counted([0.0, 2.0, 4.1, 5.9]) == [0.0, 2.0, 4.1, 5.9]
    assert counted([0.0, 1.0, 2.0, 3.0, 4.0]) == [0.0, 2.0, 4.0]
    assert counted([100.0, 90.0]) == [100.0, 90.0]  # the clock was put back
    assert not another_look(None, None)
