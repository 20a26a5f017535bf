"""The last hour in memory: means and peaks of samples over steps, gaps as gaps, and no more memory than that."""

from gpuws.fleet.history import HOST, MOST, OF_GPU, STEP, STEPS, TREND, History
from gpuws.model.gpu.reading import GpuDetail, GpuReading, HostReading, ProcessReading
from gpuws.model.timeline import SECONDS, Subject

GPU = Subject("GPU-0")
HOUR = round(SECONDS["1h"] / STEP)


def note(history, at, utilization, subject=GPU, **more):
    history.note(subject, at, {"utilization": utilization, **more})


def fill(history, values):
    """One value a step."""
    for number, value in enumerate(values):
        note(history, number * STEP, value)


def load(history, window="1h", subject=GPU):
    return history.read(subject, window).of("utilization")


def reading(at, **more):
    return HostReading(at, "nvml", gpus=(GpuReading(0, "GPU-0", "A100", **more),))


def test_readings_of_one_step_become_their_mean_and_their_highest():
    history = History()
    for second, value in enumerate((10.0, 20.0, None, 60.0)):
        history.add(reading(30.0 + second, memory_used=second, utilization=value))
    found = history.read(GPU, "1h")
    assert (found.step, found.ended_at) == (STEP, 33.0)
    assert (load(history).means, load(history).peaks, load(history).counts) == ((30.0,), (60.0,), (3,))
    assert found.of("memory").peak == 3
    assert (found.of("power").mean, found.of("power").peak) == (None, None)


def test_the_peak_is_of_a_sample_and_not_of_a_mean():
    history = History()
    for second in range(150):
        note(history, float(second), 100.0 if second == 70 else 10.0)
    assert load(history).peak == 100.0
    assert max(load(history).means) < 20
    assert round(load(history).mean, 1) == round((149 * 10 + 100) / 150, 1)


def test_the_last_minutes_are_kept_more_finely():
    history = History()
    for second in range(0, 400, 2):
        note(history, float(second), float(second % 100))
    assert len(load(history, "5m").means) == round(SECONDS["5m"] / STEPS["5m"])
    assert set(load(history, "5m").counts) == {1}
    assert len(load(history).means) == 27


def test_the_host_and_its_processes_have_a_past_too():
    history = History()
    process = ProcessReading(7, "GPU-0", memory=5, utilization=40.0, cpu_percent=300.0, started_at=1.0)
    history.add(HostReading(30.0, processes=(process,), cpu_percent=12.0, load=1.5, memory_used=9))
    host, one = history.read(HOST, "5m"), history.read(Subject("GPU-0", 7, 1.0), "5m")
    assert [host.of(name).peak for name in ("cpu", "load", "memory")] == [12.0, 1.5, 9.0]
    assert [one.of(name).peak for name in ("memory", "utilization", "cpu")] == [5.0, 40.0, 300.0]
    assert history.read(Subject("GPU-0", 7, 2.0), "5m").series is None  # that pid is another process


def test_another_figure_is_another_row(monkeypatch):
    monkeypatch.setitem(OF_GPU, "pcie", lambda one: one.detail and one.detail.pcie_received)
    history = History()
    history.add(reading(30.0, detail=GpuDetail(pcie_received=7)))
    history.add(reading(32.0))  # it is read only while somebody looks
    found = history.read(GPU, "5m").of("pcie")
    assert (found.means, found.counts) == ((7.0, None), (1, 0))


def test_a_gap_is_none():
    history = History()
    note(history, 0.0, 10.0)
    note(history, 3 * STEP, 20.0)
    assert load(history).means == (10.0, None, None, 20.0)


def test_how_many_steps_may_lack_a_sample_depends_on_how_often_there_is_one():
    assert History(2.0).read(GPU, "5m").hold == 2
    assert History(2.0).read(GPU, "1h").hold == 0
    assert History(30.0).read(GPU, "1h").hold == 4


def test_a_trend_has_whole_steps_only_and_stays_until_there_is_another():
    history = History()
    note(history, 0.0, 10.0)
    assert history.trends()["GPU-0"] == ()
    note(history, STEP, 90.4)
    before = history.trends()["GPU-0"]
    assert before == (*(None,) * (TREND - 1), 10)
    note(history, STEP + 5, 0.0)
    assert history.trends()["GPU-0"] is before
    note(history, 2 * STEP, 1.0)
    assert history.trends()["GPU-0"][-2:] == (10, 45)


def test_a_trend_is_the_last_five_minutes_and_nothing_else():
    history = History()
    fill(history, range(50))
    assert history.trends()["GPU-0"] == tuple(range(49 - TREND, 49))
    note(history, 500 * STEP, 1.0)
    assert history.trends()["GPU-0"] == ()


def test_an_hour_is_kept():
    history = History()
    fill(history, range(HOUR + 100))
    assert load(history).means == tuple(float(value) for value in range(100, HOUR + 100))
    note(history, (HOUR + 100 + HOUR) * STEP, 7.0)
    assert load(history).means == (*(None,) * (HOUR - 1), 7.0)


def test_a_clock_that_is_put_back_starts_the_step_anew():
    history = History()
    fill(history, (1, 2, 3, 4))
    note(history, STEP, 8.0)
    assert load(history).means == (1.0, 5.0)
    note(history, 3 * STEP, 9.0)
    assert load(history).means == (1.0, 5.0, None, 9.0)


def test_the_one_not_seen_for_longest_is_forgotten():
    history = History()
    note(history, 0.0, 1.0, Subject("GPU-first"))
    for number in range(MOST):
        note(history, float(number), 1.0, Subject(f"GPU-{number}"))
    assert history.read(Subject("GPU-first"), "1h").series is None
    assert history.read(Subject("GPU-1"), "1h").series is not None


def test_what_was_not_seen_for_an_hour_is_forgotten():
    history = History()
    note(history, 0.0, 1.0, Subject("GPU-0", 7))
    history.add(reading(SECONDS["1h"] - 1))
    assert history.read(Subject("GPU-0", 7), "1h").series is not None
    history.add(reading(SECONDS["1h"]))
    assert history.read(Subject("GPU-0", 7), "1h").series is None
