"""AMD's GPUs, from what its tools replied on machines of public reports."""

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.errors import HostError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import Gap, HostReading
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import join_gpus
from gpuws.probe.amd import newer, older, script, values
from gpuws.probe.amd.supplement import NO_TOOL, AmdSupplement
from gpuws.probe.parse import parse_reading
from tests.probe.amd import replies
from tests.probe.local_place import LocalPlace

MIB = 1 << 20
LOADED = Fault("amd-driver", "AMD's driver is loaded: its GPUs are not read yet")


def read(metric=replies.METRIC, process=replies.PROCESS % 4242, listed=replies.LIST, static=replies.STATIC):
    found = newer.rows({"list": listed, "static": static, "metric": metric, "process": process})
    return parse_reading({**found, "source": "amd-smi", "coverage": "read"}, 1.0)


@pytest.mark.parametrize("metric", [replies.METRIC, replies.METRIC_7, replies.METRIC_WARNED])
def test_what_amd_smi_tells(metric):
    reading = read(metric)
    busy, mute = reading.gpus
    assert (reading.source, reading.driver) == ("amd-smi", "amdgpu 6.17.1-300.fc43.x86_64")
    assert (busy.index, busy.name, busy.vendor) == (0, "AMD Radeon AI PRO R9700", "amd")
    assert (busy.uuid, busy.bus_id, busy.numa_node) == ("76ff73a1-0000-1000-80a0-000000000001", "0000:03:00.0", 0)
    assert (busy.memory_used, busy.memory_total) == (20450 * MIB, 30576 * MIB)
    assert (busy.utilization, busy.memory_activity, busy.temperature) == (91.0, 66.0, 63.0)
    assert (busy.power, busy.power_limit, busy.fan, busy.gaps) == (231.0, 300.0, 49.8, ())
    [process] = reading.processes
    assert (process.pid, process.gpu_uuid, process.memory) == (4242, busy.uuid, 20_000_000_000)
    assert (mute.utilization, mute.power, mute.power_limit, mute.temperature, mute.fan) == (None,) * 5
    assert (mute.memory_used, mute.memory_total) == (None, 32768 * MIB)  # what it does not tell is not zero
    assert mute.gaps == (Gap("memory", newer.NOT_TOLD), Gap("utilization", newer.NOT_TOLD))
    shown = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert [gpu.availability.state for gpu in shown] == ["held", "unknown"]


def test_no_process_beside_work_is_one_that_may_not_be_seen():
    reading = read(process=replies.NOBODY)
    assert reading.gpus[0].gaps == (Gap("processes", newer.UNSEEN),)
    shown = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert [gpu.availability.state for gpu in shown] == ["held", "unknown"]  # by somebody unseen


def test_a_gpu_at_rest_is_free():
    rest = replies.METRIC.replace('"value": 91,', '"value": 0,').replace('"value": 20450', '"value": 28')
    shown = join_gpus(read(rest, replies.NOBODY).gpus[:1], (), (), Me("ada"))
    assert shown[0].free


def test_figures_without_the_rest():
    reading = read(listed="", static="", process="")
    assert [gpu.name for gpu in reading.gpus] == ["AMD GPU", "AMD GPU"]
    assert [gpu.uuid for gpu in reading.gpus] == ["AMD-0", "AMD-1"]
    assert Gap("processes", newer.NOT_TOLD) in reading.gpus[0].gaps
    assert read(metric="Traceback (most recent call last):").gpus[0].health == "error"


def test_what_rocm_smi_tells():
    reading = parse_reading({**older.rows(replies.ROCM), "source": "rocm-smi", "coverage": "read"}, 1.0)
    card, inside = reading.gpus
    assert (reading.source, reading.driver) == ("rocm-smi", "amdgpu 6.14.14")
    assert (card.name, card.uuid, card.bus_id) == ("AMD Radeon RX 7900 XTX", "AMD-0x1234", "0000:03:00.0")
    assert (card.memory_used, card.memory_total) == (3478065152, 25753026560)
    assert (card.utilization, card.temperature, card.power) == (18.0, 74.0, 87.0)
    assert (inside.uuid, inside.temperature, inside.power) == ("AMD-0000:47:00.0", 50.0, 0.014)
    assert reading.processes == ()  # one holds memory, and nobody says where
    assert card.gaps == inside.gaps == (Gap("processes", older.WHERE),)


def test_what_rocm_smi_tells_of_the_only_gpu():
    reading = parse_reading({**older.rows(replies.ROCM_OLD), "source": "rocm-smi", "coverage": "read"}, 1.0)
    [card] = reading.gpus
    assert (card.name, card.power, card.fan, card.gaps) == ("AMD Instinct MI250X", 402.0, 0.0, ())
    [process] = reading.processes
    assert (process.pid, process.command, process.memory, process.gpu_uuid) == (710898, "a, b", 17000000000, card.uuid)


document = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["N/A", "12", "MB", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["gpu", "gpu_data", "value", "unit", "usage", "mem_usage", "used_vram", "process_list", "process_info",
                 "pid", "card0", "system", "PID1", "PCI Bus", "GPU use (%)", "driver", "limit", "numa", "node"]
            ),
            inner, max_size=5,
        )
    ), max_leaves=20,
)  # fmt: skip


@given(document)
def test_any_document_never_raises(found):
    said = values.json.dumps(found)
    for made in (newer.rows(dict.fromkeys(("list", "static", "metric", "process"), said)), older.rows(said)):
        parse_reading({**made, "source": "amd-smi", "coverage": "read"}, 1.0)


def fake(folder, name, *cases):
    program = folder / name
    lines = "\n".join(f"{pattern}) cat <<'END'\n{reply}\nEND\n;;" for pattern, reply in cases)
    program.write_text(f'#!/bin/sh\ncase "$*" in\n{lines}\n*) exit 2;; esac\n')
    program.chmod(0o755)


@pytest.fixture
def place(tmp_path):
    made = LocalPlace({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    yield made
    made.close()


def test_over_the_wire_with_people(place, tmp_path, sleeper):
    fake(
        tmp_path, "amd-smi", ("list*", replies.LIST), ("static*", replies.STATIC), ('"metric --json"', replies.METRIC),
        ("process*", replies.PROCESS % sleeper.pid),
    )  # fmt: skip
    supplement = AmdSupplement(place)
    reading = supplement.look()
    assert reading.gpus[0].name == "AMD Radeon AI PRO R9700"
    [process] = reading.processes
    assert (process.pid, process.uid) == (sleeper.pid, os.getuid())
    assert process.command.endswith("train.py")
    assert "list" not in script.parts(place.run(script.argv(first=False), timeout=20).stdout.decode())
    assert supplement.look().gpus[0].uuid == reading.gpus[0].uuid  # though it is not asked for again


def test_the_older_tool_where_the_newer_is_not(place, tmp_path):
    fake(tmp_path, "rocm-smi", ("*--showpids*", replies.ROCM_OLD))
    reading = AmdSupplement(place).look()
    assert (reading.source, reading.coverage, len(reading.gpus)) == ("rocm-smi", "read", 1)


def test_no_tool_is_told(place):
    assert AmdSupplement(place).look().error == NO_TOOL
    assert AmdSupplement(place).look().coverage == "none"


def test_a_tool_that_fails_is_told(place, tmp_path):
    fake(tmp_path, "amd-smi")
    reading = AmdSupplement(place).look()
    assert (reading.coverage, reading.error) == ("failed", Fault("other", "amd-smi tells of no GPU"))


def test_in_the_readings_of_the_agent(place, tmp_path, monkeypatch):
    supplement, looked = AmdSupplement(place), threading.Event()

    def look():
        looked.set()
        raise HostError("gone")

    monkeypatch.setattr(supplement, "look", look)
    plain = HostReading(1.0, source="nvml", cpu_percent=5.0)
    assert supplement.joined(plain) is plain
    assert not looked.is_set()
    first = supplement.joined(HostReading(1.0, error=LOADED, coverage="failed", cpu_percent=5.0))
    assert first.coverage in ("waiting", "failed")
    assert looked.wait(5)
    supplement.close()
    supplement._thread.join(5)
    after = supplement.joined(HostReading(2.0, error=LOADED, coverage="failed", cpu_percent=6.0))
    assert (after.coverage, after.error, after.cpu_percent) == ("failed", Fault("other", "gone"), 6.0)
