"""Seven days of eight machines with eight GPUs, by the second known and compressed: what a report says of them."""

from __future__ import annotations

import pytest

from gpuws.history.store import Store
from gpuws.model.history.report import Report, report
from gpuws.model.history.tally import Tally
from tests.history.simulated import BEGIN, Fleet

DAY = 86400.0


def told(fleet: Fleet, path, pace: float, keep="all", by="user") -> Report:
    """By the road of the keeper: readings, sums, the file every minute or so, the report."""
    tally, store, written = Tally(), Store(path / "history.sqlite3"), BEGIN
    for snapshot in fleet.snapshots(pace):
        tally.add(snapshot, keep)
        if snapshot.updated_at - written >= 3600:
            store.write(tally.take(), snapshot.updated_at)
            written = snapshot.updated_at
    store.write(tally.take(), fleet.end)
    return report(store.read(BEGIN, fleet.end), BEGIN, fleet.end, by, names=True)


def check(fleet: Fleet, found: Report) -> None:
    truth = fleet.truth()
    assert {row.whose.name or "alice" for row in found.rows} == set(truth) - {""}
    for row in found.rows:
        whose = truth["alice" if row.whose.kind == "me" else row.whose.name]
        assert row.held.seconds == pytest.approx(whose["held"], rel=0.02)
        assert row.held.used == pytest.approx(whose["used"], rel=0.02)
        assert row.held.joules == pytest.approx(whose["joules"], rel=0.02)
        assert row.held.idle == pytest.approx(whose["idle"], rel=0.02)
        assert row.held.load / row.held.measured == pytest.approx(80 * whose["used"] / whose["held"], rel=0.02)
    assert found.free == pytest.approx(truth[""]["held"], rel=0.02)
    gaps = {host: [gap for gap in found.gaps if gap.host == host] for host in fleet.names()}
    for host, expected in fleet.gaps.items():
        assert len(gaps[host]) == len(expected)
        for gap, (since, until) in zip(gaps[host], expected, strict=True):
            assert (gap.since, gap.until) == (pytest.approx(since, abs=60), pytest.approx(until, abs=60))


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_a_week_of_64_gpus_is_told_within_two_percent_and_its_gaps_to_the_minute(tmp_path):
    fleet = Fleet(8, 8, 7 * DAY)
    check(fleet, told(fleet, tmp_path, 60.0))


@pytest.mark.parametrize("counters", [True, False])
def test_a_day_of_two_machines(tmp_path, counters):
    fleet = Fleet(2, 3, DAY, counters=counters)
    check(fleet, told(fleet, tmp_path, 20.0))
