"""An hour of each GPU: means over steps, gaps as gaps, and no more memory than that."""

from gpuws.fleet.history import MOST_GPUS, STEP, STEPS, TREND, History
from gpuws.model.gpu.reading import GpuReading, HostReading


def fill(history, values, start=0.0, uuid="GPU-0"):
    """One value a step."""
    for number, value in enumerate(values):
        history.note(uuid, start + number * STEP, value, memory=100, power=50.0)


def test_readings_of_one_step_become_their_mean():
    history = History()
    for second, load in enumerate((10.0, 20.0, None, 60.0)):
        gpu = GpuReading(0, "GPU-0", "A100", memory_used=second, utilization=load, power=None)
        history.add(HostReading(30.0 + second, "nvml", gpus=(gpu,)))
    [one] = history.read()
    assert (one.uuid, one.step, one.ended_at) == ("GPU-0", STEP, 33.0)
    assert (one.utilization, one.memory, one.power) == ((30.0,), (2,), (None,))


def test_a_gap_is_none():
    history = History()
    history.note("GPU-0", 0.0, 10.0)
    history.note("GPU-0", 3 * STEP, 20.0)
    assert history.read()[0].utilization == (10.0, None, None, 20.0)


def test_a_trend_has_whole_steps_only_and_stays_until_there_is_another():
    history = History()
    history.note("GPU-0", 0.0, 10.0)
    assert history.trends()["GPU-0"] == ()
    history.note("GPU-0", STEP, 90.4)
    before = history.trends()["GPU-0"]
    assert before == (*(None,) * (TREND - 1), 10)
    history.note("GPU-0", STEP + 5, 0.0)
    assert history.trends()["GPU-0"] is before
    history.note("GPU-0", 2 * STEP, 1.0)
    assert history.trends()["GPU-0"][-2:] == (10, 45)


def test_a_trend_forgets_what_is_older_than_five_minutes():
    history = History()
    fill(history, range(50))
    assert history.trends()["GPU-0"] == tuple(range(49 - TREND, 49))
    history.note("GPU-0", 500 * STEP, 1.0)
    assert history.trends()["GPU-0"] == ()


def test_an_hour_is_kept():
    history = History()
    fill(history, range(STEPS + 100))
    [one] = history.read()
    assert one.utilization == tuple(float(n) for n in range(100, STEPS + 100))
    history.note("GPU-0", (STEPS + 100 + STEPS) * STEP, 7.0)
    assert history.read()[0].utilization == (*(None,) * (STEPS - 1), 7.0)


def test_a_clock_put_back_takes_what_was_later_with_it():
    history = History()
    fill(history, (1, 2, 3, 4))
    history.note("GPU-0", STEP, 8.0)
    assert history.read()[0].utilization == (1.0, 5.0)


def test_a_host_that_invents_gpus_costs_a_bounded_amount():
    history = History()
    history.note("GPU-first", 0.0, 1.0)
    for number in range(3 * MOST_GPUS):
        history.note(f"GPU-{number}", float(number), 1.0)
    assert len(history.read()) == MOST_GPUS
    assert "GPU-first" not in history.trends()
