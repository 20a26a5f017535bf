"""Faults that the driver tells an ordinary user, on the simulated NVML; and how they go with the kernel's log."""

import ctypes
import time
from types import SimpleNamespace

import pytest

from gpuws.model.gpu.reading import FaultSources, Throttled, Xid
from gpuws.probe.agent.faults import events, sources, throttling
from tests.probe.drivers import HEADER, gpu

INTERVAL = 0.5
LISTENED = {"event_types": 0x1F | 0x200}


@pytest.fixture
def closed(monkeypatch):
    """The kernel's log is not for this user, wherever these tests run."""
    from gpuws.probe import bootstrap

    shut = bootstrap._agent("faults.kernel_log").replace('"/dev/kmsg"', '"/nonexistent"').replace("/log/journal", "/no")
    sent = bootstrap._agent
    monkeypatch.setattr(bootstrap, "_agent", lambda name: shut if name == "faults.kernel_log" else sent(name))
    bootstrap._modules.cache_clear()
    yield
    bootstrap._modules.cache_clear()


def test_a_fault_is_told_with_the_next_sample(nvml, watch, closed):
    nvml.write(HEADER + gpu(0, **LISTENED, events="1:8:31") + gpu(1, **LISTENED))
    watched = watch(nvml.env, interval=INTERVAL)
    heard = watched.reading(lambda reading: reading.faults)
    assert (heard.xids, heard.faults.log, heard.faults.why) == ((), False, "")  # that was before anybody listened
    assert 0 <= time.time() - heard.faults.since < 30
    began = time.time()
    nvml.write(HEADER + gpu(0, **LISTENED, events="1:8:31") + gpu(1, **LISTENED, events="2:8:13:3, 3:2:0, 4:16:0"))
    told = watched.reading(lambda reading: reading.xids)
    assert time.time() - began < INTERVAL + 1
    assert [(xid.number, xid.bus_id, xid.text) for xid in told.xids] == [
        (13, "0000:20:00.0", "on GPU instance 3"),
        (None, "0000:20:00.0", "uncorrected memory error (ECC)"),
    ]
    assert all(abs(xid.at - began) < INTERVAL + 1 for xid in told.xids)
    assert watched.reading().xids == told.xids  # told once, and kept


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "not supported"),
        ({**LISTENED, "error": "RegisterEvents:NoPermission"}, "no permission"),
    ],
)
def test_where_neither_tells_it_says_why(nvml, watch, closed, fields, why):
    nvml.write(HEADER + gpu(0, **fields))
    reading = watch(nvml.env).reading(lambda reading: reading.faults)
    words = f"the kernel's log is closed to this login, and the driver tells no events: {why}"
    assert (reading.xids, reading.faults) == (None, FaultSources(why=words))
    assert reading.gpus[0].health == "ok"


def test_without_gpus_nothing_is_missed(watch, closed):
    watched = watch()
    for _ in range(6):
        assert watched.reading().faults is None


@pytest.mark.parametrize("error", ["GpuIsLost", "Unknown", "NotSupported"])
def test_a_wait_that_fails_costs_nothing_else(step, error):
    for turn in (0, 1):
        _, found = step(f"error = EventSetWait:{error}\n" + gpu(0, **LISTENED, events=f"{turn}:8:31"), turn=turn)
        assert [row["health"] for row in found["gpus"]] == ["ok"]


def test_a_gpu_that_was_away_is_listened_to_again():
    asked = []

    library = SimpleNamespace(
        NVMLError=type("NVMLError", (Exception,), {}),
        nvmlEventSetCreate=lambda: "set",
        nvmlDeviceRegisterEvents=lambda handle, types, place: asked.append((handle.value, types, place)),
    )
    fields = SimpleNamespace(ask=lambda name, handle: 0x1F)
    one = SimpleNamespace(handle=ctypes.c_void_p(1), gone=None, fields=fields)
    heard = events.Events()
    for gone in (None, None, "lost", None):
        one.gone = gone
        heard.listen(library, [one])
    assert asked == [(1, 0xA, "set")] * 2


LOGGED = {"number": 31, "bus_id": "0000:10:00.0", "text": "pid=7, MMU Fault", "at": 1000.0}
HEARD = {"number": 31, "bus_id": "0000:10:00.0", "text": "", "at": 1002.0}


@pytest.mark.parametrize(
    ("logged", "told"),
    [
        (LOGGED, [LOGGED]),
        ({**LOGGED, "at": None}, [{**LOGGED, "at": None}]),
        ({**LOGGED, "at": 900.0}, [{**LOGGED, "at": 900.0}, HEARD]),
        ({**LOGGED, "number": 13}, [{**LOGGED, "number": 13}, HEARD]),
        ({**LOGGED, "bus_id": "0000:20:00.0"}, [{**LOGGED, "bus_id": "0000:20:00.0"}, HEARD]),
    ],
)
def test_the_log_says_more_about_the_same(logged, told):
    assert sources.merged([logged], [(1000.5, HEARD)]) == told


def test_the_newest_are_kept():
    heard = [(0.0, {**HEARD, "at": float(at), "number": at}) for at in range(30)]
    assert [fault["number"] for fault in sources.merged([], heard)] == list(range(10, 30))


def test_how_long_clocks_were_held_in_the_last_hour(monkeypatch):
    at, told = [0.0], {"power": 5.0, "heat": 0.0}
    fields = SimpleNamespace(
        ask=lambda name, handle, policy: SimpleNamespace(violationTime=list(told.values())[policy] * 1e9)
    )
    monkeypatch.setattr(throttling.time, "monotonic", lambda: at[0])
    one = throttling.Throttling(fields)
    assert one.read("handle") is None
    for _ in range(90):
        at[0] += 60
        told["power"] += 30
        told["heat"] += 1
        found = one.read("handle")
    assert found == {"power": 1800.0, "heat": 60.0, "seconds": 3600.0}
    told["power"] = 1.0  # the driver was loaded anew
    at[0] += 60
    assert one.read("handle") is None


def test_throttling_is_told_of_whole_gpus(step):
    told = [
        step(gpu(0, violation_power=power, violation_thermal=10_000), turn=turn)[1]["gpus"][0]["throttled"]
        for turn, power in ((0, 1000), (1, 9000), (30, 4500))
    ]
    assert told[:2] == [None, None]  # one reading tells nothing
    assert (told[2]["power"], told[2]["heat"]) == (3.5, 0.0)
    [row] = step(gpu(1), turn=0)[1]["gpus"]
    assert row["throttled"] is None


def test_they_come_as_values_of_the_model(nvml, watch):
    from gpuws.probe.parse import parse_reading

    sent = {"seconds": 60.0, "power": 3.0, "heat": None}
    row = {"index": 0, "uuid": "GPU-00000000-0000-0000-0000-000000000000", "throttled": sent}
    faults = {"log": True, "since": 5, "why": None}
    xids = [{"number": None, "bus_id": "0000:10:00.0", "text": "GPU unavailable", "at": 1}, {"bus_id": "x"}, 7]
    reading = parse_reading({"gpus": [row], "faults": faults, "xids": xids}, 0.0)
    assert reading.gpus[0].throttled == Throttled(60.0, 3.0, None)
    assert reading.faults == FaultSources(True, 5.0, "")
    assert reading.xids == (Xid(None, "0000:10:00.0", "GPU unavailable", 1.0),)
