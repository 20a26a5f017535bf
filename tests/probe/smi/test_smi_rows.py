"""Lines of nvidia-smi as real machines print them, and as they must not hurt."""

import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.gpu.fault import Fault
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import join_gpus
from gpuws.model.text import plain
from gpuws.probe.smi import rows
from gpuws.probe.smi.picture import Picture
from gpuws.probe.smi.script import FULL, MARK, MINIMAL, describe_argv
from tests.probe.test_probe_parse import texts

WHY = Fault("no-python", "no python3 found on the host")
GB10 = (
    "2026/11/21 08:00:00.000, 1, 0, GPU-11111111-2222-3333-4444-555555555555, NVIDIA GB10, 0000000F:01:00.0, "
    "580.95.05, [N/A], [N/A], 12, 48, 11.90, [N/A], [N/A], Enabled, [N/A]"
)
LOST = GB10.replace("12, 48, 11.90", "[GPU is lost], [GPU is lost], [GPU is lost]")
HOST = f"{MARK} host 0.5|1000|400|10 0 10 80 0 0 0"


def shown(*lines, now=1.0):
    picture = Picture(WHY, 2.0, 0.0)
    for line in (f"{MARK} start nvidia-smi", HOST, *lines):
        picture.feed(line, now)
    return picture.reading(now, now)


def test_memory_that_is_the_hosts():
    [row] = shown(GB10).gpus
    assert (row.unified, row.memory_used, row.memory_total) == (True, 600 << 10, 1000 << 10)
    assert (row.health, row.utilization, row.power_limit, row.fan) == ("ok", 12.0, None, None)
    assert row.bus_id == "000f:01:00.0"


def test_memory_that_is_as_large_as_the_machines_is_the_machines():
    large = HOST.replace("1000|400", f"{128 << 20}|{64 << 20}")  # KiB
    [row] = shown(large, GB10.replace("[N/A], [N/A], 12", f"50000, {128 << 10}, 12")).gpus
    assert (row.unified, row.memory_used, row.memory_total) == (True, 64 << 30, 128 << 30)


VGPU = (  # a guest is told neither heat nor power nor fan, and its list of processes is empty
    "2026/11/21 08:00:00.000, 1, 0, GPU-11111111-2222-3333-4444-555555555555, NVIDIA A40-48Q, 00000000:02:00.0, "
    "550.54.15, USED, 49152, 0, [N/A], [N/A], [N/A], [N/A], Enabled, [N/A]"
)
WSL = (  # of a process neither its memory is told, nor a pid that is one here
    "2026/11/21 08:00:00.000, 1, 0, GPU-11111111-2222-3333-4444-555555555555, NVIDIA GeForce RTX 3070, "
    "00000000:09:00.0, 526.98, 2880, 8192, 7, 56, 34.00, 240.00, 0, Enabled, [N/A]"
)


@pytest.mark.parametrize(("used", "state", "reason"), [("3057", "held", "memory in use by nobody visible"),
                                                       ("560", "free", "")])  # fmt: skip
def test_a_guests_part_of_a_gpu(used, state, reason):
    reading = shown(VGPU.replace("USED", used), f"{MARK} listed 0")
    [row] = reading.gpus
    assert (row.name, row.memory_total, row.utilization, row.mig) == ("NVIDIA A40-48Q", 48 << 30, 0.0, None)
    assert (row.temperature, row.power, row.power_limit, row.fan) == (None, None, None, None)
    assert (row.health, row.unified, row.gaps) == ("ok", False, ())
    [gpu] = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert (gpu.availability.state, gpu.availability.reason) == (state, reason)


@pytest.mark.parametrize("memory", ["[N/A]", "[Not Found]", "[Insufficient Permissions]"])
def test_windows_lists_processes_without_their_memory(memory):
    uuid = "GPU-11111111-2222-3333-4444-555555555555"
    reading = shown(WSL, f"2026/11/21 08:00:00.000, {uuid}, 2936, {memory}", f"{MARK} listed 0")
    [process] = reading.processes
    assert (process.pid, process.memory, process.user, process.command) == (2936, None, None, None)
    [gpu] = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert (gpu.availability.state, gpu.memory_used) == ("held", 2880 << 20)


def test_windows_may_list_none():
    reading = shown(WSL, f"{MARK} listed 0")
    [gpu] = join_gpus(reading.gpus, reading.processes, (), Me("ada"))
    assert (gpu.availability.state, gpu.availability.reason) == ("held", "memory in use by nobody visible")


H200 = GB10.replace("[N/A], [N/A], 12", "USED, 143771, 0").replace("GB10", "H200")
TRAINS = "2026/11/21 08:00:00.000, GPU-11111111-2222-3333-4444-555555555555, 7, 28672"
LISTED = f"{MARK} listed 0"


@pytest.mark.parametrize(
    ("lines", "pids"),
    [
        ((H200.replace("USED", "29000"), TRAINS, LISTED), [7]),
        ((H200.replace("USED", "29000"), TRAINS, LISTED, H200.replace("USED", "0")), []),  # it has ended
        ((H200.replace("USED", "0"), TRAINS, LISTED), [7]),  # it has begun
        ((GB10, TRAINS, LISTED, GB10), [7]),  # the machine's memory tells nothing
    ],
)
def test_one_reading_does_not_name_a_holder_of_memory_that_is_free(lines, pids):
    assert [process.pid for process in shown(*lines).processes] == pids


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (H200.replace("USED", "0"), "free"),
        (H200.replace("USED, 143771, 0", "0, 143771, [N/A]"), "free"),
        (H200.replace("USED, 143771, 0", "[Insufficient Permissions], [Insufficient Permissions], 0"), "unknown"),
        (H200.replace("USED, 143771, 0", "0, 143771, [Insufficient Permissions]"), "unknown"),
        (H200.replace("USED, 143771, 0", "0, 143771, [Unknown Error]"), "unknown"),
        (H200.replace("USED, 143771, 0", "0, 143771, 100"), "unknown"),
        (H200.replace("USED", "61000"), "held"),
        (GB10.replace("12, 48", "0, 48"), "free"),
        (GB10.replace("12, 48", "[N/A], 48"), "unknown"),  # a Jetson, which lists no processes either
    ],
)
def test_what_nvidia_smi_does_not_tell_is_not_free(line, state):
    for lines, found in (((line, LISTED), state), ((line,), "held" if state == "held" else "unknown")):
        reading = shown(*lines)
        [row] = join_gpus(reading.gpus, reading.processes, [], Me("alice"))
        assert row.availability.state == found


class Noted(dict[str, str]):
    """Remembers what it was asked for."""

    def __init__(self, row):
        super().__init__(row)
        self.asked = set()

    def __getitem__(self, key):
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        self.asked.add(key)
        return super().get(key, default)


def test_nvidia_smi_is_asked_for_what_a_row_is_made_of():
    found = Noted(zip(FULL, (part.strip() for part in H200.replace("USED", "0").split(",")), strict=True))
    rows.gpu_row(found, 0, (None, None))
    assert found.asked == {*FULL} - {"timestamp", "count"}


def test_a_lost_gpu():
    [row] = shown(LOST).gpus
    assert (row.health, row.unified, row.memory_total, row.error) == ("lost", False, None, rows.LOST_REASON)


@pytest.mark.parametrize(
    "word",
    [
        "[N/A]",
        "N/A",
        "[Not Supported]",
        "[Unknown Error]",
        "[Insufficient Permissions]",
        "[Not Found]",
        "",
        "1e",
        "ERR!",
    ],
)
def test_words_for_what_is_missing(word):
    fields = dict(zip(FULL, (part.strip() for part in GB10.split(",")), strict=True))
    fields |= {"memory.used": "5", "memory.total": "10", "power.draw": word, "fan.speed": word, "utilization.gpu": word}
    [row] = shown(", ".join(fields.values())).gpus
    assert (row.health, row.power, row.fan, row.utilization) == ("ok", None, None, None)
    assert row.memory_used == 5 << 20


def test_a_gpu_that_says_nothing_but_errors_is_lost():
    assert shown(GB10.replace("[N/A], [N/A], 12", "[Unknown Error], 1, [Unknown Error]")).gpus[0].health == "lost"


def test_an_answer_of_six_seconds_is_not_a_hang():
    picture = Picture(WHY, 2.0, 0.0)
    picture.feed(f"{MARK} start nvidia-smi", 0.0)
    picture.feed(HOST, 5.9)
    assert picture.reading(5.9, 5.9).error == Fault("starting", "waiting for nvidia-smi, which takes long to start")
    assert picture.feed(GB10, 6.0)
    assert not picture.feed(HOST, 7.9)  # it was told a moment ago
    assert picture.feed(HOST, 9.9)
    assert picture.reading(9.9, 9.9).coverage == "waiting"  # who runs on it is not told yet
    picture.feed(f"{MARK} listed 0", 10.0)
    assert picture.reading(11.9, 11.9).source == "nvidia-smi"
    assert picture.reading(11.9, 11.9).coverage == "read"
    assert "not responding for 16 s" in picture.reading(22.0, 22.0).error.text


def test_a_list_of_processes_that_never_ends_holds_up_no_longer_than_a_hang():
    picture = Picture(WHY, 2.0, 0.0)
    for line in (f"{MARK} start nvidia-smi", GB10):
        picture.feed(line, 1.0)
    assert picture.reading(14.0, 14.0).coverage == "waiting"
    picture.feed(GB10, 16.0)
    assert picture.reading(16.0, 16.0).coverage == "read"


def test_gpus_behind_one_that_broke_the_list_are_not_told_yet():
    picture = Picture(WHY, 2.0, 0.0)
    two = GB10.replace(".000, 1, 0,", ".000, 2, 0,")
    for line in (f"{MARK} start nvidia-smi", two, f"{MARK} listed 0", f"{MARK} fewer"):
        picture.feed(line, 1.0)
    assert picture.reading(1.0, 1.0).gpus
    assert picture.reading(1.0, 1.0).coverage == "waiting"


def test_a_lost_gpu_keeps_its_name_where_it_sits():
    picture = Picture(WHY, 2.0, 0.0)
    lost = ", ".join("0000000F:01:00.0" if field == "pci.bus_id" else "[GPU is lost]" for field in FULL)
    for line in (f"{MARK} start nvidia-smi", GB10, lost, lost):
        picture.feed(line, 1.0)
    [row] = picture.reading(1.0, 1.0).gpus
    assert (row.health, row.uuid, row.name) == ("lost", "GPU-11111111-2222-3333-4444-555555555555", "NVIDIA GB10")


def test_sixteen_gpus():
    lines = [
        GB10.replace(", 1, 0, GPU-11111111", f", 16, {index}, GPU-{index:08d}").replace("[N/A], [N/A], 12", "1, 2, 12")
        for index in range(16)
    ]
    assert [row.index for row in shown(*lines).gpus] == list(range(16))


words = st.sampled_from(
    [GB10, LOST, HOST, f"{MARK} gpu a|b|c", f"{MARK} round", f"{MARK} fewer", f"{MARK} single", "0x"]
)
field = (
    st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["[N/A]", "GPU-11111111-2222", "\x1b[2J", "9" * 40])
)
line = (
    words
    | st.text(max_size=60)
    | st.lists(field, min_size=len(MINIMAL), max_size=len(MINIMAL)).map(", ".join)
    | st.lists(field, min_size=len(FULL), max_size=len(FULL)).map(", ".join)
    | st.lists(field, min_size=4, max_size=4).map(", ".join)
    | st.lists(field, max_size=5).map(lambda parts: f"{MARK} host " + "|".join(parts))
    | st.lists(field, max_size=5).map(lambda parts: f"{MARK} gpu " + "|".join(parts))
)


@given(st.lists(line, max_size=30))
def test_any_lines_never_raise(lines):
    reading = shown(*lines)
    assert all(plain(text, 5000) == text for text in texts(reading))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_description_never_raises(told, listing):
    rows.described(told, 0.0)
    rows.instances(listing)


def test_a_flood_of_gpus_and_processes_is_cut():
    picture = Picture(WHY, 2.0, 0.0)
    picture.feed(f"{MARK} start nvidia-smi", 0.0)
    for number in range(5000):
        uuid = f"GPU-{number:08d}-0000-0000-0000-000000000000"
        picture.feed(GB10.replace("GPU-11111111-2222-3333-4444-555555555555", uuid), 0.0)
        picture.feed(f"2026/11/21 08:00:00.000, {uuid}, {number + 1}, 5", 0.0)
        picture.feed(f"{MARK} gpu x|{uuid}|y", 0.0)
    reading = picture.reading(0.0, 0.0)
    assert len(reading.gpus) <= 64
    assert len(reading.processes) <= 2048
    assert len(picture._shown) <= 64


def test_a_process_is_described_where_there_is_no_ps(tmp_path):
    for name in ("sh", "stat", "head", "tr"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        describe_argv([os.getpid()]), env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    pid, row = rows.described(done.stdout.partition(" pid ")[2].strip(), 100.0)
    assert (pid, row["uid"], row["started_at"]) == (os.getpid(), os.getuid(), None)
    assert sys.executable in row["command"]


def test_a_process_is_described_in_full_however_narrow_its_terminal_was():
    argv = [sys.executable, "-c", "input()", "x" * 300]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as child:
        env = {**os.environ, "COLUMNS": "40"}
        done = subprocess.run(describe_argv([child.pid]), env=env, capture_output=True, text=True, check=True)
        child.communicate(b"\n")
    assert rows.described(done.stdout.partition(" pid ")[2].strip(), 100.0)[1]["command"].endswith("x" * 300)
